"""Faces with five points, the protocol of what finds them, and the choice of the face that a frame is about.

Points are (x, y) with pixel centres at whole numbers, in the order image-left eye, image-right eye, nose, image-left
mouth corner, image-right mouth corner. Boxes are x1, y1, x2, y2 in the same coordinates.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from facemotion.errors import Status
from facemotion.landmarks._lockstep import Lockstep

__all__ = ["Face", "Failure", "LandmarkSource", "Region", "choose"]

Region = tuple[float, float, float, float]
"""x, y, width, height in upright pixels: where the face is known to be."""

COMPARABLE = 0.7
"""A face whose side is at least this share of the largest one's competes with it."""
TIE = 0.25
"""Comparable faces whose distances from the centre differ by less than this share of a side are a tie."""


@dataclass(frozen=True, eq=False)
class Face:
    """A located face.

    Attributes
    ----------
    box : float32 array of shape (4,)
        x1, y1, x2, y2 in pixels.
    score : float
        The source's confidence in [0, 1].
    landmarks : float32 array of shape (5, 2)
        The five points; all NaN where the box is a crop already and no points are known.
    sure : float
        How sure the source is, in [0, 1], that the face stands as the points say; 1 where it does not look again.
    drift : float
        How far the points moved in the last look at them, plus how far those of its mirror image lie off, as a share of
        the window that was looked at; 0 where the source does not look again.
    turn : int
        Clockwise degrees by which the picture was turned for the face to be found: 0, 90, 180 or 270.
    """

    box: NDArray[np.float32]
    score: float
    landmarks: NDArray[np.float32]
    sure: float = 1.0
    drift: float = 0.0
    turn: int = 0

    @property
    def is_crop(self) -> bool:
        """Whether the box is a crop already, of which no points are known."""
        return bool(np.isnan(self.landmarks).all())

    @property
    def side(self) -> float:
        """Geometric mean of the box's sides, in pixels."""
        width, height = self.box[2:] - self.box[:2]
        return math.sqrt(max(float(width), 0.0) * max(float(height), 0.0))

    def shifted(self, dx: float, dy: float) -> "Face":
        """Return the face moved by (dx, dy) pixels."""
        offset = np.array([dx, dy], np.float32)
        return replace(self, box=self.box + np.tile(offset, 2), landmarks=self.landmarks + offset)

    def mapped(self, change: Callable[[NDArray[np.float32]], NDArray[np.float64]]) -> "Face":
        """Return the face in other coordinates: `change` takes points (n, 2) to points, without turning them."""
        box, points = change(self.box.reshape(2, 2)).ravel(), change(self.landmarks)
        return replace(self, box=box.astype(np.float32), landmarks=points.astype(np.float32))


@dataclass(frozen=True)
class Failure:
    """Why a frame has no crop; a value, not an exception, and false in a condition."""

    status: Status
    message: str

    def __bool__(self) -> bool:
        return False


class LandmarkSource(Protocol):
    """Finds faces and their five points; a source derives from it and inherits `require_any`."""

    name: str
    """What the column ``detector`` says."""
    absent: Failure
    """What a frame is for which `detect` returns nothing; the picture's size is added to its message."""
    looks: bool = True
    """Whether it looks at the picture, so that a face that lies may be found in the picture turned."""
    least_side: float | None = None
    """Shorter side, in pixels, of a picture in which it sees as well as in a larger copy, so that large ones may come
    reduced; None if they must come whole."""
    lockstep: Lockstep = Lockstep()
    """How many pictures it looks at together, and what does so; by default one by one."""

    def detect(self, image: NDArray[np.uint8], *, source: str, frame: int, region: Region | None = None) -> list[Face]:
        """Return the faces of a picture, best score first; an empty list if there is none.

        Parameters
        ----------
        image : uint8 array of shape (H, W, 3)
            RGB, upright.
        source : str
            POSIX path of the file relative to the dataset's root.
        frame : int
            The manifest's frame number.
        region : tuple of 4 floats, optional
            x, y, width, height of the place to look at.
        """
        ...

    def with_contrast(self, image: NDArray[np.uint8], face: Face) -> Face:
        """Return a face that is not sure as it is seen with stretched contrast; by default as it is."""
        return face

    def in_other_turns(self, image: NDArray[np.uint8], face: Face) -> list[Face]:
        """Return a face that is not sure as it would be read if it lay, with ``sure`` for each; by default nothing."""
        return []

    def glance(self, image: NDArray[np.uint8], *, source: str, frame: int, region: Region | None = None) -> list[Face]:
        """Return the faces of a picture as `detect` does, but without trying hard: where it is looked at turned."""
        return self.detect(image, source=source, frame=frame, region=region)

    def require_any(self, frames: Iterable[tuple[str, int]]) -> None:
        """Refuse a manifest of which the source can know no frame; by default it may know any.

        Parameters
        ----------
        frames : iterable of (str, int)
            Source and frame number of each row of the manifest; at least one, and gone through no further than needed.

        Raises
        ------
        ConfigError
            If the source was made for other frames.
        """


def _clamped(region: Region | None, shape: tuple[int, ...]) -> Region:
    """Return the part of a region that lies in the picture; the picture for none. Annotated boxes often leave it."""
    if region is None:
        return 0.0, 0.0, float(shape[1]), float(shape[0])
    left, top = max(region[0], 0.0), max(region[1], 0.0)
    right, bottom = min(region[0] + region[2], float(shape[1])), min(region[1] + region[3], float(shape[0]))
    return left, top, max(right - left, 0.0), max(bottom - top, 0.0)


def choose(faces: Sequence[Face], shape: tuple[int, ...], *, region: Region | None = None) -> Face | Failure:
    """Choose the face that a frame is about.

    With a region, of which the part in the picture counts, a face whose centre lies outside it is dropped, and the
    picture's centre below is the region's. The largest face wins, unless others are comparable (side at least
    `COMPARABLE` of the largest). Among comparable faces the one nearest to the centre wins. Only if the two nearest
    differ in distance by less than `TIE` of a side is it undecidable: two people of one size, equally far from the
    centre.

    Parameters
    ----------
    faces : sequence of Face
        What a source found; at least one.
    shape : tuple of int
        The picture's shape, (H, W) first.
    region : tuple of 4 floats, optional
        x, y, width, height in pixels.

    Returns
    -------
    Face or Failure
        A failure with status ``ambiguous``, or ``no_face`` if none lies in the region.
    """
    x, y, width, height = _clamped(region, shape)
    middle = np.array([x + (width - 1) / 2, y + (height - 1) / 2])
    candidates = [(face, (face.box[:2] + face.box[2:]) / 2 - middle) for face in faces]
    if region is not None:
        candidates = [(face, off) for face, off in candidates if abs(off[0]) <= width / 2 and abs(off[1]) <= height / 2]
        if not candidates:
            return Failure(Status.NO_FACE, f"{len(faces)} faces found, none of them in the region given")
    largest = max(face.side for face, _ in candidates)
    near = sorted(
        ((float(np.hypot(*off)), face) for face, off in candidates if face.side >= COMPARABLE * largest),
        key=lambda item: item[0],
    )
    if len(near) > 1 and near[1][0] - near[0][0] < TIE * largest:
        message = f"{len(near)} faces of one size are equally far from the centre; give a region or landmarks"
        return Failure(Status.AMBIGUOUS, message)
    return near[0][1]
