"""The face's texture space: where each texel lies on the average head, and where skin wrinkles.

Skin, brows, beard and wrinkles are painted by position on the average head, so that they follow the mesh when it is
morphed. Only the part of the texture that shows the head is kept.
"""

import itertools
from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facemotion.demo.mesh import BODY, Head, load_head
from facemotion.demo.triangles import rasterise

__all__ = [
    "LOWER_LID",
    "SIZE",
    "UPPER_LID",
    "WING",
    "WRINKLES",
    "Surface",
    "bell",
    "load_surface",
    "noise",
    "ridge",
    "smoothstep",
]

SIZE = 640
"""Side of the texture in texels."""
WINDOW = (0.63, 1.0, 0.30, 0.72)
"""u from, u to, v from, v to: the part of the texture that shows the head."""
WRINKLES = (
    "forehead",
    "glabella",
    "nose",
    "nasolabial",
    "crow's feet",
    "chin",
    "mouth corner",
    "upper lid",
    "lower lid",
    "wing",
)
"""Names of the wrinkle maps, in the order of `Surface.wrinkles`."""
Line = Sequence[tuple[float, float]]
UPPER_LID: Line = [(0.165, 7.335), (0.22, 7.378), (0.31, 7.398), (0.41, 7.388), (0.52, 7.33)]
"""The crease above the eye, as (distance from the middle of the face, height)."""
LOWER_LID: Line = [(0.17, 7.20), (0.25, 7.165), (0.36, 7.16), (0.48, 7.205)]
"""The crease below the lower lid."""
WING: Line = [(0.150, 6.995), (0.180, 6.965), (0.188, 6.925), (0.180, 6.875), (0.155, 6.845)]
"""Where the wing of the nose meets the cheek."""

Image = NDArray[np.float32]


