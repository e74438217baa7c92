"""What a report says of a run's figures: accuracies, confusion, comparisons, published figures, other datasets."""

from typing import Any

import numpy as np

from facemotion.evaluation.published import CONFUSIONS, PublishedTable, counts, matching
from facemotion.report import figures
from facemotion.report.artefacts import RunContents
from facemotion.report.text import interval, percent

__all__ = ["evaluations_section", "results_section"]


def results_section(run: RunContents) -> dict[str, Any] | None:
    """Return figures, tables and confusion matrices of a run; None if it has no figures yet."""
    if run.metrics is None:
        return None
    classes = run.metrics["classes"]
    beside = matching(run.dataset, classes)
    ours = {row.variant: row for row in beside.rows if row.variant} if beside else {}
    variants = []
    for name, found in run.metrics["variants"].items():
        per_class = [
            {
                "name": kind,
                "support": row["support"],
                "recall": percent(row["recall"]),
                "precision": percent(row["precision"]),
                "f1": percent(row["f1"]),
                "share": 100 * (row["recall"] or 0),
            }
            for kind, row in found["per_class"].items()
        ]
        variants.append(
            {
                "name": name,
                "images": found["images"],
                "subjects": found["subjects"],
                "accuracy": {key: percent(value) for key, value in found["accuracy"].items()},
                "interval": {key: interval(pair) for key, pair in found.get("interval", {}).items()},
                "spread_folds": percent(found["spread"]["folds"]),
                "spread_seeds": percent(found["spread"]["seeds"]),
                "per_class": per_class,
                "folds": [{**fold, "text": percent(fold["accuracy"])} for fold in found["folds"]],
                "seeds": [
                    {**seed, "fold_mean": percent(seed["fold_mean"]), "pooled": percent(seed["pooled"])}
                    for seed in found["seeds"]
                ],
                "confusion": figures.confusion(np.array(found["confusion"]), classes),
                "published": f"{ours[name].accuracy:.2f} %" if name in ours else "",
            }
        )
    return {
        "classes": classes,
        "chance": percent(1 / len(classes)),
        "level": percent(run.metrics.get("level"), 0),
        "variants": variants,
        "comparisons": [
            {
                **pair,
                "difference": f"{100 * pair['difference']:+.1f}",
                "interval": interval(pair["interval"]),
                "p_value": "–" if pair["p_value"] is None else f"{pair['p_value']:.3g}",
            }
            for pair in run.metrics.get("comparisons", [])
        ],
        "published": _published(run, beside) if beside else None,
    }


def _published(run: RunContents, beside: PublishedTable) -> dict[str, Any]:
    found = run.metrics["variants"] if run.metrics else {}
    return {
        "table": beside.number,
        "note": beside.note or "gives fold means",
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


def _confusion(dataset: str | None) -> dict[str, Any] | None:
    """Return the published confusion matrix of a dataset; None where the paper has none (AffectNet)."""
    if dataset not in CONFUSIONS:
        return None
    published = CONFUSIONS[dataset]
    recalls = [f"{name} {published.percent[place][place]:g} %" for place, name in enumerate(published.classes)]
    return {
        "table": published.table,
        "picture": figures.confusion(counts(dataset), published.classes),
        "text": ", ".join(recalls),
    }


def evaluations_section(run: RunContents) -> list[dict[str, Any]]:
    """Return the figures of a run's models on datasets that they were not trained on, a row for each variant."""
    rows = []
    for content in run.evaluations:
        for name, found in content["variants"].items():
            rows.append(
                {
                    "dataset": content["dataset"],
                    "variant": name,
                    "models": len(found["folds"]) * len(found["seeds"]),
                    "images": found["images"],
                    "classes": len(content["classes"]),
                    "mean": percent(found["accuracy"]["fold_mean"]),
                    "interval": interval(found["interval"]["fold_mean"]),
                    "macro": percent(found["accuracy"]["macro"]),
                    "level": percent(content["level"], 0),
                }
            )
    return rows
