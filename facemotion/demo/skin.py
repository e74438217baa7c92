"""Painting a person's skin in texture space: complexion, beard, lips, brows and hairline."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facemotion.demo.features import find_features
from facemotion.demo.texture import SIZE, Surface, bell, noise, smoothstep

__all__ = ["Skin", "Traits", "paint"]

Image = NDArray[np.float32]
Color = NDArray[np.float64]
Planes = NDArray[np.float64]
"""Red, green and blue behind one another, shape (3, SIZE, SIZE): much faster to paint than side by side."""

_LIGHT, _MIDDLE, _DARK = np.array([[0.87, 0.72, 0.64], [0.72, 0.54, 0.43], [0.30, 0.20, 0.15]])
_HAIR = np.array([[0.05, 0.04, 0.035], [0.10, 0.065, 0.045], [0.22, 0.13, 0.07], [0.42, 0.29, 0.15], [0.5, 0.5, 0.49]])
_AGEING = np.array([0.3, 0.25, 0.0, 0.7, 0.35, 0.1, 0.25, 0.3, 0.4, 0.3], np.float32)
"""How deep each wrinkle stays at rest in an old face."""


@dataclass(frozen=True)
class Traits:
    """What a person is like; see `facemotion.demo.identity`.

    Attributes
    ----------
    male : bool
        Shape and hair.
    age : float
        0 young to 1 old.
    melanin : float
        0 light to 1 dark.
    """

    male: bool
    age: float
    melanin: float


@dataclass(frozen=True)
class Skin:
    """What the renderer needs of a person's surface; colours are linear.

    Attributes
    ----------
    maps : float32 array of shape (SIZE, SIZE, 7)
        What the shader reads at each texel: colour (3), hair cover, parts without gloss (brows), height in head units,
        wrinkles at rest.
    tone, hair, iris, cloth : float64 arrays of shape (3,)
        Colours of bare skin, hair, iris and clothes.
    gloss : float
        Strength of highlights.
    """

    maps: Image
    tone: Color
    hair: Color
    iris: Color
    cloth: Color
    gloss: float

    @property
    def scalp(self) -> Image:
        """How far hair covers each texel, shape (SIZE, SIZE)."""
        return np.ascontiguousarray(self.maps[..., 3])


def paint(surface: Surface, traits: Traits, rng: np.random.Generator) -> Skin:
    """Paint a person.

    Parameters
    ----------
    surface : Surface
        The texture space.
    traits : Traits
        Sex, age and complexion.
    rng : numpy.random.Generator
        Everything else is drawn from it.
    """
    tone = _tone(traits, rng)
    hair = _HAIR[rng.choice(len(_HAIR), p=_hair_odds(traits))]
    albedo = _complexion(surface, traits, tone, rng)
    if traits.male:
        _beard(surface, albedo, rng)
    _lips(surface, traits, albedo, tone, rng)
    brows = _brows(surface, traits, albedo, hair, rng)
    scalp = _scalp(surface, traits, rng)
    _hair(surface, albedo, scalp, hair * 1.1, rng)
    pores = 0.0007 * noise(rng, SIZE, SIZE, 3, 140) + 0.0007 * noise(rng, SIZE, SIZE, 2, 50) * traits.age
    irises = np.array([[0.22, 0.12, 0.06], [0.30, 0.20, 0.10], [0.25, 0.33, 0.40], [0.28, 0.36, 0.25]])
    odds = np.array([0.35 + 0.6 * traits.melanin, 0.3, 0.25 * (traits.melanin < 0.3), 0.15 * (traits.melanin < 0.3)])
    folds = surface.wrinkles @ (_AGEING * np.float32(traits.age**1.3))
    colors = (np.clip(plane, 0.01, 1) ** 2.2 for plane in albedo)
    maps = np.empty((SIZE, SIZE, 7), np.float32)
    for place, values in enumerate((*colors, scalp, brows, pores * (1 - scalp), folds)):
        maps[..., place] = values
    return Skin(
        maps=maps,
        tone=np.clip(tone, 0, 1) ** 2.2,
        hair=np.clip(hair * 1.1, 0, 1) ** 2.2,
        iris=irises[rng.choice(4, p=odds / odds.sum())] ** 1.6,
        cloth=(rng.uniform(0.05, 0.8, 3) * rng.uniform(0.4, 1)) ** 2.2,
        gloss=float(rng.uniform(0.5, 1.2)),
    )


def _tone(traits: Traits, rng: np.random.Generator) -> Color:
    melanin = traits.melanin
    if melanin < 0.45:
        tone = _LIGHT + (_MIDDLE - _LIGHT) * (melanin / 0.45)
    else:
        tone = _MIDDLE + (_DARK - _MIDDLE) * ((melanin - 0.45) / 0.55)
    return tone * rng.normal(1, 0.018, 3) * rng.normal(1, 0.03)


def _hair_odds(traits: Traits) -> Color:
    melanin = traits.melanin
    odds = np.array(
        [
            0.3 + 1.5 * max(0, melanin - 0.25),
            0.4,
            0.6 * (melanin < 0.45),
            0.5 * (melanin < 0.33),
            2.5 * max(0, traits.age - 0.4),
        ]
    )
    return odds / odds.sum()


def _stain(albedo: Planes, amount: NDArray, absorption: Sequence[float], where: NDArray | None = None) -> None:
    """Darken in place as pigment does: `amount` of it takes away `absorption` of red, green and blue.

    With `where`, a mask, only there, and `amount` has a value for each of its texels.
    """
    amount = amount.astype(np.float64)
    for plane, share in zip(albedo, absorption, strict=True):
        if where is None:
            plane *= np.exp(amount * -share)
        else:
            plane[where] *= np.exp(amount * -share)


def _complexion(surface: Surface, traits: Traits, tone: Color, rng: np.random.Generator) -> Planes:
    face = find_features(surface)
    albedo = np.ones((3, SIZE, SIZE)) * tone[:, None, None]
    blood = face.blood * rng.uniform(0.3, 0.9)
    blood += 0.05 * noise(rng, SIZE, SIZE, 4, 8) * surface.front
    _stain(albedo, blood * (1 - 0.6 * traits.melanin), (0.02, 0.26, 0.24))
    mottle = 0.022 * noise(rng, SIZE, SIZE, 5, 6) + 0.014 * noise(rng, SIZE, SIZE, 3, 90)
    _stain(albedo, mottle * (1 + 0.8 * traits.age), (0.5, 0.8, 1.0))
    lids = face.lids + face.under_eyes * (0.5 + traits.age)
    _stain(albedo, lids * rng.uniform(0.6, 1.3), (0.7, 1.0, 0.9))
    _stain(albedo, face.lash_line, (1.0, 1.0, 1.0), face.lashed)
    _stain(albedo, face.lines, (0.8, 1.0, 1.0), face.lined)
    for _ in range(int(rng.poisson(2 + 10 * traits.age))):
        away = (face.x - rng.uniform(-0.6, 0.6)) ** 2 + (face.y - rng.uniform(6.2, 8.0)) ** 2
        depth, width = rng.uniform(0.1, 0.5), rng.uniform(0.006, 0.018)
        near = away < (9 * width) ** 2  # further off, exp(-spot) is 1 in float64
        _stain(albedo, depth * bell(away[near], width) * surface.front[near], (0.5, 0.8, 1.0), near)
    return albedo


def _beard(surface: Surface, albedo: Planes, rng: np.random.Generator) -> None:
    face = find_features(surface)
    side, y, z = face.side, face.y, face.z
    cover = smoothstep(6.98, 6.75, y) * smoothstep(5.95, 6.25, y) * smoothstep(0.1, 0.6, z)
    cover *= 1 - 0.8 * bell(side**2 * 0.8 + (y - 6.64) ** 2 * 2.2, 0.13)
    cover *= 1 - smoothstep(0.3, 0.05, side) * smoothstep(6.8, 6.95, y)
    amount = rng.choice([0.10, 0.25, 0.8], p=[0.55, 0.3, 0.15])
    stubble = np.clip(amount * cover * (1 + 0.22 * noise(rng, SIZE, SIZE, 2, 200)), 0, 2.5)
    _stain(albedo, stubble, (1.0, 0.95, 0.85))


def _lips(surface: Surface, traits: Traits, albedo: Planes, tone: Color, rng: np.random.Generator) -> None:
    face = find_features(surface)
    color = tone * [0.88, 0.60, 0.60]
    if not traits.male:
        color = color * rng.uniform(0.8, 1.02) * [1.05, rng.uniform(0.6, 1), rng.uniform(0.65, 1)]
    lines = 1 - 0.06 * np.abs(noise(rng, SIZE, SIZE, 2, 120))[face.lips]
    share = 0.75 * face.lip_cover
    for plane, part in zip(albedo, color, strict=True):
        plane[face.lips] = plane[face.lips] * (1 - share) + share * (part * lines)


def _brows(surface: Surface, traits: Traits, albedo: Planes, hair: Color, rng: np.random.Generator) -> NDArray:
    """Paint the brows; return where they are, in [0, 1]."""
    face = find_features(surface)
    thickness = rng.uniform(0.024, 0.036) * (1.1 if traits.male else 0.85)
    arch, rest = rng.uniform(-0.01, 0.03), 7.485 + rng.normal(0, 0.012)
    # the inner end stands as high as the middle: lower, it would look stern at rest
    line = [(0.11, 0.022), (0.20, 0.027), (0.33, 0.030 + arch * 0.7), (0.45, 0.022 + arch * 0.5), (0.57, -0.012)]
    waves = noise(rng, SIZE, SIZE, 2, 60)
    near = (np.abs(face.y - 7.485) < 0.5) & (face.side < 0.6) & (face.z > 0.9)  # elsewhere `cover` is 0
    side, y = face.side[near], face.y[near]
    along = np.clip((side - 0.10) / 0.47, 0, 1)
    centre = np.interp(side, [at for at, _ in line], [rest + height for _, height in line])
    width = thickness * np.interp(along, [0, 0.15, 0.6, 1], [0.7, 1.0, 0.85, 0.35])
    cover = (
        np.exp(-0.5 * ((y - centre) / width) ** 4) * smoothstep(0.09, 0.15, side) * (1 - smoothstep(0.54, 0.60, side))
    )
    hairs = np.sin((side * 3.2 + (y - centre) * 2.2 * np.sign(0.25 - along)) * 140 + 3 * waves[near])
    cover = np.clip(cover * (0.55 + 0.45 * (hairs * 0.5 + 0.5)) * rng.uniform(0.7, 0.95), 0, 1)
    for plane, part in zip(albedo, hair * 0.75, strict=True):
        plane[near] = plane[near] * (1 - cover) + cover * part
    brows = np.zeros_like(waves)
    brows[near] = cover
    return brows


def _scalp(surface: Surface, traits: Traits, rng: np.random.Generator) -> NDArray:
    """Return where hair grows, in [0, 1]: above the hairline, behind, and at the temples."""
    face = find_features(surface)
    side, y, z = face.side, face.y, face.z
    hairline = rng.uniform(7.90, 8.02) + 0.06 * traits.male - 0.02 - 0.55 * smoothstep(0.35, 0.75, side)
    receding = rng.uniform(0, 0.22) * traits.male * (0.4 + traits.age)
    hairline = hairline + receding * bell((side - 0.42) ** 2, 0.13) + 0.008 * noise(rng, SIZE, SIZE, 3, 30)
    behind = smoothstep(0.35, 0.15, z) * smoothstep(6.75, 7.0, y) * (surface.ears < 0.3)
    cover = np.maximum(np.maximum(smoothstep(-0.06, 0.08, y - hairline), behind), face.temples)
    return np.clip(cover, 0, 1) * surface.covered


def _hair(surface: Surface, albedo: Planes, scalp: NDArray, color: Color, rng: np.random.Generator) -> None:
    face = find_features(surface)
    flow, fine = noise(rng, SIZE, SIZE, 2, 10), noise(rng, SIZE, SIZE, 2, 160)
    grown = scalp > 0
    around, flow, cover = np.arctan2(face.x[grown], face.z[grown] - 0.4), flow[grown], scalp[grown]
    strands = 0.8 + 0.10 * np.sin(around * 170 + 4 * flow) + 0.12 * np.sin(around * 61 + face.y[grown] * 9 + 6 * flow)
    strands = np.clip(strands + 0.07 * fine[grown], 0.2, 1.6)
    for plane, part in zip(albedo, color, strict=True):
        plane[grown] = plane[grown] * (1 - cover) + cover * part * strands