def smoothstep(low: float, high: float, x: NDArray) -> NDArray:
    """Return 0 below `low`, 1 above `high`, and a smooth rise between; also falling, if `low` > `high`."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def bell(squared: NDArray, width: float) -> NDArray:
    """Return a Gaussian bell of squared distances."""
    return np.exp(-0.5 * squared / width**2)


def noise(
    rng: np.random.Generator, height: int, width: int, octaves: int, base: int = 4, *, gain: float = 0.5
) -> Image:
    """Return fractal noise of unit deviation, shape (height, width): octaves of smoothly enlarged white noise."""
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        side = max(2, base * 2**octave)
        grid = rng.standard_normal((side, side)).astype(np.float32)
        layer = np.asarray(cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC))
        layer *= gain**octave
        total += layer
    total /= total.std()
    return total


class Surface:
    """The texture space of a head.

    Attributes
    ----------
    pixels : float64 array of shape (T, 2)
        Texture coordinates as texels of the window, (x, y) with y down.
    position : float32 array of shape (SIZE, SIZE, 3)
        The point of the average head that each texel shows.
    covered : bool array of shape (SIZE, SIZE)
        Texels that show the head.
    lips, eyelids, ears : float32 arrays of shape (SIZE, SIZE)
        Regions, in [0, 1].
    front : float32 array of shape (SIZE, SIZE)
        The face itself, in [0, 1].
    wrinkles : float32 array of shape (SIZE, SIZE, W)
        Where skin folds; see `WRINKLES`.
    """

    def __init__(self, head: Head) -> None:
        left, right, bottom, top = WINDOW
        across = (head.uv[:, 0] - left) / (right - left)
        down = 1 - (head.uv[:, 1] - bottom) / (top - bottom)
        self.pixels = np.stack([across, down], axis=1) * SIZE
        body = np.flatnonzero(head.group == BODY)
        corners = self.pixels[head.triangle_uv[body]]
        body = body[((corners > -8) & (corners < SIZE + 8)).all(axis=(1, 2))]
        texels, triangle, weights, _ = rasterise(
            self.pixels, np.zeros(len(self.pixels)), head.triangle_uv[body], (SIZE, SIZE)
        )
        position = np.zeros((SIZE * SIZE, 3))
        position[texels] = (head.base[head.triangles[body][triangle]] * weights[..., None]).sum(axis=1)
        self.position = position.reshape(SIZE, SIZE, 3).astype(np.float32)
        covered = np.zeros(SIZE * SIZE, bool)
        covered[texels] = True
        self.covered = covered.reshape(SIZE, SIZE)
        self.lips, self.eyelids, self.ears = (
            cv2.resize(head.masks[name], (SIZE, SIZE), interpolation=cv2.INTER_LINEAR).astype(np.float32) / 255
            for name in ("lips", "eyelids", "ears")
        )
        self.front = (smoothstep(0.55, 0.95, self.position[..., 2]) * self.covered).astype(np.float32)
        maps = _wrinkles(self)
        self.wrinkles = np.stack([maps[name] for name in WRINKLES], axis=-1).astype(np.float32)


@cache
def load_surface() -> Surface:
    """Return the texture space of the head that is shipped with the package."""
    return Surface(load_head())


def ridge(points: NDArray, line: Line, width: float) -> NDArray:
    """Return a soft ridge in [0, 1] along a polyline; `points` has shape (..., 2)."""
    nearest = np.full(points.shape[:-1], np.inf, np.float32)
    for start, stop in itertools.pairwise(line):
        begin, along = np.array(start, np.float32), np.array(stop, np.float32) - np.array(start, np.float32)
        x, y = points[..., 0] - begin[0], points[..., 1] - begin[1]
        t = np.clip((x * along[0] + y * along[1]) / (along @ along), 0, 1)
        nearest = np.minimum(nearest, (x - t * along[0]) ** 2 + (y - t * along[1]) ** 2)
    return bell(nearest, width)


def _wrinkles(surface: Surface) -> dict[str, NDArray]:
    x, y, z = np.moveaxis(surface.position, -1, 0)
    side, front = np.abs(x), surface.front
    points = np.stack([side, y], axis=-1)  # both halves of the face at once
    speckle = np.abs(cv2.GaussianBlur(np.random.default_rng(5).standard_normal(x.shape).astype(np.float32), (0, 0), 4))
    forehead = sum(
        strength * ridge(points, [(0, at), (0.2, at + 0.015), (0.42, at - 0.01), (0.55, at - 0.05)], 0.015)
        for at, strength in ((7.60, 0.7), (7.67, 1.0), (7.75, 1.0), (7.84, 0.7))
    )
    crow = sum(ridge(points, [(0.53, 7.28), (0.62, 7.28 + rise)], 0.018) for rise in (-0.06, 0.0, 0.05, 0.09))
    return {
        "forehead": front * forehead * (1 - smoothstep(0.42, 0.6, side)),
        "glabella": front
        * (
            ridge(points, [(0.055, 7.40), (0.06, 7.47), (0.085, 7.58)], 0.02)
            + 0.6 * ridge(points, [(0, 7.37), (0.07, 7.36)], 0.015)
            + 0.3 * ridge(points, [(0, 7.42), (0, 7.52)], 0.02)
        ),
        "nose": front
        * (
            ridge(points, [(0.02, 7.30), (0.10, 7.24)], 0.015)
            + ridge(points, [(0.02, 7.24), (0.11, 7.19)], 0.015)
            + 0.7 * ridge(points, [(0.03, 7.35), (0.09, 7.32)], 0.014)
            + 0.5 * ridge(points, [(0.05, 7.18), (0.13, 7.14)], 0.014)
        ),
        "nasolabial": front
        * ridge(points, [(0.19, 6.96), (0.26, 6.87), (0.33, 6.76), (0.37, 6.66), (0.38, 6.58)], 0.026),
        "crow's feet": crow * surface.covered * (z > 0.6)
        + 0.5 * front * ridge(points, [(0.2, 7.16), (0.33, 7.11), (0.46, 7.15)], 0.018),
        "chin": front * bell(x**2 + (y - 6.35) ** 2, 0.13) * (1 - 2 * speckle / speckle.max())
        + 0.7 * front * ridge(points, [(0, 6.455), (0.1, 6.45), (0.17, 6.42)], 0.02),
        "mouth corner": front
        * (
            ridge(points, [(0.33, 6.68), (0.36, 6.62), (0.345, 6.55)], 0.02)
            + 0.6 * ridge(points, [(0.32, 6.56), (0.31, 6.47)], 0.02)
        ),
        "upper lid": front
        * (ridge(points, UPPER_LID, 0.014) + 0.6 * ridge(points, [(0.2, 7.43), (0.33, 7.45), (0.5, 7.41)], 0.024)),
        "lower lid": front * ridge(points, LOWER_LID, 0.014),
        "wing": front * ridge(points, WING, 0.013),
    }
