"""The head: its mesh, its parts and its morph targets.

Coordinates are those of the CC0 head data: x to the subject's left, y up, z forward, in decimetres. A face about
1.4 units wide has its eyes near (+-0.31, 7.28, 1.35).
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources

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
    "load_head",
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
