"""Which way up a recording is, and which half of a dual-view frame shows the frontal face: asked of the faces in it.

In a frontal face the eyes lie about as far from each other as from the mouth, with the nose between them; in profile
both fail. An upright face has its eyes above its mouth. All is read from five points; no table of subjects is needed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facemotion.landmarks.faces import Face, LandmarkSource
from facemotion.media import turned

__all__ = ["Half", "choose_half", "find_rotation", "frontality", "half_region", "is_central"]

TURNS = (0, 90, 180, 270)
CLEAR = 1.25
"""A half is chosen if it is this many times as frontal as the other, and a turn if it is this many times as evident."""
SURE = 1.5
"""So many times as evident as all others, a turn needs no other frame."""
MOST_FRAMES = 5
UPRIGHT = 0.7
"""Cosine of the greatest tilt of a face that counts as upright: 45 degrees."""

Pixels = NDArray[np.uint8]
Region = tuple[float, float, float, float]


@dataclass(frozen=True)
class Half:
    """Which half is frontal: ``left`` or ``right``, empty if undecided, and how frontal each is."""

    side: str
    left: float
    right: float


def frontality(face: Face) -> float:
    """Return how frontal a face is: about 0.8 from the front, below 0.5 in profile, 0 if it is not upright.

    The distance of the eyes over that of eyes and mouth, times how evenly the nose divides the former.

    Parameters
    ----------
    face : Face
        With five points.
    """
    eyes, mouth = face.landmarks[:2], face.landmarks[3:]
    down = mouth.mean(axis=0) - eyes.mean(axis=0)
    length = float(np.hypot(*down))
    if length == 0 or down[1] / length < UPRIGHT:
        return 0.0
    across = np.array([down[1], -down[0]]) / length
    nose = float((face.landmarks[2] - eyes[0]) @ across)
    apart = float((eyes[1] - eyes[0]) @ across)
    return max(0.0, 2 * min(nose, apart - nose)) / length


def half_region(shape: tuple[int, ...], side: str) -> Region:
    """Return x, y, width and height of the ``left`` or ``right`` half of a picture."""
    height, width = shape[:2]
    half = width / 2
    return (0.0 if side == "left" else half, 0.0, half, float(height))


def choose_half(frames: Sequence[Pixels], source: LandmarkSource) -> Half:
    """Find the half that shows the frontal face.

    Parameters
    ----------
    frames : sequence of uint8 arrays of shape (H, W, 3)
        Upright RGB frames of one recording, most telling first; later ones are looked at only while it is undecided.
    source : LandmarkSource
        Finds faces.
    """
    left = right = 0.0
    for image in frames:
        middle = image.shape[1] // 2
        left, right = (
            max((frontality(face) for face in source.detect(part, source="", frame=0)), default=0.0)
            for part in (np.ascontiguousarray(image[:, :middle]), np.ascontiguousarray(image[:, middle:]))
        )
        if max(left, right) > 0 and max(left, right) >= CLEAR * min(left, right):
            return Half("left" if left > right else "right", left, right)
    return Half("", left, right)


def find_rotation(frames: Sequence[Pixels], source: LandmarkSource, expected: int) -> tuple[int, bool]:
    """Find the rotation that makes a recording upright.

    A detector finds faces upside down too, less surely: the turns are compared by how sure it is of upright faces.

    Parameters
    ----------
    frames : sequence of uint8 arrays of shape (H, W, 3)
        Frames as stored; later ones are looked at only while it is undecided, at most `MOST_FRAMES`.
    source : LandmarkSource
        Finds faces.
    expected : int
        Clockwise degrees that are believed, unless faces are clearly more upright by others.

    Returns
    -------
    rotate : int
        Clockwise degrees.
    seen : bool
        Whether an upright face was seen that way.
    """
    turns = (expected, *(turn for turn in TURNS if turn != expected))
    evidence = dict.fromkeys(turns, 0.0)
    for image in frames[:MOST_FRAMES]:
        for turn in turns:
            faces = source.detect(turned(image, turn), source="", frame=0)
            evidence[turn] += max((_evidence(face) for face in faces), default=0.0)
        second, first = sorted(evidence.values())[-2:]
        if first > 0 and first >= SURE * second:
            break
    best = max(turns, key=lambda turn: evidence[turn])
    if evidence[expected] * CLEAR >= evidence[best]:
        best = expected
    return best, evidence[best] > 0


def _evidence(face: Face) -> float:
    """Return how much a detection says for an upright face: minus the logarithm of its doubt; 0 if it is not one."""
    return -math.log(max(1 - face.score, 1e-4)) if frontality(face) > 0 else 0.0


def is_central(frames: Sequence[Pixels], source: LandmarkSource) -> bool:
    """Tell whether the frontal face of a recording stands across the middle, so that neither half shows it.

    Parameters
    ----------
    frames : sequence of uint8 arrays of shape (H, W, 3)
        Upright frames; later ones are looked at only until a face is found, at most `MOST_FRAMES`.
    source : LandmarkSource
        Finds faces.
    """
    for image in frames[:MOST_FRAMES]:
        faces = source.detect(image, source="", frame=0)
        if faces:
            left, _, right, _ = max(faces, key=_evidence).box
            return left + (right - left) / 4 < image.shape[1] / 2 < right - (right - left) / 4
    return False
