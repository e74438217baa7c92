"""Where the expression of a speaking face is strongest: the largest difference from the same words said calmly.

A mouth that speaks moves more than an expression does. So a frame is compared with the frame of the neutral clip of the
same words at the same relative time, in which the mouth is about as far; what is left is the expression. Both are
brought to one small gray face by their five points. One clip and its neutral clip are in memory at a time.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from facemotion import media
from facemotion.geometry import fitted
from facemotion.landmarks.faces import Failure, LandmarkSource, choose

__all__ = [
    "GAP",
    "MOMENTS",
    "STRIDE",
    "Gray",
    "candidates",
    "differences",
    "last",
    "middle",
    "same_moment",
    "small_faces",
    "steadied",
    "strongest",
]

GAP = 5
"""Frames by which two moments of a clip are apart at least."""
MOMENTS = 3
"""Frames that are chosen of a clip."""
STRIDE = 3
"""Of the frames between which a peak is looked for, every third is looked at."""
_EDGE = 0.2
"""Share of a clip before and after the part in which a peak is looked for: the middle 60 %."""
_SIDE = 48
_TARGET = np.array([[15, 15], [33, 15], [24, 26], [17, 36], [31, 36]], np.float64)
"""Where the five points come to lie in a small face; it is for comparison here alone and goes nowhere else."""

Gray = NDArray[np.float32]


def middle(frames: int) -> list[int]:
    """Return three frames around the middle of a clip; fewer if it is too short.

    Examples
    --------
    >>> middle(60), middle(8)
    ([25, 30, 35], [4])
    """
    return [frame for frame in (frames // 2 - GAP, frames // 2, frames // 2 + GAP) if 0 <= frame < frames]


def last(frames: int) -> list[int]:
    """Return the last frame of a clip and those five and ten before it; fewer if it is too short.

    Examples
    --------
    >>> last(60), last(4)
    ([49, 54, 59], [3])
    """
    return [frame for frame in (frames - 1 - 2 * GAP, frames - 1 - GAP, frames - 1) if frame >= 0]


def candidates(frames: int) -> list[int]:
    """Return the frames of a clip among which peaks are looked for: every third of the middle 60 %.

    Examples
    --------
    >>> candidates(20)
    [4, 7, 10, 13]
    """
    return list(range(round(_EDGE * frames), round((1 - _EDGE) * frames), STRIDE))


def same_moment(frame: int, frames: int, others: int) -> int:
    """Return the frame of another clip at the same relative time.

    Examples
    --------
    >>> same_moment(0, 60, 50), same_moment(59, 60, 50), same_moment(30, 61, 41)
    (0, 49, 20)
    """
    return round(frame * (others - 1) / max(1, frames - 1))


def strongest(found: Mapping[int, float]) -> list[int]:
    """Return up to three frames with the largest differences that are at least five apart, in order.

    Parameters
    ----------
    found : mapping of int to float
        The difference of each frame.

    Examples
    --------
    >>> strongest({10: 0.2, 13: 0.5, 16: 0.4, 19: 0.3, 40: 0.1})
    [13, 19, 40]
    """
    chosen: list[int] = []
    for frame in sorted(found, key=lambda each: (-found[each], each)):
        if len(chosen) < MOMENTS and all(abs(frame - other) >= GAP for other in chosen):
            chosen.append(frame)
    return sorted(chosen)


def steadied(found: Mapping[int, float]) -> dict[int, float]:
    """Return the mean of each frame's difference and its neighbours': a blink is short, and an expression is not.

    Parameters
    ----------
    found : mapping of int to float
        The difference of each frame that was looked at.

    Examples
    --------
    >>> steadied({10: 0.1, 13: 0.4, 16: 0.1, 22: 0.3})
    {10: 0.25, 13: 0.2, 16: 0.25, 22: 0.3}
    """
    means = {}
    for frame in found:
        near = [value for other, value in found.items() if abs(other - frame) <= STRIDE]
        means[frame] = round(sum(near) / len(near), 12)
    return means


def small_faces(path: Path, frames: Sequence[int], source: LandmarkSource) -> dict[int, Gray]:
    """Return the faces of some frames of a video, gray, brought to one place by their five points.

    Parameters
    ----------
    path : Path
        The video.
    frames : sequence of int
        0-based numbers.
    source : LandmarkSource
        Finds faces.

    Returns
    -------
    dict of int to float32 array of shape (48, 48)
        In [0, 1]; frames without one face that is meant are left out.

    Raises
    ------
    MissingSource, Unreadable, OSError, MemoryError
        As `facemotion.media.read_frames`.
    """
    found = {}
    for index, image in media.read_frames(path, frames):
        if isinstance(image, media.Unreadable):
            continue
        faces = source.detect(image, source="", frame=index)
        face = choose(faces, image.shape) if faces else None
        if face is not None and not isinstance(face, Failure):
            small = _small(image, face.landmarks)
            if small is not None:
                found[index] = small
    return found


def _small(image: NDArray[np.uint8], points: NDArray[np.float32]) -> Gray | None:
    matrix = fitted(points, _TARGET)
    if matrix is None:
        return None
    shrink = 1 / np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    if shrink > 1:  # a blur of the size of what becomes one pixel, so that nothing aliases
        gray = cv2.GaussianBlur(gray, (0, 0), 0.5 * float(shrink))
    warped = cv2.warpAffine(gray, matrix, (_SIDE, _SIDE), flags=cv2.INTER_LINEAR)
    return cv2.GaussianBlur(warped, (0, 0), 1.0).astype(np.float32) / np.float32(255)


def differences(faces: Mapping[int, Gray], calm: Mapping[int, Gray], *, frames: int, others: int) -> dict[int, float]:
    """Return the mean absolute difference of each face from the calm one that is nearest to the same relative time.

    Parameters
    ----------
    faces, calm : mapping of int to float32 array of shape (48, 48)
        Of the clip and of its neutral clip, by frame; see `small_faces`.
    frames, others : int
        How many frames the two clips have.
    """
    if not calm:
        return {}
    known = sorted(calm)
    found = {}
    for frame, face in faces.items():
        wanted = same_moment(frame, frames, others)
        nearest = min(known, key=lambda each: (abs(each - wanted), each))
        found[frame] = float(np.abs(face - calm[nearest]).mean(dtype=np.float64))
    return found
