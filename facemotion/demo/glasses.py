"""Glasses: whether a subject wears them, and their shape, fitted to the subject's own head.

A rim round each lens, a bridge, and temples to the ears, in the coordinates of the head at rest. They are fixed to the
skull: they turn with the head and no expression moves them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facemotion.demo.mesh import BODY, EYES, Head

__all__ = ["Glasses", "fit_glasses", "wears"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_GOLDEN = 0.6180339887498949
_INNER = 0.085
"""Half the distance between the lenses, in head units (decimetres)."""
_AROUND = 40
"""Corners of a rim."""
_STYLES = {"round": (0.88, 2.2), "square": (0.74, 3.2), "rectangular": (0.60, 4.0)}
"""Height over width, and the exponent of the superellipse."""
_FRAMES = np.array([[0.012, 0.011, 0.011], [0.05, 0.022, 0.012], [0.30, 0.29, 0.28], [0.03, 0.04, 0.09]])
"""Linear colours: black, tortoise, metal, blue."""
_METAL = 2
_TINTS = np.array([[0.93, 0.94, 0.92], [0.80, 0.80, 0.78], [0.86, 0.80, 0.70]])
"""What lenses let through: clear, grey, brown."""


@dataclass(frozen=True, eq=False)
class Glasses:
    """A pair of glasses on a head at rest.

    Attributes
    ----------
    style : str
        ``round``, ``square`` or ``rectangular``.
    color, tint : float64 arrays of shape (3,)
        Linear colour of the frame, and the share of light that the lenses let through.
    gloss : float
        Strength of the frame's highlights.
    vertices : float64 array of shape (V, 3)
        In head units.
    frame, lenses : int64 arrays of shape (F, 3) and (L, 3)
        Triangles of the two materials.
    """

    style: str
    color: Floats
    tint: Floats
    gloss: float
    vertices: Floats
    frame: Ints
    lenses: Ints


def wears(seed: int, share: float) -> bool:
    """Say whether the subject of a seed wears glasses.

    Multiples of the golden ratio, taken modulo 1, fill [0, 1) evenly: of any run of consecutive subjects nearly `share`
    wear glasses, and who wears them at one share does so at every larger one.

    Parameters
    ----------
    seed : int
        The subject's; see `facemotion.demo.identity.build_subject`.
    share : float
        In [0, 1]: 0 is nobody, 1 everybody.

    Examples
    --------
    >>> sum(wears(seed, 0.5) for seed in range(24))
    12
    """
    return (seed * _GOLDEN) % 1.0 < share


def fit_glasses(head: Head, vertices: Floats, rng: np.random.Generator) -> Glasses:
    """Draw glasses and fit them to a head.

    Parameters
    ----------
    head : Head
        The mesh.
    vertices : float64 array of shape (V, 3)
        The subject's head at rest.
    rng : numpy.random.Generator
        Source of style, colours and sizes.
    """
    style = str(rng.choice(list(_STYLES)))
    kind = int(rng.choice(len(_FRAMES), p=[0.45, 0.25, 0.2, 0.1]))
    rim = float(rng.uniform(0.022, 0.030) if kind == _METAL else rng.uniform(0.034, 0.052))
    tint = _TINTS[int(rng.choice(len(_TINTS), p=[0.8, 0.1, 0.1]))]
    ratio, exponent = _STYLES[style]
    ratio = ratio * rng.uniform(0.94, 1.06)
    skin = vertices[head.vertices(BODY)]
    eyes = vertices[head.vertices(*EYES)]
    level = float(eyes[:, 1].mean()) - 0.035
    outer = float(np.clip(0.90 * _reach(skin, level, (0.78, 1.05)), 0.48, 0.62))
    half = (outer - _INNER) / 2
    front = _clearance(skin, eyes, level)
    surface = _Front(level, front)
    left = _ring(surface, _INNER + half, level, half, half * ratio, exponent)
    parts = [_rim(surface, left, rim), _bridge(surface, half * ratio, rim), _temple(surface, skin, outer, half, rim)]
    parts += [_mirrored(part) for part in (parts[0], parts[2])]
    lens = _lens(surface, left)
    points, frame = _joined(parts)
    lens_points, lenses = _joined([lens, _mirrored(lens)])
    return Glasses(
        style=style,
        color=_FRAMES[kind],
        tint=tint,
        gloss=0.9 if kind == _METAL else float(rng.uniform(0.25, 0.5)),
        vertices=np.concatenate([points, lens_points]),
        frame=frame,
        lenses=lenses + len(points),
    )


@dataclass(frozen=True)
class _Front:
    """The curved sheet that the front of the glasses lies in: nearer to the cheeks below, wrapped round the face."""

    level: float
    depth: float

    def __call__(self, x: Floats, y: Floats, ahead: float | Floats = 0.0) -> Floats:
        z = self.depth - 0.16 * x**2 + 0.10 * (y - self.level) + ahead
        return np.stack([x, y, z], axis=-1)


Part = tuple[Floats, Ints]


def _reach(skin: Floats, level: float, depths: tuple[float, float]) -> float:
    """Return half the width of the head at the temples."""
    near = skin[(np.abs(skin[:, 1] - level) < 0.15) & (skin[:, 2] > depths[0]) & (skin[:, 2] < depths[1])]
    return float(np.abs(near[:, 0]).max())


def _clearance(skin: Floats, eyes: Floats, level: float) -> float:
    """Return how far forward the glasses sit: on the bridge of the nose, clear of the eyes."""
    x, y, z = skin.T
    bridge = z[(np.abs(x) < 0.04) & (np.abs(y - level) < 0.08)].max()
    return float(max(bridge + 0.02, eyes[:, 2].max() + 0.10))


def _ring(front: _Front, x: float, y: float, wide: float, high: float, exponent: float) -> Floats:
    """Return the outline of a lens, counter-clockwise as seen from the camera: a superellipse."""
    angle = np.linspace(0, 2 * np.pi, _AROUND, endpoint=False)
    across, up = (np.sign(f(angle)) * np.abs(f(angle)) ** (2 / exponent) for f in (np.cos, np.sin))
    # faces taper, and so do lenses: narrower below
    return front(x + wide * across * (1 + 0.05 * up), y + high * up)


def _rim(front: _Front, ring: Floats, thickness: float) -> Part:
    """Return a rounded rim outside an outline: four rings, the middle ones ahead, joined by quads."""
    middle = ring.mean(axis=0)
    away = ring[:, :2] - middle[:2]
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    rings = []
    for reach, ahead in ((0.0, -0.035), (0.15, 0.012), (0.85, 0.012), (1.0, -0.035)):
        x, y = (ring[:, :2] + away * thickness * reach).T
        rings.append(front(x, y, ahead))
    return _strip(np.stack(rings), closed=True)


def _bridge(front: _Front, high: float, rim: float) -> Part:
    """Return the bridge: an arch between the rims, above the middle of the lenses."""
    x = np.linspace(-_INNER - 0.01, _INNER + 0.01, 9)
    arch = front.level + 0.35 * high + 0.03 * (1 - (x / _INNER) ** 2)
    rings = [
        front(x, arch + side * rim * 0.45, ahead)
        for side, ahead in ((1, -0.02), (0.6, 0.02), (-0.6, 0.02), (-1, -0.02))
    ]
    return _strip(np.stack(rings), closed=False)


def _temple(front: _Front, skin: Floats, outer: float, half: float, rim: float) -> Part:
    """Return the temple of the subject's left side: from the rim's upper corner back to the ear."""
    hinge = front(np.array(outer + 0.6 * rim), np.array(front.level + 0.30 * half))
    ear = np.array([_reach(skin, front.level, (0.72, 0.9)) + 0.02, front.level + 0.10, 0.42])
    share = np.linspace(0, 1, 8)[:, None] ** np.array([0.6, 1.0, 1.0])  # bends outwards at once, as hinges do
    path = hinge + (ear - hinge) * share
    width = np.clip(rim, 0.025, 0.045)
    rings = [
        path + np.array([out, side * width * 0.5, 0.0])
        for side, out in ((1, -0.004), (0.7, 0.008), (-0.7, 0.008), (-1, -0.004))
    ]
    return _strip(np.stack(rings), closed=False)


def _lens(front: _Front, ring: Floats) -> Part:
    """Return a lens: rings from its middle to the rim, slightly domed."""
    middle = ring.mean(axis=0)
    rings = []
    for reach in np.linspace(1.0, 0.0, 7):
        x, y = (middle[:2] + (ring[:, :2] - middle[:2]) * reach).T
        rings.append(front(x, y, -0.012 + 0.03 * (1 - reach**2)))
    return _strip(np.stack(rings), closed=True)


def _strip(rings: Floats, *, closed: bool) -> Part:
    """Join rings of shape (R, N, 3) by triangles."""
    count, around = rings.shape[:2]
    number = np.arange(count * around).reshape(count, around)
    if closed:
        number = np.concatenate([number, number[:, :1]], axis=1)
    a, b, c, d = number[:-1, :-1], number[:-1, 1:], number[1:, 1:], number[1:, :-1]
    triangles = np.concatenate(
        [np.stack([a, b, c], axis=-1).reshape(-1, 3), np.stack([a, c, d], axis=-1).reshape(-1, 3)]
    )
    return rings.reshape(-1, 3), triangles


def _mirrored(part: Part) -> Part:
    """Return a part on the other side of the face."""
    points, triangles = part
    return points * [-1, 1, 1], triangles[:, ::-1]


def _joined(parts: list[Part]) -> Part:
    starts = np.cumsum([0, *(len(points) for points, _ in parts)])
    triangles = [triangles + start for (_, triangles), start in zip(parts, starts, strict=False)]
    return np.concatenate([points for points, _ in parts]), np.concatenate(triangles)
