"""Seven expressions as weights of face units, after the FACS descriptions of the prototypes (EMFACS).

A face unit is a morph target that moves one muscle group; most come as a left and a right one. Numbers in the comments
are FACS action units. The weights were tuned by eye and by no certified coder.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facemotion.demo.mesh import load_head
from facemotion.demo.texture import WRINKLES, smoothstep
from facemotion.expressions import EXPRESSIONS

__all__ = ["RECIPES", "Temper", "draw_delays", "mouth_opening", "onset", "peak_weights", "wrinkle_weights"]

RECIPES: dict[str, dict[str, float]] = {
    "anger": {  # 4 + 5 + 7 + 17 + 23 + 24
        "browDown": 1.15,
        "eyeWide": 0.3,
        "eyeSquint": 0.7,
        "mouthPress": 0.9,
        "mouthRollLower": 0.5,
        "mouthRollUpper": 0.45,
        "noseSneer": 0.25,
        "mouthShrugLower": 0.3,
        "mouthFrown": 0.25,
        "jawForward": 0.2,
    },
    "contempt": {  # 12 + 14, one side only
        "mouthDimpleLeft": 1.0,
        "mouthSmileLeft": 0.5,
        "mouthPressLeft": 0.4,
        "cheekSquintLeft": 0.2,
        "browDownLeft": 0.1,
    },
    "disgust": {  # 9 + 10 + 15 + 17
        "noseSneer": 1.0,
        "mouthUpperUp": 0.8,
        "mouthFrown": 0.55,
        "mouthShrugLower": 0.6,
        "mouthShrugUpper": 0.2,
        "cheekSquint": 0.4,
        "eyeSquint": 0.6,
        "browDown": 0.5,
    },
    "fear": {  # 1 + 2 + 4 + 5 + 7 + 20 + 26
        "browInnerUp": 1.0,
        "browOuterUp": 0.6,
        "browDown": 0.35,
        "eyeWide": 1.0,
        "mouthStretch": 1.0,
        "jawOpen": 0.22,
        "mouthLowerDown": 0.6,
        "mouthUpperUp": 0.2,
    },
    "happiness": {  # 6 + 12 + 25
        "mouthSmile": 1.1,
        "cheekSquint": 1.0,
        "eyeSquint": 0.35,
        "mouthUpperUp": 0.6,
        "mouthLowerDown": 0.35,
        "jawOpen": 0.12,
        "mouthDimple": 0.15,
    },
    "sadness": {  # 1 + 4 + 15 + 17
        "browInnerUp": 1.0,
        "browDown": 0.45,
        "mouthFrown": 1.0,
        "mouthShrugLower": 0.7,
        "eyeSquint": 0.1,
        "eyeBlink": 0.12,
        "mouthRollLower": 0.1,
    },
    "surprise": {  # 1 + 2 + 5 + 26 + 27
        "browInnerUp": 1.0,
        "browOuterUp": 1.0,
        "eyeWide": 1.0,
        "jawOpen": 0.75,
        "mouthFunnel": 0.25,
    },
}
"""Weight of each face unit at the peak; a name without side stands for both."""

if tuple(RECIPES) != EXPRESSIONS:
    raise RuntimeError("the recipes must be those of the canonical expressions, in their order")

ONSETS = {
    "brow": (0.0, 0.12),
    "eye": (0.02, 0.15),
    "cheek": (0.02, 0.15),
    "nose": (0.0, 0.15),
    "mouth": (0.0, 0.2),
    "jaw": (0.05, 0.25),
}
"""Earliest and latest onset of each region, as a share of the time from neutral to peak."""

_FOLDS: dict[str, dict[str, float]] = {
    "forehead": {"browInnerUp": 0.55, "browOuterUp": 0.55},
    "glabella": {"browDown": 1.0, "noseSneer": 0.2},
    "nose": {"noseSneer": 1.0},
    "nasolabial": {"mouthSmile": 0.8, "noseSneer": 0.8, "mouthUpperUp": 0.6, "mouthStretch": 0.3, "mouthDimple": 0.2},
    "crow's feet": {"cheekSquint": 0.9, "eyeSquint": 0.35, "noseSneer": 0.2},
    "chin": {"mouthShrugLower": 1.0},
    "mouth corner": {
        "mouthFrown": 0.9,
        "mouthDimple": 1.0,
        "mouthPress": 0.3,
        "mouthSmile": 0.3,
        "mouthStretch": 0.5,
    },
}
"""Which wrinkle deepens with which face unit."""

_OPENING = {"jawOpen": 1.6, "mouthLowerDown": 0.5, "mouthUpperUp": 0.35, "mouthStretch": 0.1, "mouthFunnel": 0.6}
_CLOSING = {"mouthPress": 0.6, "mouthRollLower": 0.4, "mouthShrugLower": 0.55, "mouthRollUpper": 0.3}


@dataclass(frozen=True)
class Temper:
    """How one person expresses.

    Attributes
    ----------
    strength : float
        Of all expressions.
    unit : dict of str to float
        Of each face unit.
    left, right : float
        Of each side.
    mirrored : bool
        Whether contempt shows on the right.
    """

    strength: float
    unit: Mapping[str, float]
    left: float
    right: float
    mirrored: bool

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Temper":
        """Draw a person's way of expressing."""
        units = {name: float(np.clip(rng.normal(1, 0.15), 0.6, 1.35)) for name in load_head().units}
        strength, left, right = (float(rng.uniform(*limits)) for limits in ((0.8, 1.1), (0.88, 1), (0.88, 1)))
        return cls(strength, units, left, right, bool(rng.random() < 0.5))


