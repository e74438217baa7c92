"""Seven expressions as weights of face units, after the FACS descriptions of the prototypes (EMFACS).

A face unit is a morph target that moves one muscle group; most come as a left and a right one. Numbers in the comments
are FACS action units. The weights were tuned by eye and by no certified coder.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from facemotion.demo.action_units import SCULPTED
from facemotion.demo.mesh import load_head
from facemotion.demo.texture import smoothstep
from facemotion.expressions import EXPRESSIONS

__all__ = ["RECIPES", "Temper", "draw_delays", "mouth_opening", "onset", "peak_weights", "sides"]

RECIPES: dict[str, dict[str, float]] = {
    "anger": {  # 4 + 5 + 7 + 17 + 23 + 24, nostrils 38
        "browDown": 1.1,
        "eyeWide": 0.1,
        "eyeSquint": 0.3,
        "noseFlare": 1.2,
        "noseSneer": 0.3,
        "mouthPress": 1.0,
        "mouthRollLower": 0.5,
        "mouthRollUpper": 0.55,
        "mouthShrugLower": 0.9,
        "mouthFrown": 0.15,
        "chinBoss": 1.35,
        "jawForward": 0.2,
    },
    "contempt": {  # 12 + 14, one side only; chin 17
        "mouthDimpleLeft": 1.3,
        "mouthSmileLeft": 0.8,
        "mouthPressLeft": 0.9,
        "mouthShrugLower": 0.5,
        "cheekFoldLeft": 1.2,
        "mouthUpperUpLeft": 0.65,
        "chinBoss": 1.3,
        "cheekSquintLeft": 0.15,
        "noseFlareLeft": 1.2,
    },
    "disgust": {  # 9 + 10 + 15 + 17
        "noseSneer": 1.1,
        "cheekFold": 0.5,
        "mouthUpperUp": 1.2,
        "mouthFrown": 0.55,
        "mouthShrugLower": 1.0,
        "mouthShrugUpper": 0.6,
        "chinBoss": 1.35,
        "cheekSquint": 0.1,
        "eyeSquint": 0.25,
        "browDown": 0.45,
    },
    "fear": {  # 1 + 2 + 4 + 5 + 20 + 25 + 26, nostrils 38
        "browInnerUp": 1.2,
        "browOuterUp": 1.2,
        "browDown": 0.45,
        "browForehead": 0.4,
        "eyeWide": 0.75,
        "noseFlare": 1.1,
        "mouthStretch": 1.0,
        "jawOpen": 0.17,
        "mouthLowerDown": 0.6,
        "mouthUpperUp": 0.6,
    },
    "happiness": {  # 6 + 12 + 25; the smile widens the nostrils
        "mouthSmile": 1.1,
        "cheekSquint": 0.5,
        "eyeSquint": 0.35,
        "noseFlare": 1.2,
        "mouthUpperUp": 0.5,
        "mouthLowerDown": 0.7,
        "jawOpen": 0.25,
        "mouthDimple": 0.15,
    },
    "sadness": {  # 1 + 4 + 11 + 15 + 17, nostrils 39
        "browInnerUp": 1.25,
        "browDown": 0.5,
        "browForehead": 1.0,
        "noseNarrow": 1.0,
        "cheekFold": 0.35,
        "mouthFrown": 1.15,
        "mouthShrugUpper": 0.8,
        "mouthShrugLower": 1.1,
        "chinBoss": 1.4,
        "mouthRollLower": 0.1,
    },
    "surprise": {  # 1 + 2 + 5 + 26 + 27; the falling jaw draws the nostrils down
        "browInnerUp": 1.25,
        "browOuterUp": 1.25,
        "browForehead": 1.4,
        "eyeWide": 1.3,
        "noseNarrow": 1.1,
        "jawOpen": 0.66,
        "mouthFunnel": 0.35,
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

_MOST = 1.4
"""Greatest weight of a face unit: beyond, skin would fold over itself."""
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
        shipped = [name for name in load_head().units if name not in SCULPTED]
        units = {name: float(np.clip(rng.normal(1, 0.15), 0.6, 1.35)) for name in shipped}
        strength, left, right = (float(rng.uniform(*limits)) for limits in ((0.8, 1.1), (0.88, 1), (0.88, 1)))
        mirrored = bool(rng.random() < 0.5)
        units |= {name: float(np.clip(rng.normal(1, 0.15), 0.6, 1.35)) for name in SCULPTED}
        return cls(strength, units, left, right, mirrored)


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
            weights[unit] = float(np.clip(weight * intensity * temper.strength * temper.unit[unit] * side, 0, _MOST))
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
    return sum(sides(weights, unit)) / 2


def sides(weights: Mapping[str, float], unit: str) -> tuple[float, float]:
    """Return the weight of a unit on the subject's left and right, whether it has two sides or one."""
    whole = weights.get(unit, 0.0)
    return whole + weights.get(f"{unit}Left", 0.0), whole + weights.get(f"{unit}Right", 0.0)


def mouth_opening(weights: Mapping[str, float]) -> float:
    """Return how far the lips are apart: 0 closed, about 1 wide open."""
    opening = sum(share * _amount(weights, unit) for unit, share in _OPENING.items())
    closing = sum(share * _amount(weights, unit) for unit, share in _CLOSING.items())
    return max(0.0, opening - closing)
