"""Large JPEG pictures decoded at a half, a quarter or an eighth of their size, as the format allows for less time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from facemotion.media.source import Pixels

__all__ = ["REDUCIBLE", "Least", "Reduced", "factor_for", "reduce"]

REDUCIBLE = ("JPEG", "MPO")
"""Pillow's names of the formats that can be; MPO is JPEG with further pictures behind the first."""
_FACTORS = (8, 4, 2)


class Least(NamedTuple):
    """Which pictures are reduced, and how far."""

    large: float
    """Shorter side, in pixels, from which on a picture is reduced at all."""
    left: float
    """Pixels that must be left of the shorter side, or of `side`."""
    side: float | None = None
    """A part of the picture, in pixels of the whole: the shorter side of a region that is looked at."""


@dataclass(frozen=True, eq=False)
class Reduced:
    """A picture that was decoded smaller than it is.

    Attributes
    ----------
    pixels : uint8 array of shape (h, w, 3)
        RGB, as it is to be shown.
    factor : int
        2, 4 or 8. A pixel (x, y) stands for the block of factor x factor pixels of the picture whose first one is
        (factor * x, factor * y); those at the far edges may stand for less.
    full : callable
        Decodes it in full, as `facemotion.media.decode_image` does.
    """

    pixels: Pixels
    factor: int
    full: Callable[[], Pixels]

    def halved(self) -> "Reduced":
        """Return it at half of its size: means of 2 x 2 pixels, without an odd column or row at the far edges."""
        height, width = (length // 2 for length in self.pixels.shape[:2])
        even = self.pixels[: 2 * height, : 2 * width]
        half = cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA)
        return Reduced(half, 2 * self.factor, self.full)  # type: ignore[arg-type]

    def in_full(self, points: ArrayLike) -> NDArray[np.float64]:
        """Return points (x, y), with pixel centres at whole numbers, of `pixels` as points of the whole picture."""
        return (np.asarray(points, np.float64) + 0.5) * self.factor - 0.5


def factor_for(size: tuple[int, int], least: Least, *, straight: bool = True) -> int:
    """Return by how much a picture may be reduced: 1, 2, 4 or 8.

    Parameters
    ----------
    size : tuple of int
        (width, height) in pixels.
    least : Least
        Which are reduced, and how far.
    straight : bool
        Whether it is shown as it is stored. One that is turned or mirrored is reduced only by what divides its sides,
        since its far edges come first.
    """
    if min(size) < least.large:
        return 1
    side = min(size) if least.side is None else min(*size, least.side)
    fits = (each for each in _FACTORS if side >= each * least.left)
    return next((each for each in fits if straight or not any(length % each for length in size)), 1)


def reduce(image: Image.Image, least: Least, *, straight: bool) -> int:
    """Let an opened picture of a format of `REDUCIBLE` be decoded smaller, where it is large; return the factor."""
    factor = factor_for(image.size, least, straight=straight)
    if factor == 1:
        return 1
    width, height = image.size
    image.draft(None, (width // factor, height // factor))  # type: ignore[arg-type]  # None keeps the mode
    return factor if image.size != (width, height) else 1
