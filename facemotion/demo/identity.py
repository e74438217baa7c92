"""A synthetic person from a seed: the shape of the head at rest, its skin, hair, and way of expressing."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facemotion.demo.expression import Temper
from facemotion.demo.glasses import Glasses, fit_glasses
from facemotion.demo.mesh import BODY, EYES, Head, load_head
from facemotion.demo.skin import Skin, Traits, paint
from facemotion.demo.texture import SIZE, Surface, load_surface, smoothstep
from facemotion.demo.triangles import normals

__all__ = ["Subject", "build_subject", "describe"]

_STEM = 20190227
"""First word of every subject's seed, so that no other draw in the package shares its stream."""
_OUTLINES = ("oval", "round", "square", "rectangular", "triangular", "invertedtriangular", "diamond")
_OPPOSITES = (
    ("-decr", "-incr"),
    ("-down", "-up"),
    ("-in", "-out"),
    ("-backward", "-forward"),
    ("-concave", "-convex"),
    ("-compress", "-uncompress"),
)
_SPREAD = {
    "nose": 0.30,
    "mouth": 0.25,
    "eyes": 0.25,
    "head": 0.15,
    "ears": 0.3,
    "chin": 0.30,
    "cheek": 0.30,
    "forehead": 0.30,
    "eyebrows": 0.15,  # wider, and many a face would look stern or startled at rest
}
"""Deviation of the signed shape targets, by region."""

_REST = {"fu/eyeWideLeft": 0.22, "fu/eyeWideRight": 0.22, "fu/browInnerUp": 0.12}
"""Face units of everybody at rest: without them many look sleepy or stern."""
_PROPORTIONS = {"nose/nose-trans-up": 1.2}
"""Shape targets of everybody, on top of what is drawn: the macro targets lengthen the nose, so that MTCNN would find
its tip 0.66 of the eyes' distance below the eyes; in the template of the alignment, as in real faces, it is 0.57."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A person, ready to be posed.

    Attributes
    ----------
    seed : int
        What it was drawn from.
    traits : Traits
        Sex, age and complexion.
    ancestry : tuple of 3 floats
        Weights of MakeHuman's three stereotype targets (african, asian, caucasian); a way to vary shapes, no claim.
    vertices : float64 array of shape (V, 3)
        The head at rest.
    hair : float64 array of shape (V, 3)
        Offsets that give the hair volume.
    long_hair : bool
        Whether the hair reaches the shoulders.
    skin : Skin
        Its surface.
    temper : Temper
        How it expresses.
    glasses : Glasses or None
        What it wears.
    """

    seed: int
    traits: Traits
    ancestry: tuple[float, float, float]
    vertices: NDArray[np.float64]
    hair: NDArray[np.float64]
    long_hair: bool
    skin: Skin
    temper: Temper
    glasses: Glasses | None = None


@lru_cache(maxsize=4)
def build_subject(seed: int, *, glasses: bool = False) -> Subject:
    """Draw a person; the same seed gives the same one.

    Parameters
    ----------
    seed : int
        The person.
    glasses : bool
        Put glasses on; nothing else about the person depends on it. `facemotion.demo.glasses.wears` says who does.
    """
    head, surface = load_head(), load_surface()
    shape_rng, skin_rng, temper_rng, hair_rng = (np.random.default_rng([_STEM, seed, part]) for part in range(4))
    ancestry = shape_rng.dirichlet([0.35] * 3)
    male, age = bool(shape_rng.random() < 0.5), float(shape_rng.beta(1.3, 2.2))
    melanin = float(np.clip(ancestry @ [0.85, 0.30, 0.16] + shape_rng.normal(0, 0.05), 0.05, 0.95))
    traits = Traits(male=male, age=age, melanin=melanin)
    vertices = head.morph(_shape(head, traits, ancestry, shape_rng))
    eyes = head.vertices(*EYES)
    vertices += head.base[eyes].mean(axis=0) - vertices[eyes].mean(axis=0)
    skin = paint(surface, traits, skin_rng)
    return Subject(
        seed=seed,
        traits=traits,
        ancestry=tuple(float(part) for part in ancestry),  # type: ignore[arg-type]
        vertices=vertices,
        hair=_volume(head, surface, vertices, skin, traits, hair_rng),
        long_hair=not male and bool(hair_rng.random() < 0.75),
        skin=skin,
        temper=Temper.draw(temper_rng),
        glasses=fit_glasses(head, vertices, np.random.default_rng([_STEM, seed, 4])) if glasses else None,
    )


