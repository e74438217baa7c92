"""Where the face of a picture is, also one that lies: as a picture from a phone that nobody turned.

Detectors that were trained on upright faces see one in a face that lies too, and lay upright points over it. What gives
that away is a second look at the face as the points say it stands (see `facemotion.landmarks._upright`): of upright
faces it is nearly certain. Where it is not, or no face was found, the picture is looked at turned by 90, 180 and 270
degrees as well. A frame with a sure face costs one look, as ever.
"""

import functools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facemotion.landmarks.faces import Face, Failure, LandmarkSource, Region, choose
from facemotion.media.orientation import turned

__all__ = ["SURE", "locate", "remark"]

SURE = 0.99
"""A face is sure from here on. In ``benchmarks/lying_faces.py`` the most that a lying face gets that is read as if it
stood is 0.966; most upright faces get more than 0.99, and those that do not are read once more in vain."""
LOST = 0.5
"""Below, or where no face was found, the whole picture is looked at turned."""
CLEARLY = 0.5
"""A turned reading counts if it is sure and its doubt is at most this share of the plain reading's."""

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
    if _doubt(plain) <= 1 - SURE:
        return _with_turn(plain)
    best = plain
    if isinstance(plain[1], Face):
        for face in source.in_other_turns(image, plain[1]):
            best = min(best, (plain[0], face), key=_doubt)
    if _doubt(best) > 1 - LOST:
        glance = functools.partial(source.glance, source=name, frame=frame)
        for turn in (90, 270, 180):
            own = None if region is None else _region_turned(region, turn, image.shape)
            laid = turned(image, turn)
            found, face = _chosen(glance(laid, region=own), laid, source, own)
            reading = found, _as_it_was(face, turn, image.shape) if isinstance(face, Face) else face
            best = min(best, reading, key=_doubt)
    if _doubt(best) > min(1 - SURE, CLEARLY * _doubt(plain)):
        return plain
    best = _with_turn(best)
    stands = isinstance(best[1], Face) and not best[1].turn
    return plain if stands and isinstance(plain[1], Face) else best  # what was read upright stays to the bit


def remark(face: Face) -> str:
    """Return what a row says of a face that lies; empty for one that stands."""
    return f"the face lies: turned clockwise by {face.turn} degrees it stands" if face.turn else ""


def _chosen(faces: Sequence[Face], image: Pixels, source: LandmarkSource, region: Region | None) -> Reading:
    if faces:
        return len(faces), choose(faces, image.shape, region=region)
    size = f"({image.shape[1]}x{image.shape[0]} pixels)"
    return 0, replace(source.absent, message=f"{source.absent.message} {size}")


def _doubt(reading: Reading) -> float:
    return 1 - reading[1].sure if isinstance(reading[1], Face) else 1.0


def _is_undecided(reading: Reading) -> bool:
    """Tell whether there are faces of which none can be chosen: turning the picture does not say which is meant."""
    return reading[0] > 0 and isinstance(reading[1], Failure)


def _with_turn(reading: Reading) -> Reading:
    """Return a sure reading with the quarter turn by which its face stands, as its points say."""
    found, face = reading
    if not isinstance(face, Face) or face.is_crop:
        return reading
    points = face.landmarks.astype(np.float64)
    (across_x, across_y), (down_x, down_y) = points[1] - points[0], points[3:].mean(axis=0) - points[:2].mean(axis=0)
    angle = math.atan2(across_y - down_x, across_x + down_y)  # both say where the face's right is
    return found, replace(face, turn=-round(angle / (math.pi / 2)) % 4 * 90)


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
