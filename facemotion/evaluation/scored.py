"""What a model says of faces, whichever library runs it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Scored"]


@dataclass(frozen=True, eq=False)
class Scored:
    """What a model says of n faces.

    Attributes
    ----------
    probabilities : float32 array of shape (n, K)
    masks : float32 array of shape (n, S, S) in [0, 1], or None for a model without
    """

    probabilities: NDArray[np.float32]
    masks: NDArray[np.float32] | None
