"""How well two banks agree class by class: with the same class, with other classes, and in what is a class's own.

All masks share much: mouth and eyes move in every expression. What is a class's own is its mask minus the mean of all
classes' masks; two sources that agree there know the expression, not only the face.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from facemotion.errors import PriorError
from facemotion.priors.bank import PriorBank
from facemotion.priors.compare import Comparison, compare_masks, correlation
from facemotion.priors.fitting import Fit, central
from facemotion.priors.regions import Box

__all__ = ["Agreement", "agree", "agreement", "common_masks", "compare_fitted"]


@dataclass(frozen=True)
class Agreement:
    """Correlations of the masks of two banks, by class.

    Attributes
    ----------
    classes : tuple of str
        The classes that have a mask in both.
    same : ndarray of float64, shape (K,)
        With the mask of the same class.
    other : ndarray of float64, shape (K,)
        With the masks of the other classes, mean of both directions; NaN with one class.
    own : ndarray of float64, shape (K,)
        Of the parts that are the class's own: its mask minus the mean of these classes' masks; NaN with one class.
    size : tuple of int
        (height, width) of the masks.
    region : Box
        The pixels (top, bottom, left, right) that were compared.
    """

    classes: tuple[str, ...]
    same: np.ndarray
    other: np.ndarray
    own: np.ndarray
    size: tuple[int, int]
    region: Box

    def means(self) -> tuple[float, float, float]:
        """Return the means over classes of `same`, `other` and `own`."""
        return tuple(float(values.mean()) for values in (self.same, self.other, self.own))  # type: ignore[return-value]

    def as_json(self) -> dict[str, Any]:
        """Return figures as JSON values, None in place of NaN."""
        kinds = {"same": self.same, "other": self.other, "own": self.own}
        rows = {
            name: {kind: value_of(values[index]) for kind, values in kinds.items()}
            for index, name in enumerate(self.classes)
        }
        mean = dict(zip(kinds, map(value_of, self.means()), strict=True))
        return {"region": list(self.region), "mean": mean, "classes": rows}


def value_of(value: float) -> float | None:
    """Return a number for JSON: None in place of NaN."""
    return None if np.isnan(value) else float(value)


def agree(first: Mapping[str, np.ndarray], second: Mapping[str, np.ndarray], *, region: Box) -> Agreement:
    """Compare two sets of masks that are in one geometry.

    Parameters
    ----------
    first, second : mapping of str to ndarray of float, shape (H, W)
        The masks by class.
    region : Box
        The pixels that count.

    Raises
    ------
    PriorError
        If they share no class.
    """
    classes = tuple(name for name in first if name in second)
    if not classes:
        raise PriorError("the two banks share no class that has a mask in both")
    top, bottom, left, right = region
    sides = [np.stack([side[name] for name in classes]).astype(np.float64) for side in (first, second)]
    size = sides[0].shape[1:]
    ours, theirs = (side[:, top:bottom, left:right] for side in sides)
    every = np.array([[correlation(a, b) for b in theirs] for a in ours])
    same, kinds = np.diag(every), len(classes)
    alone = np.full(kinds, np.nan)
    other = (every.sum(axis=0) + every.sum(axis=1) - 2 * same) / (2 * (kinds - 1)) if kinds > 1 else alone
    parts = [side - side.mean(axis=0) for side in (ours, theirs)]
    own = np.array([correlation(a, b) for a, b in zip(*parts, strict=True)]) if kinds > 1 else alone
    return Agreement(classes, same, other, own, (size[0], size[1]), region)


def common_masks(
    first: PriorBank,
    second: PriorBank,
    *,
    fit: Fit | None = None,
    folds: tuple[int | None, int | None] = (None, None),
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], Box]:
    """Return the masks of two banks in the geometry of the first, and the pixels to compare them on.

    Parameters
    ----------
    first, second : PriorBank
        The banks.
    fit : Fit, optional
        How the second comes to the geometry of the first; without it both must be of one size.
    folds : tuple
        The fold of each; None stands for all subjects.

    Raises
    ------
    PriorError
        If the masks differ in size and there is no fit.
    """
    if fit is None and first.size != second.size:
        message = (
            f"masks of {first.size[0]} x {first.size[1]} and {second.size[0]} x {second.size[1]} pixels cannot be "
            "compared as they are; give --fit, or transfer one to the other's alignment first"
        )
        raise PriorError(message)
    ours, theirs = (bank.masks(fold) for bank, fold in zip((first, second), folds, strict=True))
    if fit is None:
        return ours, theirs, central(first.size)
    return ours, {name: fit.carry(mask) for name, mask in theirs.items()}, fit.region


def agreement(
    first: PriorBank,
    second: PriorBank,
    *,
    fit: Fit | None = None,
    folds: tuple[int | None, int | None] = (None, None),
) -> Agreement:
    """Return how well two banks agree on their central pixels; see `common_masks` and `agree`."""
    ours, theirs, region = common_masks(first, second, fit=fit, folds=folds)
    return agree(ours, theirs, region=region)


def compare_fitted(first: PriorBank, second: PriorBank, fit: Fit) -> Comparison:
    """Compare every class of one bank with every class of another in one geometry, on the central pixels."""
    ours, theirs, (top, bottom, left, right) = common_masks(first, second, fit=fit)
    cut = [{name: mask[top:bottom, left:right] for name, mask in side.items()} for side in (ours, theirs)]
    named = [
        {name: side.get(name, np.zeros((bottom - top, right - left))) for name in bank.classes}
        for side, bank in zip(cut, (first, second), strict=True)
    ]
    return compare_masks(*named)
