"""The contrast of a dark frame, stretched."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["stretched"]

LEAST = 8
"""A frame whose levels span less than this is blank: it holds nothing to stretch but noise."""


def stretched(image: NDArray[np.uint8], *, below: float = 256) -> NDArray[np.uint8]:
    """Return a picture whose levels from the 1st to the 99.5th percentile span 0 to 255.

    Parameters
    ----------
    image : uint8 array
        Any shape.
    below : float
        A picture whose levels span as much as this, or more, is returned as it is.
    """
    low, high = _percentiles(image, (1, 99.5))
    if not LEAST <= high - low < below:
        return image
    table = np.clip((np.arange(256) - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
    return table[image]


def _percentiles(image: NDArray[np.uint8], wanted: Sequence[float]) -> list[np.float64]:
    """Return what `numpy.percentile` does, to the bit, from the 256 levels' counts: windows are many and small."""
    below = np.cumsum(np.bincount(image.ravel(), minlength=256))
    found = []
    for percent in wanted:
        place = np.float64(percent) / 100 * (image.size - 1)
        first = int(place)
        low, high = np.searchsorted(below, [first, min(first + 1, image.size - 1)], side="right")
        share, step = place - first, np.float64(high - low)
        found.append(high - step * (1 - share) if share >= 0.5 else low + step * share)
    return found
