"""MTCNN at work: the frames in which nothing is found are tried again in other ways, mildest first.

With a black border (close-ups), with stretched contrast (dark frames), for smaller faces, and with lower thresholds.
The first way that finds a face ends the search, so that good frames cost one pass and cannot be changed by a later way.
The points are then made steadier, see `facemotion.landmarks._upright`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from facemotion.errors import Status
from facemotion.landmarks._cascade import THRESHOLDS, WORKING, Cascade
from facemotion.landmarks._lockstep import AT_ONCE, Lockstep
from facemotion.landmarks._region import surroundings
from facemotion.landmarks._stretch import stretched
from facemotion.landmarks._turns import in_other_turns, with_contrast
from facemotion.landmarks.faces import Face, Failure, LandmarkSource, Region

__all__ = ["FLOOR", "LADDER", "Mtcnn", "Rung"]

FLOOR = 20
"""Smallest face looked for, in pixels, whatever the settings say; the networks were trained from here on."""
BORDER = 0.3
"""Width of the black border, as a share of the shorter side."""


@dataclass(frozen=True)
class Rung:
    """One way to look at a frame.

    Attributes
    ----------
    border : bool
        Add a black border.
    stretch : bool
        Stretch the contrast from the 1st to the 99.5th percentile.
    smaller : float
        Factor on the smallest face.
    thresholds : tuple of 3 floats
        Least probability after each network.
    """

    border: bool = False
    stretch: bool = False
    smaller: float = 1.0
    thresholds: tuple[float, float, float] = THRESHOLDS


LADDER = (
    Rung(),
    Rung(border=True),
    Rung(border=True, stretch=True),
    Rung(border=True, stretch=True, smaller=0.3),
    Rung(border=True, stretch=True, smaller=0.3, thresholds=(0.5, 0.5, 0.5)),
)


class Mtcnn(LandmarkSource):
    """Landmark source ``mtcnn``.

    Parameters
    ----------
    min_face : float
        Smallest face as a share of the shorter side of the picture or region; at least `FLOOR` pixels.
    device : str
        ``cpu`` or ``cuda``.
    at_once : int, optional
        Pictures that are looked at together; by default as many as pay on the device.
    """

    name = "mtcnn"
    absent = Failure(Status.NO_FACE, "no face was found")

    def __init__(self, *, min_face: float, device: str = "cpu", at_once: int | None = None) -> None:
        self.min_face = min_face
        self.least_side = WORKING / min_face  # what the first look shrinks it to in any case
        self.lockstep = Lockstep(at_once or AT_ONCE[device])
        self._cascade = Cascade(device, self.lockstep)

    def detect(
        self, image: NDArray[np.uint8], *, source: str = "", frame: int = 0, region: Region | None = None
    ) -> list[Face]:
        """Find faces; see `facemotion.landmarks.faces.LandmarkSource`. Source and frame play no part."""
        return self._climbed(image, region, LADDER)

    def glance(
        self, image: NDArray[np.uint8], *, source: str = "", frame: int = 0, region: Region | None = None
    ) -> list[Face]:
        """Find faces by the plain way and by one that helps both close-ups and dark frames."""
        return self._climbed(image, region, (LADDER[0], LADDER[2]))

    def with_contrast(self, image: NDArray[np.uint8], face: Face) -> Face:
        """Look again with stretched contrast; see `facemotion.landmarks._turns.with_contrast`."""
        return with_contrast(image, face, self._cascade.output)

    def in_other_turns(self, image: NDArray[np.uint8], face: Face) -> list[Face]:
        """Read a face as if it lay; see `facemotion.landmarks._turns.in_other_turns`."""
        return in_other_turns(image, face, self._cascade.output)

    def _climbed(self, image: NDArray[np.uint8], region: Region | None, ladder: Sequence[Rung]) -> list[Face]:
        window, x, y = surroundings(image, region)
        for rung in ladder:
            faces = self._climb(window, rung)
            if faces:
                return [face.shifted(x, y) for face in faces]
        return []

    def _climb(self, image: NDArray[np.uint8], rung: Rung) -> list[Face]:
        shorter = min(image.shape[:2])
        if rung.stretch:
            image = stretched(image)
        border = round(BORDER * shorter) if rung.border else 0
        if border:
            edges = (border, border, border, border)
            image = cv2.copyMakeBorder(image, *edges, cv2.BORDER_CONSTANT, value=(0, 0, 0))  # type: ignore[assignment]
        smallest = max(FLOOR, self.min_face * rung.smaller * shorter)
        faces = self._cascade(image, min_face=smallest, thresholds=rung.thresholds)
        return [face.shifted(-border, -border) for face in faces]
