"""What a report says of a run's figures: accuracies, how sure they are, published figures, other datasets."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from facemotion import datasets
from facemotion.evaluation.elsewhere import scored_elsewhere
from facemotion.evaluation.published import CONFUSIONS, PublishedTable, counts, matching
from facemotion.evaluation.remarks import remarks, trained_counts
from facemotion.expressions import ABBREVIATIONS
from facemotion.report.artefacts import DatasetFolder, RunContents
from facemotion.report.data import fold_parts, trainable
from facemotion.report.terms import is_known_real, terms_of
from facemotion.report.text import between, interval, percent, points
from facemotion.synthetic import is_synthetic

__all__ = ["evaluations_section", "matrix", "results_section"]


def results_section(run: RunContents, dataset: DatasetFolder | None) -> dict[str, Any] | None:
    """Return figures, remarks, tables and confusion matrices of a run; None if it has no figures yet."""
    if run.metrics is None:
        return None
    classes = run.metrics["classes"]
    known_real = is_known_real(dataset) and not (run.config and run.config.synthetic)
    beside = matching(run.dataset, classes) if known_real else None
    ours = {row.variant: row for row in beside.rows if row.variant} if beside else {}
    variants = []
    for name, found in run.metrics["variants"].items():
        variants.append(
            {
                "name": name,
                "images": found["images"],
                "subjects": found["subjects"],
                "unnamed": found["subjects"] == found["images"] > 1 or not datasets.names_people(run.dataset),
                "accuracy": {key: percent(value) for key, value in found["accuracy"].items()},
                "interval": {key: interval(pair) for key, pair in found.get("interval", {}).items()},
                "spread_folds": percent(found["spread"]["folds"]),
                "spread_seeds": percent(found["spread"]["seeds"]),
                "per_class": _per_class(found["per_class"]),
                "folds": [{**fold, "text": percent(fold["accuracy"])} for fold in found["folds"]],
                "seeds": [
                    {**seed, "fold_mean": percent(seed["fold_mean"]), "pooled": percent(seed["pooled"])}
                    for seed in found["seeds"]
                ],
                "confusion": matrix(np.array(found["confusion"]), classes),
                "published": f"{ours[name].accuracy:.2f} %" if name in ours else "",
            }
        )
    return {
        "classes": classes,
        "chance": percent(1 / len(classes)),
        "level": percent(run.metrics.get("level"), 0),
        "remarks": _remarks(run, dataset),
        "variants": variants,
        "comparisons": [
            {
                **pair,
                "difference": points(pair["difference"]),
                "interval": between(pair["interval"]),
                "p_value": "–" if pair["p_value"] is None else f"{pair['p_value']:.3g}",
                "p_holm": "–" if pair.get("p_holm") is None else f"{pair['p_holm']:.3g}",
            }
            for pair in run.metrics.get("comparisons", [])
        ],
        "published": _published(run, dataset, beside) if beside and dataset else None,
    }


def _per_class(table: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "name": kind,
            "support": row["support"],
            "recall": percent(row["recall"]),
            "precision": percent(row["precision"]),
            "f1": percent(row["f1"]),
            "share": 100 * (row["recall"] or 0),
        }
        for kind, row in table.items()
    ]


def _remarks(run: RunContents, dataset: DatasetFolder | None) -> list[str]:
    """Return what makes the figures worthless, if anything does."""
    samples = trainable(dataset) if dataset is not None else None
    trained = None
    if dataset is not None and samples is not None:
        trained = trained_counts(samples, {part.fold: part.samples for part in fold_parts(dataset)})
    return remarks(run.metrics or {}, run.predictions, trained=trained)


def matrix(table: np.ndarray, classes: Sequence[str]) -> dict[str, Any]:
    """Return a confusion matrix for the page.

    Parameters
    ----------
    table : ndarray of int, shape (K, K)
        Images: rows true, columns predicted.
    classes : sequence of str
        Their names.

    Returns
    -------
    dict
        ``heads``, the short and full name of each column; ``rows``, each with ``name`` and ``cells``: ``count``,
        ``share`` of the row in [0, 1] and ``text``, the same in per cent, empty where there is no image.
    """
    total = table.sum(axis=1, keepdims=True)
    share = np.divide(table, total, out=np.zeros(table.shape), where=total > 0)
    rows = []
    for place, name in enumerate(classes):
        cells = [
            {"count": int(number), "share": f"{part:.3f}", "text": f"{100 * part:.1f}" if number else ""}
            for number, part in zip(table[place], share[place], strict=True)
        ]
        rows.append({"name": name, "cells": cells, "images": int(total[place, 0])})
    return {"heads": [(ABBREVIATIONS[name], name) for name in classes], "rows": rows}


def _published(run: RunContents, dataset: DatasetFolder, beside: PublishedTable) -> dict[str, Any]:
    found = run.metrics["variants"] if run.metrics else {}
    return {
        "table": beside.number,
        "note": beside.note or "gives fold means",
        "coverage": coverage(dataset),
        "rows": [
            {
                "approach": row.approach,
                "setting": row.setting,
                "accuracy": f"{row.accuracy:.2f} %",
                "here": percent(found[row.variant]["accuracy"]["fold_mean"], 2) if row.variant in found else "",
                "ours": bool(row.variant),
            }
            for row in beside.rows
        ],
        "pooled": beside.pooled,
        "confusion": _confusion(run.dataset),
    }


def coverage(dataset: DatasetFolder) -> dict[str, Any] | None:
    """Return how many of the images that the published figures are about were there: ``found``, ``of``, ``all``."""
    published = terms_of(dataset.name).images
    if not published or dataset.ingest is None:
        return None
    found = dataset.ingest["roles"]["expressive"]
    return {"found": found, "of": published, "all": found == published}


def _confusion(dataset: str | None) -> dict[str, Any] | None:
    """Return the published confusion matrix of a dataset; None where the paper has none (AffectNet)."""
    if dataset not in CONFUSIONS:
        return None
    published = CONFUSIONS[dataset]
    return {"table": published.table, "matrix": matrix(counts(dataset), published.classes)}


def _is_rendered(content: Mapping[str, Any], rendered: Callable[[str], bool]) -> bool:
    """Tell whether the faces of an evaluation were rendered: as it says itself, or as `rendered` says."""
    kept = content.get("provenance")
    said = isinstance(kept, Mapping) and "synthetic" in kept
    return is_synthetic(content["dataset"], kept) if said else rendered(content["dataset"])


def evaluations_section(run: RunContents, rendered: Callable[[str], bool]) -> list[dict[str, Any]]:
    """Return the figures of a run's models on datasets that they were not trained on, a row for each variant.

    Parameters
    ----------
    run : RunContents
        The run.
    rendered : callable
        Tells of a dataset, by its name, whether its faces were rendered.
    """
    rows = []
    for content in run.evaluations:
        for name, found in content["variants"].items():
            rows.append(
                {
                    "dataset": content["dataset"],
                    "synthetic": _is_rendered(content, rendered),
                    "variant": name,
                    "models": len(found["folds"]) * len(found["seeds"]),
                    "images": found["images"],
                    "classes": len(content["classes"]),
                    "mean": percent(found["accuracy"]["fold_mean"]),
                    "interval": interval(found["interval"]["fold_mean"]),
                    "macro": percent(found["accuracy"]["macro"]),
                    "level": percent(content["level"], 0),
                    "notes": scored_elsewhere(content),
                }
            )
    return rows
