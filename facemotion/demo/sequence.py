"""Sequences: one subject going from neutral to the peak of one expression, as a laboratory would film it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facemotion.demo import camera, scene
from facemotion.demo.expression import draw_delays, onset, peak_weights
from facemotion.demo.identity import build_subject
from facemotion.demo.render import render
from facemotion.demo.rest import added, living
from facemotion.expressions import EXPRESSIONS

__all__ = ["Frame", "frame_times", "lab_sequence", "render_face", "wild_face"]

_SCENES, _SEQUENCES, _WILD, _RESTS = 11, 7, 13, 17
"""First words of the seeds of scenes, sequences, pictures in the wild and people at rest."""
_PEAK_TIMES = (0.84, 0.92, 1.0)
_INTENSITIES = (0.75, 1.1)
"""Least and greatest strength that a person shows at full intensity."""


@dataclass(frozen=True, eq=False)
class Frame:
    """A rendered frame.

    Attributes
    ----------
    image : uint8 array of shape (H, W, 3)
        RGB.
    landmarks : float32 array of shape (5, 2)
        (x, y) with pixel centres at whole numbers; see `facemotion.demo.render.Picture`.
    weights : dict of str to float
        The face units' weights: the expression's, and what the person does at rest.
    """

    image: NDArray[np.uint8]
    landmarks: NDArray[np.float32]
    weights: dict[str, float]


def frame_times(number: int) -> list[float]:
    """Return the times of `number` frames, at least four: 0 is neutral, 1 the peak, the last three lie near it.

    Examples
    --------
    >>> frame_times(4)
    [0.0, 0.84, 0.92, 1.0]
    """
    rise = np.linspace(0, _PEAK_TIMES[0], number - 2)[:-1]
    return [float(time) for time in (*rise, *_PEAK_TIMES)]


def lab_sequence(
    subject_seed: int,
    expression: str | None,
    times: list[float],
    *,
    size: tuple[int, int],
    intensity: float = 1.0,
    seed: int = 0,
    yaw: float = 0.0,
    glasses: bool = False,
) -> Iterator[Frame]:
    """Render a subject going through one expression in the laboratory.

    Parameters
    ----------
    subject_seed : int
        The person; see `facemotion.demo.identity.build_subject`.
    expression : str or None
        One of the seven; None stays neutral.
    times : list of float
        Of each frame, in [0, 1]: 0 is neutral, 1 the peak.
    size : tuple of int
        (height, width).
    intensity : float
        1 is full; the person's own strength comes on top, between 0.75 and 1.1.
    seed : int
        Seed of the scene, the timing and the noise.
    yaw : float
        Radians by which the camera stands to the side: what a second camera, in profile, sees of the same moments.
    glasses : bool
        Whether the person wears glasses.

    Yields
    ------
    Frame
        One a time.
    """
    subject = build_subject(subject_seed, glasses=glasses)
    kind = EXPRESSIONS.index(expression) if expression else len(EXPRESSIONS)
    rng = np.random.default_rng([_SEQUENCES, seed, subject_seed, kind])
    place = scene.lab_scene(np.random.default_rng([_SCENES, seed, subject_seed]), size)
    place = scene.seen_from(scene.relit(place, rng), yaw)
    delays = draw_delays(rng)
    strength = intensity * rng.uniform(*_INTENSITIES)
    peak = peak_weights(expression, subject.temper, intensity=strength) if expression else {}
    moments = living(np.random.default_rng([_RESTS, seed, subject_seed, kind]), times)
    for time, rest in zip(times, moments, strict=True):
        weights = added(onset(peak, time, delays), rest.weights)
        picture = render(subject, weights, scene.moved(place, rest.head, rest.gaze))
        yield Frame(camera.develop(picture.display, rng, blur=0.45 * size[1] / 320), picture.landmarks, weights)


def render_face(
    subject_seed: int,
    expression: str | None = None,
    *,
    intensity: float = 1.0,
    size: tuple[int, int] = (245, 320),
    seed: int = 0,
    glasses: bool = False,
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Render one face at the peak of an expression.

    Parameters
    ----------
    subject_seed, expression, intensity, size, seed, glasses
        As for `lab_sequence`.

    Returns
    -------
    image : uint8 array of shape (H, W, 3)
        RGB.
    landmarks : float32 array of shape (5, 2)
        (x, y): image-left eye, image-right eye, nose tip, image-left and image-right mouth corner.
    """
    (frame,) = lab_sequence(subject_seed, expression, [1.0], size=size, intensity=intensity, seed=seed, glasses=glasses)
    return frame.image, frame.landmarks


def wild_face(
    subject_seed: int,
    expression: str | None,
    *,
    size: tuple[int, int] = (300, 300),
    intensity: float = 1.0,
    seed: int = 0,
    glasses: bool = False,
) -> Frame:
    """Render one face as pictures on the web show them; see `facemotion.demo.scene.wild_scene`.

    Parameters
    ----------
    subject_seed, expression, size, intensity, seed, glasses
        As for `lab_sequence`.
    """
    subject = build_subject(subject_seed, glasses=glasses)
    kind = EXPRESSIONS.index(expression) if expression else len(EXPRESSIONS)
    rng = np.random.default_rng([_WILD, seed, subject_seed, kind])
    place = scene.wild_scene(rng, size)
    strength = intensity * rng.uniform(0.6, 1.1)
    weights = peak_weights(expression, subject.temper, intensity=strength) if expression else {}
    picture = render(subject, weights, place)
    image = camera.develop(picture.display, rng, noise=rng.uniform(0.005, 0.03), blur=rng.uniform(0.4, 1.3))
    return Frame(image, picture.landmarks, weights)
