"""Which wrinkle deepens with which face unit; where each lies is in `facemotion.demo.texture`."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from facemotion.demo.expression import sides
from facemotion.demo.texture import WRINKLES

__all__ = ["wrinkle_weights"]

_FOLDS: dict[str, dict[str, float]] = {
    "forehead": {"browInnerUp": 0.5, "browOuterUp": 0.4, "browForehead": 0.5},
    "glabella": {"browDown": 1.0, "noseSneer": 0.2},
    "nose": {"noseSneer": 1.0},
    "nasolabial": {
        "mouthSmile": 0.8,
        "noseSneer": 0.8,
        "mouthUpperUp": 0.6,
        "mouthStretch": 0.5,
        "mouthDimple": 0.6,
        "cheekFold": 0.7,
    },
    "crow's feet": {"cheekSquint": 0.9, "eyeSquint": 0.35, "noseSneer": 0.2},
    "chin": {"mouthShrugLower": 1.0, "chinBoss": 0.6},
    "mouth corner": {
        "mouthFrown": 0.9,
        "mouthDimple": 1.0,
        "mouthPress": 0.3,
        "mouthSmile": 0.3,
        "mouthStretch": 0.5,
    },
    "upper lid": {"browDown": 0.6, "eyeSquint": 0.4, "eyeBlink": -0.6, "browInnerUp": -0.4, "browOuterUp": -0.5},
    "lower lid": {"cheekSquint": 0.8, "eyeSquint": 0.6, "noseSneer": 0.3},
    "wing": {"noseFlare": 0.5, "noseSneer": 0.8, "mouthUpperUp": 0.4, "cheekFold": 0.4, "mouthSmile": 0.3},
}
"""A negative share smooths the skin."""
if tuple(_FOLDS) != WRINKLES:
    raise RuntimeError("the wrinkles must be those of the texture, in their order")
_DEEPEST = 1.3


def wrinkle_weights(weights: Mapping[str, float]) -> NDArray[np.float32]:
    """Return how deep each wrinkle is on the subject's left and right, from the face units' weights.

    Returns
    -------
    float32 array of shape (W, 2)
        In the order of `facemotion.demo.texture.WRINKLES`, at most 1.3, negative where skin is smoother than at rest.
    """
    depth = np.zeros((len(WRINKLES), 2), np.float32)
    for row, name in zip(depth, WRINKLES, strict=True):
        for unit, share in _FOLDS[name].items():
            row += np.float32(share) * np.array(sides(weights, unit), np.float32)
    return np.minimum(depth, np.float32(_DEEPEST))
