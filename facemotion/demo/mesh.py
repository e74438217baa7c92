"""The head: its mesh, its morph targets, normals and a z-buffer.

Coordinates are those of the CC0 head data: x to the subject's left, y up, z forward, in decimetres. A face about
1.4 units wide has its eyes near (+-0.31, 7.28, 1.35).
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facemotion.demo.action_units import sculpted

__all__ = [
    "BODY",
    "EYES",
    "FRAME",
    "GROUPS",
    "HAIR",
    "LASHES",
    "TEETH",
    "TONGUE",
    "Head",
    "among",
    "blend",
    "corners_of",
    "lengths",
    "load_head",
    "normals",
    "rasterise",
]

GROUPS = (
    "body",
    "left eye",
    "right eye",
    "upper teeth",
    "lower teeth",
    "tongue",
    "hair",
    "left lashes, lower",
    "left lashes, upper",
    "right lashes, lower",
    "right lashes, upper",
)
"""Names of the parts of the mesh, by the number in `Head.group`."""
BODY, EYES, TEETH, TONGUE, HAIR, LASHES = 0, (1, 2), (3, 4), 5, 6, (7, 8, 9, 10)
FRAME = len(GROUPS)
"""Number of the frame of glasses, which is no part of the mesh; see `facemotion.demo.glasses`."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Head:
    """Base mesh and morph targets, read from ``data/head.npz``.

    Attributes
    ----------
    base : float64 array of shape (V, 3)
        Vertices of the average head.
    uv : float64 array of shape (T, 2)
        Texture coordinates in [0, 1], v up.
    triangles, triangle_uv : int64 arrays of shape (F, 3)
        Indices into `base` and `uv`.
    group : int64 array of shape (F,)
        The part that each triangle belongs to; see `GROUPS`.
    skin, others : int64 arrays of shape (n, 3)
        The triangles of the body, and those of the other parts.
    names : tuple of str
        Morph targets; those that begin with ``fu/`` are face units, those of `facemotion.demo.action_units` last.
    masks : dict of str to uint8 array of shape (512, 512)
        Regions of the face's texture: ``lips``, ``eyelids``, ``ears``.
    """

    def __init__(self, data: Mapping[str, NDArray]) -> None:
        self.base = data["v"].astype(np.float64)
        self.uv = data["vt"].astype(np.float64)
        quads, quad_uv, group = (data[name].astype(np.int64) for name in ("quads", "quv", "qg"))
        whole = quads[:, 2] != quads[:, 3]  # a triangle is stored as a quad whose last corner is doubled
        self.triangles = np.concatenate([quads[:, [0, 1, 2]], quads[whole][:, [0, 2, 3]]])
        self.triangle_uv = np.concatenate([quad_uv[:, [0, 1, 2]], quad_uv[whole][:, [0, 2, 3]]])
        self.group = np.concatenate([group, group[whole]])
        self.skin, self.others = self.triangles[self.group == BODY], self.triangles[self.group != BODY]
        own = {f"fu/{name}": shift for name, shift in sculpted(self.base).items()}
        self.names = (*(str(name) for name in data["names"]), *own)
        self.masks = {name[5:]: data[name] for name in data if name.startswith("mask_")}
        self._index = {name: number for number, name in enumerate(self.names)}
        self._start = data["ptr"].astype(np.int64)
        self._vertex = data["ti"].astype(np.int64)
        self._offset = data["td"]
        self._scale = data["ts"].astype(np.float64)
        self._own: dict[str, tuple[Ints, Floats]] = {}
        self._places: dict[tuple[int, ...], Ints] = {}
        skin = np.zeros(len(self.base), bool)
        skin[self.vertices(BODY)] = True
        for name, shift in own.items():
            moved = np.flatnonzero(skin & shift.any(axis=1))
            self._own[name] = (moved, shift[moved])

    @property
    def units(self) -> tuple[str, ...]:
        """Names of the face units, without their prefix."""
        return tuple(name[3:] for name in self.names if name.startswith("fu/"))

    def vertices(self, *groups: int) -> Ints:
        """Return the vertices of some parts, sorted."""
        if groups not in self._places:
            self._places[groups] = np.unique(self.triangles[among(self.group, *groups)])
            self._places[groups].flags.writeable = False
        return self._places[groups]

    def morph(self, weights: Mapping[str, float], start: Floats | None = None) -> Floats:
        """Return vertices of shape (V, 3): `start` (the base by default) plus weighted targets.

        Parameters
        ----------
        weights : mapping of str to float
            By target name; unknown names raise KeyError.
        start : float64 array of shape (V, 3), optional
            What to begin with; it is not changed.
        """
        vertices = (self.base if start is None else start).copy()
        for name, weight in weights.items():
            if weight and name in self._own:
                moved, shift = self._own[name]
                vertices[moved] += weight * shift
            elif weight:
                number = self._index[name]
                part = slice(self._start[number], self._start[number + 1])
                vertices[self._vertex[part]] += weight * (self._offset[part] * self._scale[number])
        return vertices


@cache
def load_head() -> Head:
    """Return the head that is shipped with the package."""
    with resources.files("facemotion.demo").joinpath("data/head.npz").open("rb") as file:
        with np.load(file, allow_pickle=False) as data:
            return Head({name: data[name] for name in data.files})


def among(parts: Ints, *wanted: int) -> NDArray[np.bool_]:
    """Return which of some parts, by number in `GROUPS` or `FRAME`, are among those wanted."""
    table = np.zeros(FRAME + 1, bool)
    table[list(wanted)] = True
    return table[parts]  # much faster than `np.isin`


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