def peak_weights(expression: str, temper: Temper, *, intensity: float = 1.0) -> dict[str, float]:
    """Return the weight of each face unit (left and right apart) at the peak of an expression.

    Parameters
    ----------
    expression : str
        One of the seven.
    temper : Temper
        The person's way.
    intensity : float
        1 is full; 0 gives zeros.
    """
    known = set(load_head().units)
    weights = {}
    for name, weight in RECIPES[expression].items():
        for unit in [name] if name in known else [f"{name}Left", f"{name}Right"]:
            if temper.mirrored and expression == "contempt":
                unit = unit.replace("Left", "Right")
            side = temper.left if unit.endswith("Left") else temper.right if unit.endswith("Right") else 1.0
            weights[unit] = float(np.clip(weight * intensity * temper.strength * temper.unit[unit] * side, 0, 1.25))
    return weights


def onset(weights: Mapping[str, float], time: float, delays: Mapping[str, float]) -> dict[str, float]:
    """Return the weights at a time between neutral (0) and peak (1): each region starts with its own delay.

    Parameters
    ----------
    weights : mapping
        At the peak.
    time : float
        In [0, 1].
    delays : mapping of str to float
        Onset by region; see `ONSETS`.
    """
    out = {}
    for name, weight in weights.items():
        region = next((region for region in ONSETS if name.startswith(region)), "mouth")
        start = delays[region]
        out[name] = weight * float(smoothstep(start, min(1.0, start + 0.8), np.array(time)))
    return out


def draw_delays(rng: np.random.Generator) -> dict[str, float]:
    """Draw the onset of each region."""
    return {region: float(rng.uniform(*limits)) for region, limits in ONSETS.items()}


def _amount(weights: Mapping[str, float], unit: str) -> float:
    """Return the weight of a unit, the mean of its sides."""
    if unit in weights:
        return weights[unit]
    return (weights.get(f"{unit}Left", 0.0) + weights.get(f"{unit}Right", 0.0)) / 2


def wrinkle_weights(weights: Mapping[str, float]) -> NDArray[np.float32]:
    """Return how deep each wrinkle is, float32 of shape (7,), from the face units' weights."""
    depth = [sum(share * _amount(weights, unit) for unit, share in _FOLDS[name].items()) for name in WRINKLES]
    return np.minimum(np.array(depth, np.float32), np.float32(1.3))


def mouth_opening(weights: Mapping[str, float]) -> float:
    """Return how far the lips are apart: 0 closed, about 1 wide open."""
    opening = sum(share * _amount(weights, unit) for unit, share in _OPENING.items())
    closing = sum(share * _amount(weights, unit) for unit, share in _CLOSING.items())
    return max(0.0, opening - closing)
