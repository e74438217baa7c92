"""What the skin of everybody has in the same places of the texture: blood, lids, lashes, creases, lips, temples."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facemotion.demo.texture import LOWER_LID, UPPER_LID, WING, Surface, bell, ridge

__all__ = ["Features", "find_features"]

Image = NDArray[np.float32]
Mask = NDArray[np.bool_]


class Features:
    """Where pigment lies and hair grows on any head; pictures have shape (SIZE, SIZE).

    Attributes
    ----------
    x, y, z, side : float32 arrays
        The point of the average head that each texel shows, and its distance from the middle of the face.
    blood : float32 array
        How well the skin is supplied with it.
    lids, under_eyes : float32 arrays
        Pigment of the lids, and of what ages below the eyes.
    lashed, lined, lips : bool arrays
        Texels of the lashes' line, of creases, and of the lips.
    lash_line, lines, lip_cover : float32 arrays of shape (n,)
        Pigment in the texels of the first two, and how far the third are lips, in [0, 1].
    temples : float32 array
        Where hair grows beside the face, in [0, 1].
    """

    def __init__(self, surface: Surface) -> None:
        x, y, z = (np.ascontiguousarray(axis) for axis in np.moveaxis(surface.position, -1, 0))
        side = np.abs(x)
        self.x, self.y, self.z, self.side = x, y, z, side
        self.blood = (
            0.55 * bell((side - 0.42) ** 2 + (y - 6.95) ** 2, 0.16)
            + 0.6 * bell(x**2 + (y - 6.93) ** 2 + (z - 1.65) ** 2, 0.13)
            + 0.2 * surface.ears
            + 0.25 * bell(x**2 + (y - 6.35) ** 2, 0.12)
            + 0.15 * surface.front
        )
        self.lids = 0.30 * surface.eyelids
        self.under_eyes = 0.25 * bell((side - 0.31) ** 2 * 0.6 + (y - 7.15) ** 2, 0.07)
        lashes = 0.45 * bell((y - 7.3) ** 2 + (side - 0.31) ** 2 * 0.18, 0.035) * (z > 1.28) * surface.eyelids
        lines = _lines(surface, side, y, z)
        self.lashed, self.lined = lashes > _NOTHING, lines > _NOTHING
        self.lash_line, self.lines = lashes[self.lashed], lines[self.lined]
        cover = np.asarray(cv2.GaussianBlur(surface.lips, (0, 0), 2.5), np.float32)
        self.lips = cover > 0
        self.lip_cover = cover[self.lips]
        temples = (side > 0.58) & (y > 7.0) & (z < 0.85) & (z > 0.2) & (y > 7.30 - 0.25 * (z > 0.55))
        self.temples = cv2.GaussianBlur((temples * (surface.ears < 0.2)).astype(np.float32), (0, 0), 4)


_NOTHING = 1e-17
"""Pigment that takes nothing away: exp(-1e-17) is 1 in float64."""


@cache
def find_features(surface: Surface) -> Features:
    """Return the features of a texture space."""
    return Features(surface)


def _lines(surface: Surface, side: Image, y: Image, z: Image) -> NDArray:
    """Return the pigment of creases: of lids, nose and chin, nostrils, philtrum, mouth's corners."""
    points = np.stack([side, y], axis=-1)
    lines = (
        0.40 * ridge(points, UPPER_LID, 0.012)
        + 0.18 * ridge(points, LOWER_LID, 0.014)
        + 0.42 * ridge(points, WING, 0.012)
        + 0.24 * ridge(points, [(0.045, 6.85), (0.058, 6.73)], 0.016)
        + 0.30 * ridge(points, [(0.255, 6.615), (0.30, 6.60)], 0.014)
        + 0.16 * ridge(points, [(0, 6.455), (0.1, 6.455), (0.16, 6.44)], 0.022)
    )
    nostril = 1.5 * bell((side - 0.095) ** 2 + (y - 6.868) ** 2 * 1.5 + (z - 1.58) ** 2 * 0.5, 0.034)
    return (lines + nostril) * surface.front
