"""Comparison of priors: whether two agree, whether a class's mask is its own, and whether a prior is stable.

Masks are compared by Pearson correlation and by structural similarity (scikit-image, data range 1, window of 7 pixels).
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from facemotion.errors import PriorError
from facemotion.priors.bank import PriorBank
from facemotion.priors.equalise import apply_phi

__all__ = [
    "Comparison",
    "Stability",
    "compare_banks",
    "compare_folds",
    "compare_masks",
    "correlation",
    "stability",
    "structure",
    "table",
    "why_not_halved",
]

WINDOW = 7
MOST_SPLITS = 126
"""Ten folds can be halved in 126 ways; where there are more, so many are drawn."""


@dataclass(frozen=True)
class Comparison:
    """Similarities of masks: rows of one set, columns of another.

    Attributes
    ----------
    rows, columns : tuple of str
        Names of the masks.
    correlation, structure : ndarray of float64, shape (R, C)
        Pearson correlation and structural similarity; NaN where a mask is missing.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    correlation: np.ndarray
    structure: np.ndarray

    def own(self) -> dict[str, float]:
        """Return the correlation of each name that both sides have with itself."""
        return {
            name: float(self.correlation[index, self.columns.index(name)])
            for index, name in enumerate(self.rows)
            if name in self.columns
        }

    def recognised(self) -> float:
        """Return the share of shared names whose best partner on the other side is their own.

        Raises
        ------
        PriorError
            If there is no name on both sides with a mask on both.
        """
        hits = []
        for index, name in enumerate(self.rows):
            values = self.correlation[index]
            if name in self.columns and np.isfinite(values[self.columns.index(name)]):
                hits.append(self.columns[int(np.nanargmax(values))] == name)
        if not hits:
            raise PriorError("the two banks share no class that has a mask in both")
        return float(np.mean(hits))


