"""Speaking: a few shapes of the mouth one after the other, on top of an expression that rises and falls.

The shapes (visemes) are weights of face units, tuned by eye. What is said and when is one draw a sentence, so that two
clips of a sentence move alike; a person speaks a little faster or slower each time.
"""

from collections.abc import Iterator

import numpy as np

from facemotion.demo import camera, scene
from facemotion.demo.expression import peak_weights
from facemotion.demo.identity import build_subject
from facemotion.demo.render import render
from facemotion.demo.rest import added, living
from facemotion.demo.sequence import Frame
from facemotion.expressions import EXPRESSIONS

__all__ = ["VISEMES", "apex", "speaking_sequence", "spoken"]

VISEMES: dict[str, dict[str, float]] = {
    "ah": {"jawOpen": 0.55, "mouthLowerDownLeft": 0.3, "mouthLowerDownRight": 0.3},
    "oh": {"jawOpen": 0.3, "mouthFunnel": 0.8},
    "oo": {"mouthPucker": 0.9, "jawOpen": 0.08},
    "ee": {"mouthStretchLeft": 0.5, "mouthStretchRight": 0.5, "jawOpen": 0.1},
    "mm": {"mouthRollLower": 0.4, "mouthRollUpper": 0.4},
    "ff": {"mouthRollLower": 0.7, "mouthUpperUpLeft": 0.25, "mouthUpperUpRight": 0.25},
}
"""Weight of each face unit in six shapes: as in father, go, you, see, my and for."""
_SYLLABLES = 7
_SENTENCES, _CLIPS, _SCENES, _RESTS = 37, 41, 43, 47
"""First words of the seeds of sentences, clips, scenes and people at rest."""


def spoken(sentence: int, time: float) -> dict[str, float]:
    """Return the mouth's weights at a time in [0, 1] of a sentence; it begins and ends closed.

    Parameters
    ----------
    sentence : int
        Which one.
    time : float
        0 is the beginning, 1 the end.
    """
    rng = np.random.default_rng([_SENTENCES, sentence])
    order = [list(VISEMES)[place] for place in rng.integers(0, len(VISEMES), _SYLLABLES)]
    middles = (np.arange(_SYLLABLES) + 0.5 + rng.uniform(-0.2, 0.2, _SYLLABLES)) / _SYLLABLES
    found: dict[str, float] = {}
    for name, middle in zip(order, middles, strict=True):
        share = max(0.0, 1 - abs(time - middle) * _SYLLABLES * 1.2)
        for unit, weight in VISEMES[name].items():
            found[unit] = found.get(unit, 0.0) + share * weight
    return found


def apex(seed: list[int]) -> float:
    """Return the time at which an expression is strongest in a clip: anywhere but near its ends.

    Parameters
    ----------
    seed : list of int
        Of the demo, of the person, of the expression (its place in `facemotion.expressions.EXPRESSIONS`), and sentence.
    """
    return float(np.random.default_rng([_CLIPS, *seed]).uniform(0.25, 0.75))


def speaking_sequence(
    subject_seed: int,
    expression: str | None,
    sentence: int,
    frames: int,
    *,
    size: tuple[int, int],
    intensity: float = 1.0,
    seed: int = 0,
    glasses: bool = False,
) -> Iterator[Frame]:
    """Render a subject who says a sentence with an expression that rises and falls.

    Parameters
    ----------
    subject_seed : int
        The person; see `facemotion.demo.identity.build_subject`.
    expression : str or None
        One of the seven; None stays neutral.
    sentence : int
        What is said; clips of one sentence move the mouth alike.
    frames : int
        How many.
    size, intensity, seed, glasses
        As for `facemotion.demo.sequence.lab_sequence`.

    Yields
    ------
    Frame
        One a moment.
    """
    subject = build_subject(subject_seed, glasses=glasses)
    kind = EXPRESSIONS.index(expression) if expression else len(EXPRESSIONS)
    own = [seed, subject_seed, kind, sentence]
    rng = np.random.default_rng([_CLIPS, 1, *own])
    place = scene.relit(scene.lab_scene(np.random.default_rng([_SCENES, seed, subject_seed]), size), rng)
    peak = peak_weights(expression, subject.temper, intensity=intensity) if expression else {}
    times = np.linspace(0, 1, frames)
    at = apex(own)
    moments = living(np.random.default_rng([_RESTS, *own]), times.tolist())
    for time, rest in zip(times, moments, strict=True):
        share = float(np.exp(-(((time - at) / 0.18) ** 2)))
        weights = {unit: share * weight for unit, weight in peak.items()}
        weights = added(added(weights, spoken(sentence, float(time))), rest.weights)
        picture = render(subject, weights, scene.moved(place, rest.head, rest.gaze))
        yield Frame(camera.develop(picture.display, rng, blur=0.45 * size[1] / 320), picture.landmarks, weights)
