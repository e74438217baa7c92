"""Similarities at work: points mapped and pictures warped by a matrix of shape (2, 3).

Coordinates are (x, y) with pixel centres at whole numbers; sizes are (height, width).
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["MAX_SAMPLES", "RESAMPLING", "Matrix", "apply", "warp"]

MAX_SAMPLES = 16
"""Samples a side that are averaged into one output pixel, at most."""
RESAMPLING = "area-of-bilinear-1"
"""Names how `warp` resamples; part of the alignment id."""

Matrix = NDArray[np.float64]


def apply(matrix: ArrayLike, points: ArrayLike) -> Matrix:
    """Map points of shape (N, 2) by a matrix of shape (2, 3)."""
    matrix, points = np.asarray(matrix, np.float64), np.asarray(points, np.float64)
    return points @ matrix[:, :2].T + matrix[:, 2]


def warp(image: NDArray[np.uint8], matrix: ArrayLike, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Warp a picture by a similarity without aliasing.

    Faces are usually 2 to 5 times larger in the source than aligned, where one bilinear sample a pixel would alias.
    So each output pixel is the mean of n x n bilinear samples spread over it, with n the source pixels per output
    pixel, rounded up (1 where the source is not larger, at most `MAX_SAMPLES`). What lies outside the source is
    black, as in the aligners of the face recognition field.

    Parameters
    ----------
    image : uint8 array of shape (H, W, 3)
        The source.
    matrix : array_like of shape (2, 3)
        Source -> output.
    size : tuple of int
        (height, width) of the output.

    Returns
    -------
    uint8 array of shape (height, width, 3)
    """
    import cv2

    matrix = np.asarray(matrix, np.float64)
    shrink = 1 / math.sqrt(abs(float(np.linalg.det(matrix[:, :2]))))
    samples = min(MAX_SAMPLES, max(1, math.ceil(shrink - 1e-3)))
    fine = matrix * samples
    fine[:, 2] += (samples - 1) / 2  # keeps pixel centres: output pixel u covers fine pixels n*u .. n*u + n - 1
    height, width = size
    warped = cv2.warpAffine(
        image,
        fine,
        (width * samples, height * samples),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(0, 0, 0),
    )
    if samples > 1:
        warped = cv2.resize(warped, (width, height), interpolation=cv2.INTER_AREA)
    return warped  # type: ignore[return-value]
