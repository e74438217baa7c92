"""Triangles: what their corners have, their normals, and which of them is seen at each pixel."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["blend", "corners_of", "lengths", "normals", "rasterise"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def normals(vertices: Floats, triangles: Ints) -> Floats:
    """Return area-weighted unit normals of shape (V, 3); zero where a vertex has no triangle."""
    a, b, c = corners_of(vertices, triangles)
    (right, up, near), (across, over, away) = (b - a).T, (c - a).T
    product = up * away - near * over, near * across - right * away, right * over - up * across
    corners = triangles.ravel()
    summed = np.stack([np.bincount(corners, np.repeat(part, 3), len(vertices)) for part in product], axis=1)
    return summed / np.maximum(lengths(summed), 1e-12)


def corners_of(values: NDArray, triangles: Ints) -> Iterator[NDArray]:
    """Yield what the first, the second and the third corners have: three times a row of `values` for each triangle."""
    return (values.take(triangles[:, corner], axis=0) for corner in range(3))  # much faster than by index


def lengths(vectors: NDArray[Any]) -> NDArray[Any]:
    """Return the lengths, shape (n, 1), of vectors of shape (n, 3)."""
    x, y, z = vectors.T  # a sum along so short an axis takes several times as long
    return np.sqrt(x * x + y * y + z * z)[:, None]


def blend(values: NDArray, corners: Ints, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what the vertices have, spread over the pixels.

    Parameters
    ----------
    values : array of shape (V, C)
        Of each vertex.
    corners : int64 array of shape (n, 3)
        The vertices of the triangle seen at each pixel.
    weights : float32 array of shape (n, 3)
        Barycentric coordinates in it.
    """
    values = values.astype(np.float32)
    first, second, third = (
        weights[:, place, None] * corner for place, corner in enumerate(corners_of(values, corners))
    )
    return first + second + third


def rasterise(
    points: Floats, depth: Floats, triangles: Ints, size: tuple[int, int]
) -> tuple[Ints, Ints, Floats, Floats]:
    """Find which triangle is nearest at each pixel.

    Parameters
    ----------
    points : float64 array of shape (V, 2)
        Vertices on the picture, (x, y), with pixel centres at whole numbers plus one half.
    depth : float64 array of shape (V,)
        Larger is nearer.
    triangles : int64 array of shape (F, 3)
        Vertex indices.
    size : tuple of int
        (height, width).

    Returns
    -------
    pixels : int64 array of shape (n,)
        Flat indices of the covered pixels, ascending.
    triangle : int64 array of shape (n,)
        The triangle seen there.
    weights : float64 array of shape (n, 3)
        Barycentric coordinates in it.
    nearness : float64 array of shape (n,)
        Interpolated depth.
    """
    height, width = size
    a, b, c = corners_of(points, triangles)
    least, most = np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)
    low = np.maximum(np.ceil(least - 0.5).astype(np.int64), 0)
    high = np.minimum(np.floor(most - 0.5).astype(np.int64), [width - 1, height - 1])
    spans = high - low + 1
    seen = np.flatnonzero((spans[:, 0] > 0) & (spans[:, 1] > 0))
    a, b, c, low, spans = (values.take(seen, axis=0) for values in (a, b, c, low, spans))
    columns, counts = spans[:, 0], spans[:, 0] * spans[:, 1]
    # one candidate per pixel of each triangle's bounding box
    owner = np.repeat(np.arange(len(seen)), counts)
    place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    row = place // columns[owner]
    x = low[owner, 0] + place - row * columns[owner]
    y = low[owner, 1] + row
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    area = np.where(np.abs(area) < 1e-12, 1e-12, area)
    right, down = x + 0.5 - a[owner, 0], y + 0.5 - a[owner, 1]
    u = right * ((c[:, 1] - a[:, 1]) / area)[owner] - down * ((c[:, 0] - a[:, 0]) / area)[owner]
    v = down * ((b[:, 0] - a[:, 0]) / area)[owner] - right * ((b[:, 1] - a[:, 1]) / area)[owner]
    inside = np.flatnonzero((u >= 0) & (v >= 0) & (u + v <= 1))
    u, v, found = u[inside], v[inside], seen[owner[inside]]
    weights = np.stack([1 - u - v, u, v], axis=1)
    first, second, third = (depth.take(triangles.take(found, axis=0)) * weights).T
    near = first + second + third
    place = y[inside] * width + x[inside]
    nearest = np.full(height * width, -np.inf)
    np.maximum.at(nearest, place, near)
    front = np.flatnonzero(near == nearest[place])
    buffer = np.full(height * width, -1, dtype=np.int64)
    buffer[place[front]] = front  # of several that are as near, the last
    pixels = np.flatnonzero(buffer >= 0)
    winner = buffer[pixels]
    return pixels, found[winner], weights[winner], near[winner]
