"""The contrast of a dark frame, stretched."""

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
    low, high = np.percentile(image, (1, 99.5))
    if not LEAST <= high - low < below:
        return image
    table = np.clip((np.arange(256) - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
    return table[image]
