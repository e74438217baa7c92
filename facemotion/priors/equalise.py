"""The post-processing of Eq. 1, phi: from mean differences, which lie close together, to a mask in [0, 1].

The paper equalises the histogram. The authors did so on 8-bit values, which leaves 25 to 76 grey levels; ranks of the
float values have no such banding and are the default.
"""

import numpy as np
from scipy.stats import rankdata

__all__ = ["apply_phi", "equalise", "equalise_histogram", "scale"]


def apply_phi(values: np.ndarray, phi: str = "ranks") -> np.ndarray:
    """Turn mean differences into masks.

    Parameters
    ----------
    values : ndarray of float, shape (..., H, W)
        Mean differences in [0, 1]; each (H, W) map is turned by itself.
    phi : {'ranks', 'histogram', 'none'}
        `equalise`, `equalise_histogram` or `scale`.

    Returns
    -------
    ndarray of float32, shape (..., H, W)
        In [0, 1].
    """
    return {"ranks": equalise, "histogram": equalise_histogram, "none": scale}[phi](values)


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


def equalise_histogram(values: np.ndarray) -> np.ndarray:
    """Round each map to 8 bits and equalise its histogram as Pillow's ``ImageOps.equalize`` does.

    The authors' masks are 8-bit pictures that use the whole range 0 to 255 with a mean of 119 to 126. So does this
    formula on means like theirs, which counts the pixels below a level; OpenCV's ``equalizeHist`` counts those up to it
    and ends between 133 and 140 (`benchmarks/prior_options.py` computes both).

    Parameters
    ----------
    values : ndarray of float, shape (..., H, W)
        In [0, 1].

    Returns
    -------
    ndarray of float32, shape (..., H, W)
        Multiples of 1 / 255. A map that is constant after rounding, or has fewer than 255 pixels below its highest
        level, stays as it was rounded.
    """
    levels = np.rint(np.clip(values, 0, 1) * 255).astype(np.int64)
    maps = [_equalised(image) for image in levels.reshape(-1, *values.shape[-2:])]
    return (np.array(maps).reshape(values.shape) / 255).astype(np.float32)


def _equalised(levels: np.ndarray) -> np.ndarray:
    histogram = np.bincount(levels.ravel(), minlength=256)
    used = histogram[histogram > 0]
    step = int(used.sum() - used[-1]) // 255
    if len(used) < 2 or step == 0:
        return levels
    below = np.cumsum(histogram) - histogram
    return np.minimum((below + step // 2) // step, 255)[levels]


def scale(values: np.ndarray) -> np.ndarray:
    """Divide each map by its own maximum: no equalisation, only the range [0, 1] that a mask needs.

    Parameters
    ----------
    values : ndarray of float, shape (..., H, W)
        Not negative.

    Returns
    -------
    ndarray of float32, shape (..., H, W)
        A map of zeros stays one.
    """
    top = values.max(axis=(-2, -1), keepdims=True)
    return (values / np.where(top > 0, top, 1)).astype(np.float32)
