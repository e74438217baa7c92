"""Paired comparison of two variants on the same test images, over subjects and seeds.

Images of one person are not independent, so the subject is a unit, and so is the seed, whose training is shared by all
subjects: the interval is over both. `scipy.stats.permutation_test` swaps the two variants' results within subjects.
"""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import permutation_test

from facemotion.errors import DataError
from facemotion.evaluation.intervals import RESAMPLES
from facemotion.evaluation.statistics import paired_difference, with_holm

__all__ = ["compare_all", "paired_gains", "paired_test"]


def paired_gains(predictions: pd.DataFrame, first: str, second: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Return how many more images the first variant has right than the second, by subject and seed.

    Parameters
    ----------
    predictions : pandas.DataFrame
        Valid predictions that hold both variants. Where several models of a seed have scored an image, it counts once.
    first, second : str
        Their names.

    Returns
    -------
    gains, sizes : ndarray of float64, shape (S, R)
        The difference and the number of images that both have scored, of subjects and seeds in sorted order.
    images : int
        Distinct images.

    Raises
    ------
    DataError
        If they have no image and seed in common.
    """
    hits = []
    for name in (first, second):
        rows = predictions[predictions["variant"] == name]
        right = (rows["expression"] == rows["predicted"]).astype(float).rename(name)
        hits.append(right.groupby([rows["seed"], rows["subject"], rows["sample_id"]]).mean())
    both = pd.concat(hits, axis=1, join="inner")
    if both.empty:
        raise DataError(f"variants {first!r} and {second!r} have no test image and seed in common")
    cells = (both[first] - both[second]).groupby(["subject", "seed"]).agg(["sum", "size"])
    gains, sizes = (cells[what].unstack("seed", fill_value=0).to_numpy(dtype=np.float64) for what in ("sum", "size"))
    return gains, sizes, both.index.get_level_values("sample_id").nunique()


def paired_test(
    predictions: pd.DataFrame, first: str, second: str, *, resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, Any]:
    """Test whether two variants differ in pooled accuracy on the images that both have scored.

    Parameters
    ----------
    predictions, first, second
        As for `paired_gains`.
    resamples : int
        Swaps drawn for the test (all of them where that is fewer), and resamples for the interval.
    seed : int
        Seed of both.

    Returns
    -------
    dict
        ``first``, ``second``, ``images`` in common, and what
        `facemotion.evaluation.statistics.paired_difference` gives, first minus second; and ``p_value``, two-sided: of a
        permutation test over subjects, and with several seeds the larger of it and ``p_bootstrap``, which is over
        subjects and seeds. None with fewer than two subjects.

    Raises
    ------
    DataError
        If they have no image in common.
    """
    gains, sizes, images = paired_gains(predictions, first, second)
    found = paired_difference(gains, sizes, resamples=resamples, seed=seed)
    p_value = None
    if len(gains) > 1:
        p_value = _p_value(gains.sum(axis=1), resamples=resamples, seed=seed)
        if gains.shape[1] > 1:
            p_value = max(p_value, found["p_bootstrap"])
    return {"first": first, "second": second, "images": images, **found, "p_value": p_value}


def _p_value(gain: np.ndarray, *, resamples: int, seed: int) -> float:
    outcome = permutation_test(
        (gain,),
        lambda values, axis=-1: np.sum(values, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=resamples,
        batch=100,
        alternative="two-sided",
        rng=np.random.default_rng(seed),
    )
    return float(outcome.pvalue)


def compare_all(
    predictions: pd.DataFrame, variants: Sequence[str], *, resamples: int = RESAMPLES, seed: int = 0
) -> list[dict[str, Any]]:
    """Return `paired_test` of each pair of variants that have images in common, in order, with ``p_holm``."""
    keys = {
        name: set(zip(rows["seed"], rows["sample_id"], strict=True))
        for name, rows in predictions.groupby("variant", sort=False)
    }
    return with_holm(
        [
            paired_test(predictions, first, second, resamples=resamples, seed=seed)
            for first, second in itertools.combinations(variants, 2)
            if keys[first] & keys[second]
        ]
    )
