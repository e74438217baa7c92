"""Similarities at work: points mapped and pictures warped by a matrix of shape (2, 3).

Coordinates are (x, y) with pixel centres at whole numbers; sizes are (height, width).
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["MAX_SAMPLES", "RESAMPLING", "Matrix", "apply", "fitted", "warp"]

MAX_SAMPLES = 16
"""Samples a side that are averaged into one output pixel, at most."""
RESAMPLING = "area-of-bilinear-1"
"""Names how `warp` resamples; part of the alignment id."""

Matrix = NDArray[np.float64]


def apply(matrix: ArrayLike, points: ArrayLike) -> Matrix:
    """Map points of shape (N, 2) by a matrix of shape (2, 3)."""
    matrix, points = np.asarray(matrix, np.float64), np.asarray(points, np.float64)
    return points @ matrix[:, :2].T + matrix[:, 2]


def fitted(points: ArrayLike, target: ArrayLike) -> Matrix | None:
    """Fit the similarity that takes points to others with the least squares of what is left; it never reflects.

    Umeyama (1991, doi:10.1109/34.88573), to the bit what `skimage.transform.SimilarityTransform.from_estimate` gives,
    whose import would take a worker a third of a second.

    Parameters
    ----------
    points, target : array_like of shape (N, 2)
        Corresponding points.

    Returns
    -------
    float64 array of shape (2, 3), or None
        None if the points of either side coincide.
    """
    points, target = np.asarray(points, np.float64), np.asarray(target, np.float64)
    centre, goal = points.mean(axis=0), target.mean(axis=0)
    covariance = (target - goal).T @ (points - centre) / len(points)
    left, size, right = np.linalg.svd(covariance)
    rank = np.count_nonzero(size > size.max() * 2 * np.finfo(np.float64).eps)
    spread = (points - centre).var(axis=0).sum()
    if rank == 0 or spread == 0:
        return None
    of_scale = np.array([1.0, -1.0 if np.linalg.det(covariance) < 0 else 1.0])
    of_turn = of_scale
    if rank == 1:  # all points on a line: what reflects and what turns fit equally well
        of_turn = np.array([1.0, 1.0 if np.linalg.det(left) * np.linalg.det(right) > 0 else -1.0])
    turn = left @ np.diag(of_turn) @ right
    scale = 1.0 / spread * (size @ of_scale)
    return np.column_stack([turn * scale, goal - scale * (turn @ centre)])


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
