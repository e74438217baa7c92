"""What people do while they do nothing: they blink, glance, breathe, and hold head and face never quite still.

Everything is a function of a clock that runs through a sequence, so that a frame does not depend on which other frames
are rendered after it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Moment", "added", "clock", "living"]

Floats = NDArray[np.float64]

_HOLD = 0.02
"""Least time between two frames: life goes on while an expression is held."""
_TONES = {
    "eyeBlink": 0.04,
    "browInnerUp": 0.06,
    "browDown": 0.05,
    "noseFlare": 0.16,
    "mouthPress": 0.10,
    "mouthPucker": 0.08,
    "mouthShrugUpper": 0.10,
    "chinBoss": 0.15,
}
"""Deviation of the weights of face units that are never quite at rest; a name without side moves both sides alike."""
_SIDED = ("eyeBlink", "browDown", "noseFlare", "mouthPress")
_GAZE = (0.03, 0.02)
"""Deviation of the gaze, right and up, as tangents."""
_HEAD = (0.5, 0.6, 0.4, 1.2, 1.2)
"""Deviation of the head: yaw, pitch and roll in degrees, x and y in 150ths of a head unit."""
_BLINKS, _SHUT = 0.45, (0.14, 0.22)
"""Blinks per unit of the clock, which is about a second and a half: eighteen a minute; and how long one lasts."""
_WAVES, _SLOWEST, _FASTEST = 4, 0.15, 1.1
"""Waves that a wandering value is made of, and their frequencies per unit of the clock."""


@dataclass(frozen=True, eq=False)
class Moment:
    """What a resting person does in one frame.

    Attributes
    ----------
    weights : dict of str to float
        Face-unit weights to add; they may be negative.
    gaze : tuple of 2 floats
        Right and up, as tangents, to add to the gaze.
    head : float64 array of shape (5,)
        Movement of the head; see `facemotion.demo.scene.moved`.
    """

    weights: dict[str, float]
    gaze: tuple[float, float]
    head: Floats


def clock(times: Sequence[float]) -> Floats:
    """Return the moment of each frame, shape (n,): 0 for the first, and later by as much as the expression proceeds.

    Examples
    --------
    >>> clock([0.0, 0.5, 1.0, 1.0, 0.5]).tolist()
    [0.0, 0.5, 1.0, 1.02, 1.52]
    """
    steps = np.abs(np.diff(np.asarray(times, np.float64)))
    return np.concatenate([[0.0], np.cumsum(np.maximum(steps, _HOLD))])


def living(rng: np.random.Generator, times: Sequence[float]) -> list[Moment]:
    """Draw what a person does at rest through a sequence.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draw.
    times : sequence of float
        Of each frame; see `facemotion.demo.sequence.lab_sequence`. The first frame has open eyes.

    Returns
    -------
    list of Moment
        One a frame.
    """
    now = clock(times)
    tones = _wander(rng, now, len(_TONES)) * list(_TONES.values())
    gaze = _wander(rng, now, 2) * _GAZE
    head = _wander(rng, now, 5) * _HEAD
    shut = _blinks(rng, now)
    moments = []
    for number in range(len(now)):
        weights = {
            unit: float(tone)
            for name, tone in zip(_TONES, tones[number], strict=True)
            for unit in ([f"{name}Left", f"{name}Right"] if name in _SIDED else [name])
        }
        for unit in ("eyeBlinkLeft", "eyeBlinkRight"):
            weights[unit] += float(shut[number])
        moments.append(Moment(weights, (float(gaze[number, 0]), float(gaze[number, 1])), head[number]))
    return moments


def added(weights: Mapping[str, float], rest: Mapping[str, float]) -> dict[str, float]:
    """Return an expression's weights with those of a resting face on top; none is negative."""
    return {unit: max(0.0, weights.get(unit, 0.0) + rest.get(unit, 0.0)) for unit in dict.fromkeys((*weights, *rest))}


def _wander(rng: np.random.Generator, now: Floats, number: int) -> Floats:
    """Return smooth random values of unit deviation, shape (n, number): waves of random pace and phase."""
    pace = rng.uniform(_SLOWEST, _FASTEST, (number, _WAVES))
    phase = rng.uniform(0, 2 * np.pi, (number, _WAVES))
    return np.sin(2 * np.pi * pace * now[:, None, None] + phase).sum(axis=-1) * np.sqrt(2 / _WAVES)


def _blinks(rng: np.random.Generator, now: Floats) -> Floats:
    """Return how far the lids are shut by blinks, shape (n,): they close fast and open slowly."""
    shut = np.zeros(len(now))
    start = 0.03 + rng.exponential(1 / _BLINKS)
    while start < now[-1]:
        length, depth = rng.uniform(*_SHUT), rng.uniform(0.75, 1.0)
        share = (now - start) / length
        pulse = np.where(share < 1 / 3, 3 * share, 1.5 * (1 - share))
        shut = np.maximum(shut, depth * np.clip(pulse, 0, 1))
        start += length + rng.exponential(1 / _BLINKS)
    return shut
