"""Resampling of masks by a scaling and a shift: from one crop's geometry to another's."""

import numpy as np
from scipy import ndimage

__all__ = ["resample"]


def resample(maps: np.ndarray, matrix: np.ndarray, size: tuple[int, int], *, order: int = 1) -> np.ndarray:
    """Resample maps; blurred first where they shrink; edges are continued.

    Parameters
    ----------
    maps : ndarray of float, shape (..., h, w)
        Each (h, w) map is resampled by itself.
    matrix : ndarray of float, shape (2, 3)
        Takes a pixel (x, y) of the maps to the result; one scale for both axes, no rotation; pixel centres are at whole
        numbers.
    size : tuple of int
        (height, width) of the result.
    order : {1, 3}
        Linear, or cubic splines, which may leave the range of the maps a little.

    Returns
    -------
    ndarray of float64, shape (..., height, width)
    """
    scale, (x, y) = matrix[0, 0], matrix[:, 2]
    flat = maps.reshape(-1, *maps.shape[-2:]).astype(np.float64)
    out = np.empty((len(flat), *size))
    for index, image in enumerate(flat):
        if scale < 1:
            image = ndimage.gaussian_filter(image, (1 / scale - 1) / 2, mode="nearest")
        inverse, offset = [1 / scale, 1 / scale], [-y / scale, -x / scale]
        out[index] = ndimage.affine_transform(image, inverse, offset, output_shape=size, order=order, mode="nearest")  # type: ignore[arg-type]
    return out.reshape(*maps.shape[:-2], *size)
