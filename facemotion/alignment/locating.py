"""Where the face of a picture is, also one that lies: as a picture from a phone that nobody turned.

Detectors that were trained on upright faces see one in a face that lies too, and lay upright points over it. What gives
that away is a second look at the face as the points say it stands (see `facemotion.landmarks._upright`): the network is
not sure of it, and its points do not stay where they are. Where that is so, the face is looked at as if it lay; and
where that says nothing, or no face was found, the whole picture is, turned by 90, 180 and 270 degrees. A frame with a
steady face costs one look, as ever.
"""

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facemotion.errors import Status
from facemotion.landmarks.faces import Face, Failure, LandmarkSource, Region, choose
from facemotion.media.orientation import turned

__all__ = ["SURE", "locate", "remark"]

SURE = 0.995
"""A face that is as sure as this is looked at no further."""
STEADY = 0.05
"""Nor is one that stands and is as steady as this, unless it is `FAINT`. Of 314 rendered faces that lie and were read
as if they stood, bright, gray, noisy and in the dark, all but the faint drift by 0.054 and more; upright ones drift by
up to 0.043, and those that mtcnn finds in the dark by up to 0.074."""
STEADY_IF_CLEAR = 0.055
"""The same where detector and second look are as sure as `CLEAR`: the 314 drift by 0.057 and more then."""
CLEAR = 0.94
LOST = 0.95
"""Below, or where no face was found, the whole picture is looked at turned."""
FAINT = 0.8
"""A steady face of which the detector or the second look is less sure is looked at further."""
CLEARLY = 0.5
"""A turned reading counts if its doubt is at most this share of the plain reading's,"""
CREDIBLE = 0.97
"""and if it is as sure as this."""
SEEN = 0.5
"""A face of which no look is as sure as this, nor the detector `SURE`, is none."""

Pixels = NDArray[np.uint8]
Reading = tuple[int, Face | Failure]


def locate(
    image: Pixels, source: LandmarkSource, *, name: str = "", frame: int = 0, region: Region | None = None
) -> Reading:
    """Find the face that a picture is about.

    Parameters
    ----------
    image : uint8 array of shape (H, W, 3)
        RGB, upright as far as is known.
    source : LandmarkSource
        Finds the faces.
    name, frame : str, int
        The manifest's source and frame, for a source that looks them up.
    region : tuple of 4 floats, optional
        x, y, width, height in pixels.

    Returns
    -------
    found : int
        How many faces there are.
    face : Face or Failure
        The one that is meant; see `facemotion.landmarks.faces.choose`. Its box and points are those of the picture as
        it was given, also where ``turn`` is not 0: the eye and the mouth corner on the left of the face as it would
        stand come first.
    """
    look = functools.partial(source.detect, source=name, frame=frame)
    plain = _chosen(look(image, region=region), image, source, region)
    if not source.looks or _is_undecided(plain):
        return plain
    found, face = plain
    if isinstance(face, Face) and _is_settled(face):
        return _with_turn(plain)
    doubt, again, readings = _doubt(plain), face, []
    if isinstance(face, Face):
        readings = [(found, each) for each in source.in_other_turns(image, face)]
    best = min(readings, key=_doubt, default=plain)
    if isinstance(face, Face) and (doubt > 1 - LOST or _is_clear(best, doubt)):
        again = source.with_contrast(image, face)  # in the dark, it is sure only so
        doubt = doubt if _quarter(face) else min(doubt, 1 - again.sure)
    if doubt > 1 - LOST and not _is_clear(best, doubt):
        look = functools.partial(source.glance, source=name, frame=frame)
        best = min(best, *(_turned(image, turn, source, look, region) for turn in (90, 270, 180)), key=_doubt)
    if _is_clear(best, doubt):
        best = _with_turn(best)
        stands = isinstance(best[1], Face) and not best[1].turn
        return plain if stands and isinstance(face, Face) else best  # what was read upright stays to the bit
    if not isinstance(face, Face) or not isinstance(again, Face):
        return plain
    if _quarter(face) and again.sure >= SURE:
        return _with_turn((found, again))
    if max(1 - doubt, again.sure) < SEEN and face.score < SURE:
        return found, Failure(Status.NO_FACE, f"a face is seen, but neither upright nor turned {_size(image)}")
    return plain


