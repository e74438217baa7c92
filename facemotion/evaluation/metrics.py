"""What a table of predictions says: accuracies, per-class scores, confusion, spread and intervals.

``fold_mean`` is the figure that the paper calls "averaged over 10 runs": the unweighted mean of the folds' accuracies.
``pooled`` counts every test image once. The two differ where folds are unequal (MMI: 82.74 and 80.13), so both are
given, with ``macro``, the mean of the per-class recalls.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import bootstrap
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from facemotion.evaluation.compare import compare_all
from facemotion.evaluation.predictions import validate

__all__ = ["LEVEL", "RESAMPLES", "summarise", "variant_order"]

LEVEL = 0.95
RESAMPLES = 2000
VARIANTS = ("fmpn", "no-mask-loss", "cnn")
"""The paper's three, in the order in which they are shown."""


def variant_order(names: Iterable[str]) -> list[str]:
    """Return variants in the order in which they are shown: the paper's three, then others by name."""
    return sorted(names, key=lambda name: (VARIANTS.index(name) if name in VARIANTS else len(VARIANTS), name))


def summarise(
    predictions: pd.DataFrame, classes: Sequence[str], *, resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, Any]:
    """Return the content of ``metrics.json`` (without its provenance header).

    Parameters
    ----------
    predictions : pandas.DataFrame
        Predictions of any number of variants, folds and seeds; see `facemotion.evaluation.predictions`.
    classes : sequence of str
        The classes in order: rows and columns of the confusion matrices.
    resamples : int
        Resamples of subjects for the intervals.
    seed : int
        Seed of the resampling.

    Returns
    -------
    dict
        ``classes``; ``variants``, by name in `variant_order`: ``images`` (distinct), ``subjects``, ``accuracy``
        (``fold_mean``, ``pooled``, ``macro``, each in [0, 1]), ``interval`` (the same three, [low, high] at
        ``level``, percentile bootstrap over subjects; None with a single subject), ``per_class`` (``recall``,
        ``precision``, ``f1``, ``support``; recall None where there are no images), ``confusion`` (rows true, columns
        predicted, counts over all seeds), ``folds`` and ``seeds`` (figures of each), ``spread`` (standard deviation
        over ``folds`` and over ``seeds``; None of one); and ``comparisons``, a paired test of each pair of variants.

    Raises
    ------
    DataError, LeakageError
        If the predictions break their schema.
    """
    frame = validate(predictions, classes)
    order = variant_order(set(frame["variant"]))
    variants = {}
    for name in order:
        rows = frame[frame["variant"] == name]
        variants[name] = _variant(rows, list(classes), resamples=resamples, seed=seed)
    return {
        "classes": list(classes),
        "level": LEVEL,
        "resamples": resamples,
        "variants": variants,
        "comparisons": compare_all(frame, order, resamples=resamples, seed=seed),
    }


def _variant(rows: pd.DataFrame, classes: list[str], *, resamples: int, seed: int) -> dict[str, Any]:
    hit = rows["expression"] == rows["predicted"]
    cells = hit.groupby([rows["seed"], rows["fold"]]).agg(["mean", "size"])
    by_fold = cells["mean"].groupby("fold").mean()
    by_seed = cells["mean"].groupby("seed").mean()
    confusion = confusion_matrix(rows["expression"], rows["predicted"], labels=classes)
    precision, recall, f1, support = precision_recall_fscore_support(
        rows["expression"],
        rows["predicted"],
        labels=classes,
        zero_division=0,  # type: ignore[arg-type]  # scikit-learn documents 0; its annotation says str
    )
    present = support > 0  # type: ignore[operator]
    images = rows.groupby("fold")["sample_id"].nunique()
    return {
        "images": int(rows["sample_id"].nunique()),
        "subjects": int(rows["subject"].nunique()),
        "accuracy": {
            "fold_mean": float(cells["mean"].mean()),
            "pooled": float(hit.mean()),
            "macro": float(recall[present].mean()),  # type: ignore[index]
        },
        "interval": _intervals(rows, classes, resamples=resamples, seed=seed),
        "per_class": {
            name: {
                "recall": float(recall[index]) if present[index] else None,  # type: ignore[index]
                "precision": float(precision[index]),  # type: ignore[index]
                "f1": float(f1[index]) if present[index] else None,  # type: ignore[index]
                "support": int(support[index]),  # type: ignore[index]
            }
            for index, name in enumerate(classes)
        },
        "confusion": confusion.tolist(),
        "folds": [
            {"fold": fold, "images": int(images[fold]), "accuracy": float(value)}
            for fold, value in zip(by_fold.index.tolist(), by_fold, strict=True)
        ],
        "seeds": [
            {"seed": number, "fold_mean": float(value), "pooled": float(hit[rows["seed"] == number].mean())}
            for number, value in zip(by_seed.index.tolist(), by_seed, strict=True)
        ],
        "spread": {
            "folds": float(by_fold.std(ddof=1)) if len(by_fold) > 1 else None,
            "seeds": float(by_seed.std(ddof=1)) if len(by_seed) > 1 else None,
        },
    }


def _intervals(rows: pd.DataFrame, classes: list[str], *, resamples: int, seed: int) -> dict[str, list[float] | None]:
    """Percentile bootstrap over subjects: images of one person are not independent of each other."""
    hit = (rows["expression"] == rows["predicted"]).rename("hit")
    subjects = rows["subject"]
    if subjects.nunique() < 2:
        return {"fold_mean": None, "pooled": None, "macro": None}
    parts = {
        "fold_mean": rows["seed"].astype(str) + "/" + rows["fold"].astype(str),
        "pooled": pd.Series("all", index=rows.index),
        "macro": pd.Categorical(rows["expression"], categories=classes),
    }
    result: dict[str, list[float] | None] = {}
    for name, part in parts.items():
        right = pd.crosstab(subjects, part, values=hit, aggfunc="sum").fillna(0).to_numpy(dtype=np.float64)
        total = pd.crosstab(subjects, part).to_numpy(dtype=np.float64)
        result[name] = _interval(right, total, resamples=resamples, seed=seed)
    return result


def _interval(right: np.ndarray, total: np.ndarray, *, resamples: int, seed: int) -> list[float]:
    """Return the interval of the mean over parts of right / total, subjects (rows) resampled together.

    A part that no drawn subject belongs to is left out of that resample's mean.
    """

    def statistic(drawn: np.ndarray, axis: int = -1) -> np.ndarray:
        found, asked = right[drawn].sum(axis=axis - 1), total[drawn].sum(axis=axis - 1)
        shares = np.divide(found, asked, out=np.zeros_like(found), where=asked > 0)
        return shares.sum(axis=-1) / (asked > 0).sum(axis=-1)

    outcome = bootstrap(
        (np.arange(len(right)),),
        statistic,
        n_resamples=resamples,
        batch=100,
        vectorized=True,
        method="percentile",
        confidence_level=LEVEL,
        rng=np.random.default_rng(seed),
    )
    return [float(outcome.confidence_interval.low), float(outcome.confidence_interval.high)]
