"""What a table of predictions says: accuracies, per-class scores, confusion, spread and intervals.

``fold_mean`` is the figure that the paper calls "averaged over 10 runs": the unweighted mean of the folds' accuracies.
``pooled`` counts every test image once. The two differ where folds are unequal (MMI: 82.74 and 80.13), so both are
given, with ``macro``, the mean of the per-class recalls.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from facemotion.evaluation.compare import compare_all
from facemotion.evaluation.intervals import LEVEL, RESAMPLES, share_interval
from facemotion.evaluation.predictions import validate
from facemotion.models.variants import ordered

__all__ = ["LEVEL", "RESAMPLES", "summarise"]


def summarise(
    predictions: pd.DataFrame,
    classes: Sequence[str],
    *,
    every_fold: bool = False,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Any]:
    """Return the content of ``metrics.json`` (without its provenance header).

    Parameters
    ----------
    predictions : pandas.DataFrame
        Predictions of any number of variants, folds and seeds; see `facemotion.evaluation.predictions`.
    classes : sequence of str
        The classes in order: rows and columns of the confusion matrices.
    every_fold : bool
        Every fold's model has scored every image: another dataset's. ``fold_mean`` is then the mean over models.
    resamples : int
        Resamples of subjects for the intervals.
    seed : int
        Seed of the resampling.

    Returns
    -------
    dict
        ``classes``; ``variants``, by name in the order shown: ``images`` (distinct), ``subjects``,
        ``accuracy`` (``fold_mean``, ``pooled``, ``macro``, each in [0, 1]), ``interval`` (the same three, [low, high]
        at ``level``, percentile bootstrap over subjects; None with a single subject), ``per_class`` (``recall``,
        ``precision``, ``f1``, ``support``; recall None where there are no images), ``confusion`` (rows true, columns
        predicted, counts over all seeds), ``folds`` and ``seeds`` (figures of each), ``spread`` (standard deviation
        over ``folds`` and over ``seeds``; None of one); and ``comparisons``, a paired test of each pair of variants.

    Raises
    ------
    DataError, LeakageError
        If the predictions break their schema.
    """
    frame = validate(predictions, classes, every_fold=every_fold)
    order = ordered(set(frame["variant"]))
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
    numbers = {name: number for number, name in enumerate(classes)}
    true, predicted = (rows[column].map(numbers).to_numpy(dtype=np.int64) for column in ("expression", "predicted"))
    confusion = confusion_matrix(true, predicted, labels=range(len(classes)))
    precision, recall, f1, support = precision_recall_fscore_support(
        true,
        predicted,
        labels=range(len(classes)),
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
        "interval": _intervals(rows, true, true == predicted, resamples=resamples, seed=seed),
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


def _intervals(
    rows: pd.DataFrame, true: NDArray[np.integer], hit: NDArray[np.bool_], *, resamples: int, seed: int
) -> dict[str, list[float] | None]:
    """Percentile bootstrap over subjects: images of one person are not independent of each other."""
    person, people = pd.factorize(rows["subject"], sort=True)
    trainings = [f"{number}/{fold}" for number, fold in zip(rows["seed"], rows["fold"], strict=True)]
    parts = {"fold_mean": np.array(trainings, dtype=object), "pooled": np.zeros_like(true), "macro": true}
    result: dict[str, list[float] | None] = {}
    for name, part in parts.items():
        column, columns = pd.factorize(part, sort=True)
        shape = len(people), len(columns)
        cell = np.ravel_multi_index((person, column), shape)
        right, total = (
            np.bincount(cell, counted, minlength=math.prod(shape)).reshape(shape)
            for counted in (hit, np.ones_like(hit))
        )
        result[name] = share_interval(right, total, resamples=resamples, seed=seed)
    return result