def _shape(head: Head, traits: Traits, ancestry: NDArray, rng: np.random.Generator) -> dict[str, float]:
    weights: dict[str, float] = {}
    ages = {"young": 1 - traits.age, "old": traits.age}
    sexes = {"male": float(traits.male), "female": float(not traits.male)}
    fat = rng.normal(0, 0.45)
    builds = {"minweight": max(0.0, -fat), "averageweight": 1 - min(1.0, abs(fat)), "maxweight": max(0.0, fat)}
    for sex, sex_share in sexes.items():
        for age, age_share in ages.items():
            for name, share in zip(("african", "asian", "caucasian"), ancestry, strict=True):
                weights[f"macro/{name}-{sex}-{age}"] = share * sex_share * age_share
            for build, share in builds.items():
                weights[f"macro/universal-{sex}-{age}-averagemuscle-{build}"] = sex_share * age_share * min(1.0, share)
    for outline, share in zip(_OUTLINES, rng.dirichlet([0.35] * len(_OUTLINES)), strict=True):
        weights[f"head/head-{outline}"] = 0.8 * share
    for less, more in _shape_pairs(head):
        amount = float(np.clip(rng.normal(0, _SPREAD[less.split("/")[0]]), -0.8, 0.8))
        for name, weight in ((less, max(0.0, -amount)), (more, max(0.0, amount))):
            weights[name] = weight
            if "/l-" in name:
                weights[name.replace("/l-", "/r-")] = weight
    for name in head.names:
        if name.startswith("asym/"):
            weights[name] = float(np.clip(abs(rng.normal(0, 0.08)), 0, 0.25))
    weights |= _REST
    for name, weight in _PROPORTIONS.items():
        weights[name] = weights.get(name, 0.0) + weight
    return {name: weight for name, weight in weights.items() if name in head.names}


def _shape_pairs(head: Head) -> list[tuple[str, str]]:
    """Return the pairs of opposite targets that vary a face; of sided ones, the left."""
    known = set(head.names)
    pairs = []
    for name in head.names:
        region, _, rest = name.partition("/")
        if region not in _SPREAD or rest.startswith("r-") or "head-trans" in name or "eye-push" in name:
            continue
        for less, more in _OPPOSITES:
            other = name.removesuffix(less) + more
            if name.endswith(less) and other in known:
                pairs.append((name, other))
    return pairs


def _volume(
    head: Head, surface: Surface, vertices: NDArray, skin: Skin, traits: Traits, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return how far hair stands off the scalp, as offsets of the vertices."""
    body = np.flatnonzero(head.group == BODY)
    texels = surface.pixels[head.triangle_uv[body]]
    inside = ((texels >= 0) & (texels < SIZE)).all(axis=-1)
    column, row = np.moveaxis(np.clip(texels.astype(int), 0, SIZE - 1), -1, 0)
    value = cv2.GaussianBlur(skin.scalp, (0, 0), SIZE / 20)[row, column] * inside
    cover, number = (
        np.bincount(head.skin.ravel(), part.ravel(), len(vertices)) for part in (value, np.ones_like(value))
    )
    x, y, z = head.base.T
    cover = smoothstep(0.45, 1.0, cover / np.maximum(number, 1))
    cover = np.maximum(cover, smoothstep(8.08, 8.25, y) * (y < 8.6))
    around = np.arctan2(x, z - 0.4)
    waves = np.sin(5 * around + rng.uniform(0, 6)) * np.sin(4 * y + rng.uniform(0, 6))
    depth = rng.uniform(0.03, 0.14) * (1 + 0.2 * waves) + 0.05 * (not traits.male)
    crown = 0.6 + 0.7 * smoothstep(7.6, 8.3, y)
    away = normals(vertices, head.skin)
    return away * (cover * depth * crown * (1 - 0.6 * smoothstep(0.9, 1.3, z)))[:, None]


def describe(subject: Subject) -> Mapping[str, object]:
    """Return a subject's attributes as JSON values."""
    return {
        "seed": subject.seed,
        "male": subject.traits.male,
        "age": round(subject.traits.age, 4),
        "melanin": round(subject.traits.melanin, 4),
        "ancestry": [round(part, 4) for part in subject.ancestry],
        "long_hair": subject.long_hair,
        "expressiveness": round(subject.temper.strength, 4),
        "glasses": subject.glasses.style if subject.glasses else None,
    }
