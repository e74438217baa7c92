"""The median over pairs in place of the mean of Eq. 1: per class, fold and pixel, exactly.

A median needs all values of a pixel at once. So the crops of a class are passed over as often as their differences at
a block of pixels need to fit the memory set aside: once for a laboratory dataset, more often for larger ones.
"""

import numpy as np
import pandas as pd

from facemotion.priors.differences import Crops, differences
from facemotion.progress import Progress, silent

__all__ = ["MEMORY", "motion_medians"]

MEMORY = 64 * 2**20
"""Bytes for the differences of a class at a block of pixels; one pixel of all its pairs is held in any case."""


def motion_medians(
    crops: Crops,
    pairs: pd.DataFrame,
    groups: np.ndarray,
    shape: tuple[int, int],
    *,
    difference: str = "absolute",
    memory: int = MEMORY,
    chunk: int = 32,
    progress: Progress = silent,
) -> np.ndarray:
    """Return the median difference of the pairs that each fold trains on, class by class.

    Parameters
    ----------
    crops, pairs, difference, chunk, progress
        As for `facemotion.priors.differences.differences`.
    groups : ndarray of int, shape (n,)
        K times the fold that tests each pair's subject, plus the pair's class.
    shape : tuple of int
        (F, K): number of folds and classes.
    memory : int
        Bytes set aside; the result does not depend on it.

    Returns
    -------
    ndarray of float64, shape (F + 1, K, H * W)
        In units of ``1 / UNIT``, whole or half numbers; 0 where there are no pairs. Index f leaves out fold f, the last
        one nobody.
    """
    number, classes = shape
    folds, kinds = np.divmod(groups, classes)
    pixels = crops.shape[1] * crops.shape[2]
    found = np.zeros((number + 1, classes, pixels))
    for kind in range(classes):
        here = np.flatnonzero(kinds == kind)
        if not len(here):
            continue
        own, tested = pairs.iloc[here], folds[here]
        width = min(pixels, max(1, memory // (4 * len(here))))
        for left in range(0, pixels, width):
            right = min(left + width, pixels)
            values = np.empty((right - left, len(here)), dtype=np.float32)
            for start, part in differences(crops, own, difference=difference, chunk=chunk, progress=progress):
                values[:, start : start + len(part)] = part[:, left:right].T
            for fold in range(number + 1):
                kept = tested != fold
                if kept.any():
                    found[fold, kind, left:right] = np.median(values[:, kept], axis=1)
    return found
