"""The post-processing of Eq. 1: equalisation on ranks.

The paper equalises the histogram of the mean difference, since its values lie close together. The authors do so on
8-bit values, which leaves 25 to 76 grey levels; ranks of the float values have no such banding.
"""

import numpy as np
from scipy.stats import rankdata

__all__ = ["equalise"]


def equalise(values: np.ndarray) -> np.ndarray:
    """Replace each value by its rank among the values of its map, scaled to [0, 1].

    Parameters
    ----------
    values : ndarray of float, shape (..., H, W)
        Finite values; each (H, W) map is equalised by itself.

    Returns
    -------
    ndarray of float32, shape (..., H, W)
        ``(rank - 1) / (H * W - 1)``; equal values share the mean of their ranks, so that a constant map is 0.5.

    Examples
    --------
    >>> equalise(np.array([[0.1, 0.4], [0.2, 0.2]])).tolist()
    [[0.0, 1.0], [0.5, 0.5]]
    """
    flat = values.reshape(*values.shape[:-2], -1)
    if flat.shape[-1] < 2:
        return np.full(values.shape, 0.5, dtype=np.float32)
    ranks = rankdata(flat, method="average", axis=-1)
    return ((ranks - 1) / (flat.shape[-1] - 1)).astype(np.float32).reshape(values.shape)
