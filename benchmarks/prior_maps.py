"""What `prior_options.py` compares: crops of one rendered tree, maps of motion made from them, and their figures."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from facemotion import manifest
from facemotion.alignment import store
from facemotion.config import PriorSettings
from facemotion.expressions import EXPRESSIONS
from facemotion.folds import Folds
from facemotion.priors.differences import local_range, luma
from facemotion.priors.motion import About, build_bank
from facemotion.priors.pairs import find_pairs

__all__ = ["CANDIDATES", "Maps", "Study", "correlation", "figures", "outside"]

Maps = np.ndarray


class Study:
    """The crops of one rendered tree under one fit."""

    def __init__(self, folder: Path) -> None:
        self.rows, _ = manifest.read(folder / "manifest.parquet")
        self.faces, self.header = store.read_faces(folder)
        self.folds = Folds.read(folder / "folds.json")
        self.crops = store.open_crops(folder)

    def bank(self, **settings: str) -> Any:
        """Build the bank."""
        return build_bank(
            self.crops,
            self.faces,
            self.rows,
            self.folds,
            PriorSettings.model_validate(settings),
            about=About(self.header["alignment"], classes=EXPRESSIONS),
        )

    def pairs(self) -> tuple[pd.DataFrame, np.ndarray]:
        """Return the pairs, and the luma of all crops in grey levels, shape (N, H, W)."""
        crops = np.asarray(self.crops[np.arange(len(self.crops))])
        table = find_pairs(self.rows, self.faces).table
        return table, (luma(crops) / 1000).reshape(crops.shape[:3])


def subject_means(study: Study, values: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Maps:
    """Return the mean of each class and subject, shape (K, S, H, W)."""
    table, gray = study.pairs()
    found = values(gray[table["expressive"]], gray[table["neutral"]])
    subjects = sorted(set(table["subject"]))
    chosen = [
        [found[((table["expression"] == kind) & (table["subject"] == name)).to_numpy()] for name in subjects]
        for kind in EXPRESSIONS
    ]
    return np.array([[part.mean(axis=0) for part in row] for row in chosen])


def absolute(moved: np.ndarray, still: np.ndarray) -> np.ndarray:
    return np.abs(moved - still)


def tolerant(moved: np.ndarray, still: np.ndarray) -> np.ndarray:
    """Least difference to the other face's pixels within one pixel, the larger of both ways."""

    def one_way(face: np.ndarray, other: np.ndarray) -> np.ndarray:
        wide = np.pad(other, ((0, 0), (1, 1), (1, 1)), mode="edge")
        height, width = face.shape[1:]
        around = (wide[:, y : y + height, x : x + width] for y, x in itertools.product(range(3), range(3)))
        return np.min([np.abs(face - shifted) for shifted in around], axis=0)

    return np.maximum(one_way(moved, still), one_way(still, moved))


def relative(floor: float) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Return the relative difference with another floor, in grey levels."""

    def values(moved: np.ndarray, still: np.ndarray) -> np.ndarray:
        flat = [face.reshape(len(face), -1) for face in (moved, still)]
        contrast = np.maximum(*(local_range(face, moved.shape[1:]) for face in flat)).reshape(moved.shape)
        return np.abs(moved - still) / (np.abs(moved - still) + contrast + floor)

    return values


def trimmed(means: Maps, share: float = 0.25) -> Maps:
    cut = int(means.shape[1] * share)
    return np.sort(means, axis=1)[:, cut : means.shape[1] - cut].mean(axis=1)


CANDIDATES: dict[str, Callable[[Study], Maps]] = {
    "median over subjects": lambda study: np.median(subject_means(study, absolute), axis=1),
    "trimmed mean over subjects (a quarter at each end)": lambda study: trimmed(subject_means(study, absolute)),
    "less each subject's least over its expressions": lambda study: (
        (means := subject_means(study, absolute)) - means.min(axis=0)
    ).mean(axis=1),
    "difference within one pixel": lambda study: subject_means(study, tolerant).mean(axis=1),
    **{
        f"relative, floor of {floor} levels": lambda study, floor=floor: subject_means(study, relative(floor)).mean(
            axis=1
        )
        for floor in (2, 4, 8, 16, 32)
    },
}
"""Other answers to glasses, all with the five-point fit and ranks; the last ones vary the floor of the option."""


def outside(maps: Maps, moving: np.ndarray) -> float:
    """Return the share of the maps' energy outside the moving region, the mean over classes."""
    return float(np.mean([(one * ~where).sum() / one.sum() for one, where in zip(maps, moving, strict=True)]))


def separation(maps: Maps, moving: np.ndarray) -> float:
    """Return the chance that a moving pixel's value exceeds a still one's (ties half), the mean over classes."""
    found = []
    for one, where in zip(maps, moving, strict=True):
        ranks, number = rankdata(one.ravel()), int(where.sum())
        above = ranks[where.ravel()].sum() - number * (number + 1) / 2
        found.append(above / (number * (where.size - number)))
    return float(np.mean(found))


def correlation(first: Maps, second: Maps) -> float:
    return float(np.mean([np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(first, second, strict=True)]))


def between_classes(maps: Maps) -> float:
    """Return the mean correlation of the masks of two classes: lower says more about the class."""
    table = np.corrcoef(maps.reshape(len(maps), -1))
    return float(table[np.triu_indices(len(maps), 1)].mean())


def figures(mask: Maps, mean: Maps, plain: Maps, moving: np.ndarray) -> dict[str, float]:
    return {
        "mask_outside": outside(mask, moving),
        "mean_outside": outside(mean, moving),
        "separation": separation(mean, moving),
        "correlation_without_glasses": correlation(mask, plain),
        "between_classes": between_classes(mask),
    }
