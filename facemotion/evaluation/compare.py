"""Paired comparison of two variants on the same test images, subject by subject.

Images of one person are not independent, so the subject is the unit: within each, the two variants' results are
swapped or not. `scipy.stats.permutation_test` draws the swaps, or takes all of them where there are few subjects.
"""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import permutation_test

from facemotion.errors import DataError
from facemotion.evaluation.intervals import RESAMPLES, share_interval

__all__ = ["compare_all", "paired_test"]


def paired_test(
    predictions: pd.DataFrame, first: str, second: str, *, resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, Any]:
    """Test whether two variants differ in pooled accuracy on the images that both have scored.

    Parameters
    ----------
    predictions : pandas.DataFrame
        Valid predictions that hold both variants.
    first, second : str
        Their names.
    resamples : int
        Swaps drawn for the test (all of them where that is fewer), and subjects' resamples for the interval.
    seed : int
        Seed of both.

    Returns
    -------
    dict
        ``first``, ``second``, ``images`` and ``subjects`` in common, ``difference`` of the pooled accuracies (first
        minus second), its bootstrap ``interval`` over subjects and the two-sided ``p_value`` of the permutation test
        (both None with fewer than two subjects).

    Raises
    ------
    DataError
        If they have no image in common.
    """
    hits = []
    for name in (first, second):
        rows = predictions[predictions["variant"] == name]
        right = (rows["expression"] == rows["predicted"]).astype(float).rename(name)
        hits.append(right.groupby([rows["seed"], rows["subject"], rows["sample_id"]]).mean())
    both = pd.concat(hits, axis=1, join="inner")
    if both.empty:
        raise DataError(f"variants {first!r} and {second!r} have no test image and seed in common")
    both = both.groupby(["subject", "sample_id"]).mean()
    gain = (both[first] - both[second]).groupby("subject").sum()
    size = both[first].groupby("subject").size()
    result: dict[str, Any] = {
        "first": first,
        "second": second,
        "images": len(both),
        "subjects": len(gain),
        "difference": float(gain.sum() / size.sum()),
        "interval": None,
        "p_value": None,
    }
    if len(gain) > 1:
        result["interval"] = share_interval(gain.to_numpy(), size.to_numpy(), resamples=resamples, seed=seed)
        result["p_value"] = _p_value(gain.to_numpy(), resamples=resamples, seed=seed)
    return result


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
    """Return `paired_test` of each pair of variants that have images in common, in order."""
    keys = {
        name: set(zip(rows["seed"], rows["sample_id"], strict=True))
        for name, rows in predictions.groupby("variant", sort=False)
    }
    return [
        paired_test(predictions, first, second, resamples=resamples, seed=seed)
        for first, second in itertools.combinations(variants, 2)
        if keys[first] & keys[second]
    ]
