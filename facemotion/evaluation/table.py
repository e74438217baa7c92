"""The figures of a run as lines of text for a terminal, beside the published ones."""

from collections.abc import Mapping, Sequence
from typing import Any

from facemotion import datasets
from facemotion.evaluation.published import PublishedTable, matching
from facemotion.synthetic import NOTICE

__all__ = ["results_table"]

WIDTH = 80


def results_table(
    metrics: Mapping[str, Any], dataset: str | None, *, every_fold: bool = False, synthetic: bool = False
) -> str:
    """Return a row for each variant: fold mean, pooled and macro accuracy, interval, spreads, published figures.

    Parameters
    ----------
    metrics : mapping
        What `facemotion.evaluation.metrics.summarise` gives.
    dataset : str or None
        What was trained and tested on: chooses the published table. None has none.
    every_fold : bool
        Another dataset's figures: each model has scored every image, so that the fold mean is a mean over models.
    synthetic : bool
        The faces were rendered (`facemotion.synthetic`): the table says so, and no published figure stands
        in it.
    """
    beside = None if every_fold or synthetic else matching(dataset, metrics["classes"])
    level = f"{100 * metrics['level']:.0f} %"
    heads = ["variant", "mean over models" if every_fold else "fold mean", f"{level} interval"]
    heads += ["macro", f"{level} interval"] if every_fold else ["pooled", f"{level} interval", "macro"]
    heads += ["± models" if every_fold else "± folds", "± seeds"]
    heads += [f"Table {beside.number}"] if beside else []
    heads += ["authors' pooled"] if beside and beside.pooled else []
    rows = [_row(name, found, beside, every_fold=every_fold) for name, found in metrics["variants"].items()]
    notes = [
        *_notes(metrics, beside, every_fold=every_fold, named=datasets.names_people(dataset)),
        *([NOTICE] if synthetic else []),
    ]
    lines = _lines([heads, *rows])
    if max(map(len, lines)) > WIDTH:  # each variant a column
        lines = _lines([list(cells) for cells in zip(heads, *rows, strict=True)])
    return "\n".join([*lines, *notes])


def _counted(row: Mapping[str, Any], what: str, *, named: bool) -> str:
    """Say how many images of how many people; where nobody is named, each image stands for itself."""
    if row["images"] == row["subjects"] > 1 or not named:
        return f"{row['images']} {what}, whose people are not known"
    return f"{row['images']} {what} of {row['subjects']} subject{'s' * (row['subjects'] != 1)}"


def _row(name: str, found: Mapping[str, Any], beside: PublishedTable | None, *, every_fold: bool) -> list[str]:
    figures, interval, spread = found["accuracy"], found["interval"], found["spread"]
    kinds = ("fold_mean", "macro") if every_fold else ("fold_mean", "pooled")
    row = [name]
    for kind in kinds:
        row += [_percent(figures[kind]), _interval(interval[kind])]
    row += [] if every_fold else [_percent(figures["macro"])]
    row += [_percent(spread["folds"], ""), _percent(spread["seeds"], "")]
    if beside:
        published = beside.of(name)
        row.append(f"{published.accuracy:.2f} %" if published else "-")
        if beside.pooled:
            row.append(f"{beside.pooled:.2f} %" if name == beside.pooled_of else "-")
    return row


def _notes(metrics: Mapping[str, Any], beside: PublishedTable | None, *, every_fold: bool, named: bool) -> list[str]:
    found = list(metrics["variants"].values())
    if every_fold:
        counted = sorted({_counted(row, "images", named=named) for row in found})
    else:
        folds = sorted({len(row["folds"]) for row in found})
        counted = sorted({_counted(row, "test images", named=named) for row in found})
        counted[-1] += f", {' or '.join(map(str, folds))} {'fold' if folds == [1] else 'folds'}"
    seeds = sorted({len(row["seeds"]) for row in found})
    counted[-1] += f", {' or '.join(map(str, seeds))} {'seed' if seeds == [1] else 'seeds'}"
    notes = [f"{'; '.join(counted)}; intervals by bootstrap over {_drawn(found, named=named)}"]
    if beside:
        notes.append(f"Table {beside.number} of the paper {beside.note or 'gives fold means'}")
        if beside.pooled:
            notes[-1] += "; the authors' pooled figure follows from their confusion matrix"
    return notes


def _drawn(found: Sequence[Mapping[str, Any]], *, named: bool) -> str:
    """Return what the bootstrap draws from: of a dataset that names nobody each image is a subject of its own."""
    return "images" if not named or all(row["images"] == row["subjects"] > 1 for row in found) else "subjects"


def _percent(value: float | None, sign: str = " %") -> str:
    return "-" if value is None else f"{100 * value:.2f}{sign}"


def _interval(pair: Sequence[float] | None) -> str:
    return "-" if pair is None else f"{100 * pair[0]:.1f} to {100 * pair[1]:.1f}"


def _lines(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
