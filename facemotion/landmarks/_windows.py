"""Windows of pictures, as the networks see them: squares cut out, and turned ones, without aliasing.

A window that leaves the picture is filled up with zeros. Boxes are x1, y1, x2, y2 of pixel edges; points have pixel
centres at whole numbers.
"""

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from facemotion.geometry import apply, warp

__all__ = ["ENOUGH", "back", "blocks", "cut", "framed", "resized", "shrunk", "squares"]

ENOUGH = 2
"""Pixels a side for each pixel of a window: what has more is reduced by whole blocks first, which is cheaper."""

Pixels = NDArray[np.uint8]


def squares(boxes: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the smallest square around each box, in whole pixels."""
    side = np.maximum(np.rint((boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0)), 1)
    corner = np.rint((boxes[:, :2] + boxes[:, 2:] - side[:, None]) / 2)
    return np.concatenate([corner, corner + side[:, None]], axis=1).astype(np.int64)


def cut(image: Pixels, window: NDArray[np.int64], size: int) -> Pixels:
    """Cut a square window, zeros outside the picture, and resize it to (size, size)."""
    height, width = image.shape[:2]
    x1, y1, x2, y2 = window.tolist()
    inside: Any = image[max(y1, 0) : max(y2, 0), max(x1, 0) : max(x2, 0)]
    if inside.shape[:2] != (y2 - y1, x2 - x1):
        if inside.size == 0:
            return np.zeros((size, size, 3), np.uint8)
        edges = (max(-y1, 0), max(y2 - height, 0), max(-x1, 0), max(x2 - width, 0))
        inside = cv2.copyMakeBorder(inside, *edges, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    return resized(inside, size, size)


def shrunk(image: Pixels, factor: int) -> Pixels:
    """Average blocks of factor x factor pixels; up to factor - 1 columns and rows at the far edges are left out."""
    height, width = image.shape[0] // factor, image.shape[1] // factor
    return image if factor == 1 else resized(image[: height * factor, : width * factor], width, height)


def blocks(scale: float) -> int:
    """Return the side of the blocks by which a picture can be reduced before it is scaled, with `ENOUGH` left."""
    return max(1, int(1 / (ENOUGH * scale)))


def resized(image: Pixels, width: int, height: int) -> Pixels:
    """Scale a picture without aliasing."""
    shrinks = image.shape[0] >= height and image.shape[1] >= width
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(image, (width, height), interpolation=method)  # type: ignore[return-value]


def framed(image: Pixels, matrix: NDArray[np.float64], side: int) -> Pixels:
    """Return a turned square window.

    Parameters
    ----------
    image : uint8 array of shape (H, W, 3)
        The picture.
    matrix : float64 array of shape (2, 3)
        The similarity that takes the picture to the window.
    side : int
        Of the window, in pixels.
    """
    factor = blocks(math.hypot(matrix[0, 0], matrix[1, 0]))
    if factor == 1:
        return warp(image, matrix, (side, side))
    corners = back(matrix, np.array([[-1, -1], [side, -1], [-1, side], [side, side]]))
    near = np.clip(np.floor(corners.min(axis=0)), 0, None).astype(int)
    number = np.ceil((np.minimum(corners.max(axis=0) + 1, image.shape[1::-1]) - near) / factor).astype(int)
    far = near + factor * number
    part = image[near[1] : far[1], near[0] : far[0]]
    if min(part.shape[:2]) < factor:
        return warp(image, matrix, (side, side))
    within = matrix * [factor, factor, 1]
    within[:, 2] = apply(matrix, near + (factor - 1) / 2)  # the centre of the first block
    return warp(shrunk(part, factor), within, (side, side))


def back(matrix: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float32]:
    """Take points of shape (N, 2) of a window back to the picture."""
    inverse = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2]
    return apply(inverse, points).astype(np.float32)