def remark(face: Face) -> str:
    """Return what a row says of a face that lies; empty for one that stands."""
    return f"the face lies: turned clockwise by {face.turn} degrees it stands" if face.turn else ""


def _chosen(faces: Sequence[Face], image: Pixels, source: LandmarkSource, region: Region | None) -> Reading:
    if faces:
        return len(faces), choose(faces, image.shape, region=region)
    return 0, replace(source.absent, message=f"{source.absent.message} {_size(image)}")


def _size(image: Pixels) -> str:
    return f"({image.shape[1]}x{image.shape[0]} pixels)"


def _doubt(reading: Reading) -> float:
    return 1 - reading[1].sure if isinstance(reading[1], Face) else 1.0


def _is_undecided(reading: Reading) -> bool:
    """Tell whether there are faces of which none can be chosen: turning the picture does not say which is meant."""
    return reading[0] > 0 and isinstance(reading[1], Failure)


def _is_settled(face: Face) -> bool:
    """Tell whether a face need not be looked at turned."""
    surely = min(face.sure, face.score)
    steady = surely >= FAINT and face.drift <= (STEADY_IF_CLEAR if surely >= CLEAR else STEADY)
    return face.sure >= SURE or (steady and not _quarter(face))


def _is_clear(reading: Reading, doubt: float) -> bool:
    """Tell whether a turned reading is clearly better than the plain one, of which `doubt` remains."""
    return _doubt(reading) <= min(1 - CREDIBLE, CLEARLY * doubt)


def _with_turn(reading: Reading) -> Reading:
    """Return a sure reading with the quarter turn by which its face stands, as its points say."""
    found, face = reading
    return (found, replace(face, turn=_quarter(face))) if isinstance(face, Face) else reading


def _quarter(face: Face) -> int:
    """Return by how many degrees, a multiple of 90, a face must be turned clockwise to stand, as its points say."""
    if face.is_crop:
        return 0
    points = face.landmarks.astype(np.float64)
    (across_x, across_y), (down_x, down_y) = points[1] - points[0], points[3:].mean(axis=0) - points[:2].mean(axis=0)
    angle = math.atan2(across_y - down_x, across_x + down_y)  # both say where the face's right is
    return -round(angle / (math.pi / 2)) % 4 * 90


def _turned(
    image: Pixels, turn: int, source: LandmarkSource, look: Callable[..., list[Face]], region: Region | None
) -> Reading:
    """Look at the turned picture, and return what is seen in coordinates of the picture as it was."""
    own = None if region is None else _region_turned(region, turn, image.shape)
    laid = turned(image, turn)
    found, face = _chosen(look(laid, region=own), laid, source, own)
    if not isinstance(face, Face):
        return found, face
    face = max(face, source.with_contrast(laid, face), key=lambda each: each.sure)
    return found, _as_it_was(face, turn, image.shape)


def _as_it_was(face: Face, turn: int, shape: tuple[int, ...]) -> Face:
    """Return a face of the turned picture in coordinates of the picture as it was, of which `shape` is (H, W, ...)."""
    corners = _back(face.box.reshape(2, 2), turn, shape)
    box = np.concatenate([corners.min(axis=0), corners.max(axis=0)])
    return replace(face, box=box, landmarks=_back(face.landmarks, turn, shape))


def _back(points: NDArray[np.float32], turn: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Map points (x, y) of a picture that was turned clockwise to those of the picture as it was."""
    right, bottom = shape[1] - 1, shape[0] - 1
    x, y = points[:, 0], points[:, 1]
    found = {90: (y, bottom - x), 180: (right - x, bottom - y), 270: (right - y, x)}[turn]
    return np.stack(found, axis=1).astype(np.float32)


def _region_turned(region: Region, turn: int, shape: tuple[int, ...]) -> Region:
    """Return a region, x, y, width, height in pixel edges, of a picture that is turned clockwise."""
    x, y, width, height = region
    right, bottom = shape[1] - x - width, shape[0] - y - height
    if turn == 180:
        return right, bottom, width, height
    return (bottom, x, height, width) if turn == 90 else (y, right, height, width)
