"""Painting a person's skin in texture space: complexion, beard, lips, brows and hairline."""

from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facemotion.demo.texture import LOWER_LID, SIZE, UPPER_LID, WING, Surface, bell, noise, ridge, smoothstep

__all__ = ["Skin", "Traits", "paint"]

Image = NDArray[np.float32]
Color = NDArray[np.float64]

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
    """What the renderer needs of a person's surface; pictures have shape (SIZE, SIZE[, 3]), colours are linear.

    Attributes
    ----------
    albedo, bump, scalp, matte, folds : float32 arrays
        Colour, height in head units, hair cover, parts without gloss (brows), wrinkles at rest.
    maps : float32 array of shape (SIZE, SIZE, 7)
        All of these behind one another, as the shader reads them.
    tone, hair, iris, cloth : float64 arrays of shape (3,)
        Colours of bare skin, hair, iris and clothes.
    gloss : float
        Strength of highlights.
    """

    albedo: Image
    bump: Image
    scalp: Image
    matte: Image
    folds: Image
    tone: Color
    hair: Color
    iris: Color
    cloth: Color
    gloss: float
    maps: Image = field(init=False)

    def __post_init__(self) -> None:
        """Lay the pictures behind one another."""
        maps = np.dstack([self.albedo, self.scalp, self.matte, self.bump, self.folds])
        object.__setattr__(self, "maps", np.ascontiguousarray(maps, np.float32))


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
        albedo = _beard(surface, albedo, rng)
    albedo = _lips(surface, traits, albedo, tone, rng)
    albedo, brows = _brows(surface, traits, albedo, hair, rng)
    scalp = _scalp(surface, traits, rng)
    albedo = _hair(surface, albedo, scalp, hair * 1.1, rng)
    pores = 0.0007 * noise(rng, SIZE, SIZE, 3, 140) + 0.0007 * noise(rng, SIZE, SIZE, 2, 50) * traits.age
    irises = np.array([[0.22, 0.12, 0.06], [0.30, 0.20, 0.10], [0.25, 0.33, 0.40], [0.28, 0.36, 0.25]])
    odds = np.array([0.35 + 0.6 * traits.melanin, 0.3, 0.25 * (traits.melanin < 0.3), 0.15 * (traits.melanin < 0.3)])
    return Skin(
        albedo=(np.clip(albedo, 0.01, 1) ** 2.2).astype(np.float32),
        bump=(pores * (1 - scalp)).astype(np.float32),
        scalp=scalp.astype(np.float32),
        matte=brows.astype(np.float32),
        folds=(surface.wrinkles @ (_AGEING * np.float32(traits.age**1.3))).astype(np.float32),
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


def _stain(albedo: NDArray, amount: NDArray, absorption: tuple[float, float, float]) -> NDArray:
    """Darken as pigment does: `amount` of it takes away `absorption` of red, green and blue."""
    return albedo * np.exp(-amount[..., None] * np.array(absorption))


def _complexion(surface: Surface, traits: Traits, tone: Color, rng: np.random.Generator) -> NDArray:
    x, y, z = np.moveaxis(surface.position, -1, 0)
    side = np.abs(x)
    albedo = np.ones((SIZE, SIZE, 3)) * tone
    blood = (
        0.55 * bell((side - 0.42) ** 2 + (y - 6.95) ** 2, 0.16)
        + 0.6 * bell(x**2 + (y - 6.93) ** 2 + (z - 1.65) ** 2, 0.13)
        + 0.2 * surface.ears
        + 0.25 * bell(x**2 + (y - 6.35) ** 2, 0.12)
        + 0.15 * surface.front
    ) * rng.uniform(0.3, 0.9)
    blood += 0.05 * noise(rng, SIZE, SIZE, 4, 8) * surface.front
    albedo = _stain(albedo, blood * (1 - 0.6 * traits.melanin), (0.02, 0.26, 0.24))
    mottle = 0.022 * noise(rng, SIZE, SIZE, 5, 6) + 0.014 * noise(rng, SIZE, SIZE, 3, 90)
    albedo = _stain(albedo, mottle * (1 + 0.8 * traits.age), (0.5, 0.8, 1.0))
    under_eyes = 0.25 * bell((side - 0.31) ** 2 * 0.6 + (y - 7.15) ** 2, 0.07) * (0.5 + traits.age)
    albedo = _stain(albedo, (0.30 * surface.eyelids + under_eyes) * rng.uniform(0.6, 1.3), (0.7, 1.0, 0.9))
    lash_line = 0.45 * bell((y - 7.3) ** 2 + (side - 0.31) ** 2 * 0.18, 0.035) * (z > 1.28) * surface.eyelids
    albedo = _stain(albedo, lash_line, (1.0, 1.0, 1.0))
    albedo = _stain(albedo, _lines(surface), (0.8, 1.0, 1.0))
    for _ in range(int(rng.poisson(2 + 10 * traits.age))):
        away = (x - rng.uniform(-0.6, 0.6)) ** 2 + (y - rng.uniform(6.2, 8.0)) ** 2
        depth, width = rng.uniform(0.1, 0.5), rng.uniform(0.006, 0.018)
        near = away < (9 * width) ** 2  # further off, exp(-spot) is 1 in float64
        spot = depth * bell(away[near], width) * surface.front[near]
        albedo[near] = _stain(albedo[near], spot, (0.5, 0.8, 1.0))
    return albedo


@cache
def _lines(surface: Surface) -> NDArray:
    """Return the pigment that every face has: creases of lids, nose and chin, nostrils, philtrum, mouth's corners."""
    x, y, z = np.moveaxis(surface.position, -1, 0)
    side = np.abs(x)
    points = np.stack([side, y], axis=-1)
    lines = (
        0.40 * ridge(points, UPPER_LID, 0.012)
        + 0.18 * ridge(points, LOWER_LID, 0.014)
        + 0.42 * ridge(points, WING, 0.012)
        + 0.24 * ridge(points, [(0.045, 6.85), (0.058, 6.73)], 0.016)
        + 0.30 * ridge(points, [(0.255, 6.615), (0.30, 6.60)], 0.014)
        + 0.16 * ridge(points, [(0, 6.455), (0.1, 6.455), (0.16, 6.44)], 0.022)
    )
    nostril = 1.5 * bell((side - 0.095) ** 2 + (y - 6.868) ** 2 * 1.5 + (z - 1.58) ** 2 * 0.5, 0.034)
    return (lines + nostril) * surface.front


def _beard(surface: Surface, albedo: NDArray, rng: np.random.Generator) -> NDArray:
    x, y, z = np.moveaxis(surface.position, -1, 0)
    side = np.abs(x)
    cover = smoothstep(6.98, 6.75, y) * smoothstep(5.95, 6.25, y) * smoothstep(0.1, 0.6, z)
    cover *= 1 - 0.8 * bell(side**2 * 0.8 + (y - 6.64) ** 2 * 2.2, 0.13)
    cover *= 1 - smoothstep(0.3, 0.05, side) * smoothstep(6.8, 6.95, y)
    amount = rng.choice([0.10, 0.25, 0.8], p=[0.55, 0.3, 0.15])
    stubble = np.clip(amount * cover * (1 + 0.22 * noise(rng, SIZE, SIZE, 2, 200)), 0, 2.5)
    return _stain(albedo, stubble, (1.0, 0.95, 0.85))


def _lips(surface: Surface, traits: Traits, albedo: NDArray, tone: Color, rng: np.random.Generator) -> NDArray:
    cover = cv2.GaussianBlur(surface.lips, (0, 0), 2.5)[..., None]
    color = tone * [0.88, 0.60, 0.60]
    if not traits.male:
        color = color * rng.uniform(0.8, 1.02) * [1.05, rng.uniform(0.6, 1), rng.uniform(0.65, 1)]
    lined = color * (1 - 0.06 * np.abs(noise(rng, SIZE, SIZE, 2, 120)))[..., None]
    return albedo * (1 - 0.75 * cover) + 0.75 * cover * lined


def _brows(
    surface: Surface, traits: Traits, albedo: NDArray, hair: Color, rng: np.random.Generator
) -> tuple[NDArray, NDArray]:
    x, y, z = np.moveaxis(surface.position, -1, 0)
    thickness = rng.uniform(0.024, 0.036) * (1.1 if traits.male else 0.85)
    arch, rest = rng.uniform(-0.01, 0.03), 7.485 + rng.normal(0, 0.012)
    # the inner end stands as high as the middle: lower, it would look stern at rest
    line = [(0.11, 0.022), (0.20, 0.027), (0.33, 0.030 + arch * 0.7), (0.45, 0.022 + arch * 0.5), (0.57, -0.012)]
    waves = noise(rng, SIZE, SIZE, 2, 60)
    near = (np.abs(y - 7.485) < 0.5) & (np.abs(x) < 0.6) & (z > 0.9)  # elsewhere `cover` is 0
    side, y = np.abs(x[near]), y[near]
    along = np.clip((side - 0.10) / 0.47, 0, 1)
    centre = np.interp(side, [at for at, _ in line], [rest + height for _, height in line])
    width = thickness * np.interp(along, [0, 0.15, 0.6, 1], [0.7, 1.0, 0.85, 0.35])
    cover = (
        np.exp(-0.5 * ((y - centre) / width) ** 4) * smoothstep(0.09, 0.15, side) * (1 - smoothstep(0.54, 0.60, side))
    )
    hairs = np.sin((side * 3.2 + (y - centre) * 2.2 * np.sign(0.25 - along)) * 140 + 3 * waves[near])
    cover = np.clip(cover * (0.55 + 0.45 * (hairs * 0.5 + 0.5)) * rng.uniform(0.7, 0.95), 0, 1)
    albedo[near] = albedo[near] * (1 - cover[:, None]) + cover[:, None] * (hair * 0.75)
    brows = np.zeros_like(waves)
    brows[near] = cover
    return albedo, brows


def _scalp(surface: Surface, traits: Traits, rng: np.random.Generator) -> NDArray:
    """Return where hair grows, in [0, 1]: above the hairline, behind, and at the temples."""
    x, y, z = np.moveaxis(surface.position, -1, 0)
    side = np.abs(x)
    hairline = rng.uniform(7.90, 8.02) + 0.06 * traits.male - 0.02 - 0.55 * smoothstep(0.35, 0.75, side)
    receding = rng.uniform(0, 0.22) * traits.male * (0.4 + traits.age)
    hairline = hairline + receding * bell((side - 0.42) ** 2, 0.13) + 0.008 * noise(rng, SIZE, SIZE, 3, 30)
    behind = smoothstep(0.35, 0.15, z) * smoothstep(6.75, 7.0, y) * (surface.ears < 0.3)
    temples = (side > 0.58) & (y > 7.0) & (z < 0.85) & (z > 0.2) & (y > 7.30 - 0.25 * (z > 0.55))
    temples = cv2.GaussianBlur((temples * (surface.ears < 0.2)).astype(np.float32), (0, 0), 4)
    cover = np.maximum(np.maximum(smoothstep(-0.06, 0.08, y - hairline), behind), temples)
    return np.clip(cover, 0, 1) * surface.covered


def _hair(surface: Surface, albedo: NDArray, scalp: NDArray, color: Color, rng: np.random.Generator) -> NDArray:
    x, y, z = np.moveaxis(surface.position, -1, 0)
    around, flow = np.arctan2(x, z - 0.4), noise(rng, SIZE, SIZE, 2, 10)
    strands = 0.8 + 0.10 * np.sin(around * 170 + 4 * flow) + 0.12 * np.sin(around * 61 + y * 9 + 6 * flow)
    strands = np.clip(strands + 0.07 * noise(rng, SIZE, SIZE, 2, 160), 0.2, 1.6)
    return albedo * (1 - scalp[..., None]) + scalp[..., None] * color * strands[..., None]
