"""The part of a picture that a detector looks at when it is known where the face is."""

import numpy as np
from numpy.typing import NDArray

from facemotion.landmarks.faces import Region

__all__ = ["MARGIN", "surroundings"]

MARGIN = 0.25
"""How far around a region is looked, as a share of its sides: detectors need some surroundings."""


def surroundings(image: NDArray[np.uint8], region: Region | None) -> tuple[NDArray[np.uint8], int, int]:
    """Return the part of the picture around a region, and its corner.

    Parameters
    ----------
    image : uint8 array of shape (H, W, 3)
        RGB.
    region : tuple of 4 floats, optional
        x, y, width, height; None, or a region outside the picture, stands for the whole picture.

    Returns
    -------
    part : uint8 array
        A view of `image`.
    x, y : int
        Where its first pixel lies.
    """
    if region is None:
        return image, 0, 0
    x, y, width, height = region
    left, top = max(0, round(x - MARGIN * width)), max(0, round(y - MARGIN * height))
    right, bottom = round(x + (1 + MARGIN) * width), round(y + (1 + MARGIN) * height)
    part = image[top : max(bottom, 0), left : max(right, 0)]
    return (part, left, top) if part.size else (image, 0, 0)
