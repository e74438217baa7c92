"""What a reader must be told before any figure: that a model has learned nothing, or could not have."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

__all__ = ["remarks", "trained_counts"]

Counts = Mapping[int, Mapping[str, int]]


def remarks(
    metrics: Mapping[str, Any], predictions: pd.DataFrame | None = None, *, trained: Counts | None = None
) -> list[str]:
    """Say of each variant what makes its figures worthless, a sentence each; nothing of one that has learned.

    Parameters
    ----------
    metrics : mapping
        What `facemotion.evaluation.metrics.summarise` gives.
    predictions : pandas.DataFrame, optional
        The table behind it. With it a single model that answers one class is found; without, only a variant all of
        whose models answer the same one.
    trained : mapping of int to mapping of str to int, optional
        Training faces of each class, by fold; see `trained_counts`. With `predictions`, classes are named that a fold
        tests and does not train.

    Returns
    -------
    list of str
        In order: models that give one answer to all faces (where these show several classes), variants no better than
        chance, classes without training faces.
    """
    lines = []
    for name, found in metrics["variants"].items():
        rows = None if predictions is None else predictions[predictions["variant"] == name]
        lines += _one_answer(name, found, metrics["classes"], rows)
        lines += _chance(name, found, metrics)
    if predictions is not None and trained:
        lines += _untrained(predictions, trained)
    return lines


def _one_answer(name: str, found: Mapping[str, Any], classes: list[str], rows: pd.DataFrame | None) -> list[str]:
    if rows is None:
        columns = [sum(row[place] for row in found["confusion"]) for place in range(len(classes))]
        answers = [kind for kind, number in zip(classes, columns, strict=True) if number]
        shown = [kind for kind, row in zip(classes, found["confusion"], strict=True) if sum(row)]
        return [_blank(name, answers[0], sum(columns))] if len(answers) == 1 < len(shown) else []
    models = rows.groupby(["fold", "seed"], sort=True).agg(
        answers=("predicted", "nunique"),
        shown=("expression", "nunique"),
        answer=("predicted", "first"),
        faces=("predicted", "size"),
    )
    stuck = models[(models["answers"] == 1) & (models["shown"] > 1)].reset_index()
    if stuck.empty:
        return []
    if len(stuck) == len(models) and stuck["answer"].nunique() == 1:
        return [_blank(name, str(stuck["answer"].iloc[0]), int(stuck["faces"].sum()))]
    records = stuck[:4].to_dict("records")
    told = ", ".join(f"fold {row['fold']}, seed {row['seed']}: {row['answer']}" for row in records)
    more = f" and {len(stuck) - 4} more" if len(stuck) > 4 else ""
    return [f"{name}: {len(stuck)} of {len(models)} models give one answer to all their test faces ({told}{more})"]


def _blank(name: str, answer: str, number: int) -> str:
    return f"{name} has learned nothing: it answers {answer} to all {number} test faces"


def _chance(name: str, found: Mapping[str, Any], metrics: Mapping[str, Any]) -> list[str]:
    """Macro accuracy is compared, as it does not rise when a frequent class is answered to everything."""
    chance, macro = 1 / len(metrics["classes"]), found["accuracy"]["macro"]
    pair = found.get("interval", {}).get("macro")
    low = macro if pair is None else min(pair[0], macro)
    if low > chance + 1e-9:
        return []
    if pair is None:
        detail = ""
    else:
        detail = f" ({100 * metrics['level']:.0f} % interval {100 * pair[0]:.1f} to {100 * pair[1]:.1f})"
    return [
        f"{name} is no better than chance as far as these faces can tell: macro accuracy {100 * macro:.1f} %{detail}, "
        f"chance {100 * chance:.1f} %"
    ]


def _untrained(predictions: pd.DataFrame, trained: Counts) -> list[str]:
    lines = []
    for name, rows in predictions.groupby("expression", sort=True):
        faces_of = rows.groupby("fold")["sample_id"].nunique()
        tested = dict(zip(faces_of.index.tolist(), faces_of.tolist(), strict=True))
        folds = [fold for fold in tested if fold in trained and not trained[fold].get(str(name), 0)]
        if folds:
            where = f"fold {folds[0]}" if len(folds) == 1 else f"folds {', '.join(map(str, folds))}"
            number = sum(tested[fold] for fold in folds)
            faces = "1 test face" if number == 1 else f"{number} test faces"
            lines.append(f"{name} has {faces} but no training face in {where}: no model there can have learned it")
    return lines


def trained_counts(samples: pd.DataFrame, tests: Mapping[int, Iterable[str]]) -> dict[int, dict[str, int]]:
    """Count the training faces of each class in each fold.

    Parameters
    ----------
    samples : pandas.DataFrame
        The faces that can be trained on, with ``sample_id`` and ``expression``.
    tests : mapping of int to iterable of str
        The test samples of each fold; the others are trained on.
    """
    result = {}
    for fold, tested in tests.items():
        rest = samples[~samples["sample_id"].isin(set(tested))]
        result[fold] = dict(Counter(rest["expression"].astype(str)))
    return result