@dataclass(frozen=True)
class Stability:
    """Agreement of masks made from two halves of the subjects.

    Attributes
    ----------
    classes : tuple of str
        The classes.
    correlation : ndarray of float64, shape (K,)
        Mean correlation between the two halves' masks; NaN where no split leaves faces on both sides.
    reliability : ndarray of float64, shape (K,)
        What follows for the whole by the Spearman-Brown formula, 2 r / (1 + r): the share of the mask's variation that
        subjects have in common. 0 where r is not positive, since there is nothing in common then.
    splits : ndarray of int, shape (K,)
        Number of splits that could be compared.
    """

    classes: tuple[str, ...]
    correlation: np.ndarray
    reliability: np.ndarray
    splits: np.ndarray


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Return the Pearson correlation of two maps of equal shape; NaN if one of them is constant."""
    a, b = (np.asarray(image, dtype=np.float64).ravel() - float(np.mean(image)) for image in (first, second))
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale > 0 else float("nan")


def structure(first: np.ndarray, second: np.ndarray) -> float:
    """Return the structural similarity of two maps in [0, 1] of equal shape."""
    from skimage.metrics import structural_similarity

    window = min(WINDOW, *(side if side % 2 else side - 1 for side in first.shape))
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    return float(np.asarray(structural_similarity(a, b, data_range=1.0, win_size=window)))


def compare_masks(first: Mapping[str, np.ndarray], second: Mapping[str, np.ndarray]) -> Comparison:
    """Compare every mask of one set with every mask of another, all (H, W); one of zeros only is a missing one."""
    shape = (len(first), len(second))
    correlations, structures = np.full(shape, np.nan), np.full(shape, np.nan)
    for (row, a), (column, b) in itertools.product(enumerate(first.values()), enumerate(second.values())):
        if a.any() and b.any():
            correlations[row, column] = correlation(a, b)
            structures[row, column] = structure(a, b)
    return Comparison(tuple(first), tuple(second), correlations, structures)


def _masks(bank: PriorBank, fold: int | None) -> dict[str, np.ndarray]:
    return dict(zip(bank.classes, bank.mask[bank.index(fold)], strict=True))


def compare_banks(
    first: PriorBank, second: PriorBank | None = None, *, folds: tuple[int | None, int | None] = (None, None)
) -> Comparison:
    """Compare every class of one bank with every class of another, or of itself.

    Parameters
    ----------
    first, second : PriorBank
        The banks; without the second, the first is compared with itself: how much do its classes differ?
    folds : tuple
        The fold of each; None stands for all subjects.

    Raises
    ------
    PriorError
        If the masks differ in size, or there is no such fold.
    """
    second = second or first
    if first.size != second.size:
        message = (
            f"masks of {first.size[0]} x {first.size[1]} and {second.size[0]} x {second.size[1]} pixels cannot be "
            "compared as they are; give --fit, or transfer one to the other's alignment first"
        )
        raise PriorError(message)
    return compare_masks(_masks(first, folds[0]), _masks(second, folds[1]))


def compare_folds(bank: PriorBank) -> Comparison:
    """Compare each fold's masks with those of all subjects: rows are folds, columns are classes.

    Raises
    ------
    PriorError
        If the bank has no folds.
    """
    if not bank.folds:
        raise PriorError(f"the bank of {bank.meta.dataset} has no folds, only masks of all subjects")
    rows = [
        [compare_masks({"fold": bank.mask[fold, k]}, {"all": bank.mask[-1, k]}) for k in range(len(bank.classes))]
        for fold in range(bank.folds)
    ]
    return Comparison(
        tuple(f"fold {fold}" for fold in range(bank.folds)),
        bank.classes,
        np.array([[cell.correlation[0, 0] for cell in row] for row in rows]),
        np.array([[cell.structure[0, 0] for cell in row] for row in rows]),
    )


def stability(bank: PriorBank, *, seed: int = 0) -> Stability:
    """Compare the masks that two halves of the subjects give, over many ways to halve them.

    The folds' test subjects are the groups that are put on either side; their sums follow from the bank itself, since
    what a fold leaves out is all subjects' sum less its own. Masks follow from means by the bank's own phi.

    Parameters
    ----------
    bank : PriorBank
        A bank of means, not medians, with at least two folds.
    seed : int
        For the draw of splits where there are more than `MOST_SPLITS`.

    Raises
    ------
    PriorError
        If the bank has masks only, medians, or fewer than two folds.
    """
    if why := why_not_halved(bank):
        raise PriorError(f"the bank of {bank.meta.dataset} {why}: its subjects cannot be halved")
    sums = bank.mean.astype(np.float64) * bank.count[..., None, None]
    own, number = sums[-1] - sums[:-1], bank.count[-1] - bank.count[:-1]
    kinds = len(bank.classes)
    found: list[list[float]] = [[] for _ in range(kinds)]
    for half in _halves(bank.folds, seed):
        sides = [list(half), [fold for fold in range(bank.folds) if fold not in half]]
        count = [number[side].sum(axis=0) for side in sides]
        for kind in range(kinds):
            if all(side[kind] > 0 for side in count):
                means = [own[side, kind].sum(axis=0) / total[kind] for side, total in zip(sides, count, strict=True)]
                found[kind].append(correlation(*(apply_phi(values, bank.meta.phi) for values in means)))
    mean = np.array([float(np.mean(values)) if values else np.nan for values in found])
    splits = np.array([len(values) for values in found])
    common = np.maximum(mean, 0)
    return Stability(bank.classes, mean, 2 * common / (1 + common), splits)


def why_not_halved(bank: PriorBank) -> str:
    """Say why the halves' means do not follow from a bank, or nothing."""
    if bank.meta.masks_only:
        return "holds masks without means"
    if bank.meta.average == "median":
        return "holds medians, of which none of a half follows (build one with --average mean to ask)"
    return "" if bank.folds >= 2 else f"has {bank.folds} folds, and two are needed"


def _halves(folds: int, seed: int) -> Sequence[tuple[int, ...]]:
    """Return ways to choose half of the folds; fold 0 is on the first side, so that no split comes twice."""
    size = folds // 2
    if folds <= 10:
        found = list(itertools.combinations(range(folds), size))
        return [half for half in found if folds % 2 or 0 in half]
    random = np.random.default_rng(seed)
    drawn = {tuple(sorted(random.permutation(folds)[:size].tolist())) for _ in range(MOST_SPLITS)}
    return sorted(drawn)


def table(values: np.ndarray, rows: Sequence[str], columns: Sequence[str], *, digits: int = 2) -> str:
    """Return a matrix as aligned text, of at most 80 letters for eight classes; a dash where there is no value."""
    widths = [max(digits + 4, len(name) + 2) for name in columns]
    lead = max(len(name) for name in rows)
    lines = [" " * lead + "".join(f"{name:>{width}}" for name, width in zip(columns, widths, strict=True))]
    for name, row in zip(rows, values, strict=True):
        cells = (f"{value:.{digits}f}" if np.isfinite(value) else "–" for value in row)
        lines.append(f"{name:<{lead}}" + "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True)))
    return "\n".join(lines)
