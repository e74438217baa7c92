"""What the sections of a report say: plain values and data URIs for the template."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from facemotion import datasets
from facemotion.alignment import store
from facemotion.errors import FacemotionError
from facemotion.evaluation import published
from facemotion.expressions import NEUTRAL, ordered
from facemotion.report import figures
from facemotion.report.artefacts import DatasetFolder, Run

__all__ = ["dataset_section", "flatten", "learned_masks", "percent", "prior_section", "results_section"]

SUBJECTS_SHOWN = 5
MISTAKES_SHOWN = 4


def percent(value: float | None, digits: int = 1) -> str:
    """Return a share as per cent; a dash for None."""
    return "–" if value is None else f"{100 * value:.{digits}f} %"


def _interval(pair: Sequence[float] | None) -> str:
    return "" if pair is None else f"{100 * pair[0]:.1f} to {100 * pair[1]:.1f}"


def flatten(value: Any, prefix: str = "") -> list[tuple[str, str]]:
    """Return nested settings as (dotted name, text) rows; of an absolute path only the last part is shown.

    Of SHA-256 digests the first 16 digits are.
    """
    if isinstance(value, Mapping):
        return [
            row for name, part in value.items() for row in flatten(part, f"{prefix}.{name}" if prefix else str(name))
        ]
    if isinstance(value, (list, tuple)):
        if any(isinstance(part, (Mapping, list, tuple)) for part in value):
            return [row for index, part in enumerate(value) for row in flatten(part, f"{prefix}.{index}")]
        shown = ", ".join(_plain(part) for part in value[:16])
        return [(prefix, shown + (f" and {len(value) - 16} more" if len(value) > 16 else ""))]
    return [(prefix, _plain(value))]


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value)
    if re.fullmatch(r"[0-9a-f]{64}", text):
        return text[:16]
    if re.match(r"(/|~|[A-Za-z]:[\\/])", text):
        text = re.split(r"[\\/]", text.rstrip("\\/"))[-1]
    return text


def results_section(run: Run) -> dict[str, Any] | None:
    """Return figures, tables and confusion matrices of a run; None if it has no figures yet."""
    if run.metrics is None:
        return None
    classes = run.metrics["classes"]
    tables = published.TABLES.get(run.dataset or "")
    ours = {row.variant: row for row in tables[1] if row.variant} if tables else {}
    variants = []
    for name, found in run.metrics["variants"].items():
        interval = found.get("interval", {})
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
                "interval": {key: _interval(pair) for key, pair in interval.items()},
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
                "interval": _interval(pair["interval"]),
                "p_value": "–" if pair["p_value"] is None else f"{pair['p_value']:.3g}",
            }
            for pair in run.metrics.get("comparisons", [])
        ],
        "published": _published(run) if tables else None,
    }


def _published(run: Run) -> dict[str, Any]:
    number, rows = published.TABLES[run.dataset or ""]
    found = run.metrics["variants"] if run.metrics else {}
    return {
        "table": number,
        "rows": [
            {
                "approach": row.approach,
                "setting": row.setting,
                "accuracy": f"{row.accuracy:.2f} %",
                "here": percent(found[row.variant]["accuracy"]["fold_mean"], 2) if row.variant in found else "",
                "ours": bool(row.variant),
            }
            for row in rows
        ],
        "pooled": published.POOLED.get(run.dataset or ""),
    }


def prior_section(run: Run) -> dict[str, Any] | None:
    """Return the picture of the run's prior and where it came from; None if it is not there."""
    bank = run.bank
    if bank is None:
        return None
    meta = bank.meta
    rules = {
        "subject": "one neutral face per subject (the paper)",
        "sequence": "the first frame of each sequence",
    }
    facts = [
        ("built from", meta.dataset),
        ("neutral face", rules.get(meta.neutral, meta.neutral)),
        ("folds", f"{bank.folds} ({meta.fold_scheme})" if bank.folds else "none: all subjects only"),
        ("size", f"{bank.size[0]} x {bank.size[1]} px"),
        ("alignment id", meta.alignment),
        ("digest", meta.content_digest[:16]),
    ]
    for name, lost in (("without a crop", meta.unaligned), ("without a neutral face", meta.unpaired)):
        if lost:
            facts.append((name, ", ".join(f"{kind} {count}" for kind, count in lost.items())))
    return {
        "picture": figures.bank_picture(bank),
        "facts": facts,
        "origins": [", ".join(f"{name} {value}" for name, value in flatten(origin)) for origin in meta.origins],
        "dataset": meta.dataset,
        "classes": ", ".join(bank.classes),
        "synthetic": "demo" in meta.sources,
        "missing": bank.missing(),
    }


def dataset_section(dataset: DatasetFolder) -> dict[str, Any]:
    """Return counts, alignment and pictures of a dataset, as far as they are there."""
    try:
        info = datasets.load(dataset.name).INFO
        title, licence = info.title, info.licence
    except FacemotionError:
        title, licence = dataset.name, ""
    faces = dataset.faces
    status = Counter(faces["status"]) if faces is not None else Counter()
    detectors = sorted(set(faces["detector"]) - {""}) if faces is not None and "detector" in faces else []
    return {
        "name": dataset.name,
        "title": title,
        "licence": licence,
        "ingest": dataset.ingest,
        "exclusions": sorted(Counter(item["reason"] for item in (dataset.ingest or {}).get("exclusions", [])).items()),
        "checks": (dataset.ingest or {}).get("checks", []),
        "status": sorted(status.items(), key=lambda item: (item[0] != "ok", item[0])),
        "frames": sum(status.values()),
        "detectors": ", ".join(detectors),
        "gallery": _gallery(dataset),
        "folds": [
            {"fold": fold["fold"], "subjects": len(fold["subjects"]), "images": len(fold["test_samples"])}
            for fold in (dataset.folds or {}).get("folds", [])
        ],
        "scheme": (dataset.folds or {}).get("scheme"),
    }


def _rows(dataset: DatasetFolder) -> pd.DataFrame | None:
    """Return the manifest's rows that have a face, with its row in the arrays."""
    if dataset.manifest is None or dataset.faces is None:
        return None
    found = dataset.manifest.merge(dataset.faces[["sample_id", "status", "row"]], on="sample_id")
    return found[found["status"] == "ok"]


def _gallery(dataset: DatasetFolder) -> dict[str, Any] | None:
    """Choose a few subjects with many expressions: a row each, neutral first, each expression at its last frame."""
    rows = _rows(dataset)
    if rows is None or rows.empty:
        return None
    try:
        aligned = store.open_aligned(dataset.folder)
    except FacemotionError:
        dataset.gaps.append("aligned/, the aligned faces: cannot be read")
        return None
    rows = rows.sort_values(["subject", "sequence", "frame"])
    columns = ordered(rows["expression"])
    if columns[0] == NEUTRAL:
        first = rows[rows["expression"] == NEUTRAL].drop_duplicates("subject")
        rows = pd.concat([first, rows[rows["expression"] != NEUTRAL]])
    last = rows.drop_duplicates(["subject", "expression"], keep="last").set_index(["subject", "expression"])["row"]
    kinds = rows.groupby("subject")["expression"].nunique()
    subjects = sorted(kinds.index, key=lambda subject: (-kinds[subject], subject))[:SUBJECTS_SHOWN]
    blank = np.full(aligned.shape[1:], 246, dtype=np.uint8)
    faces = [
        aligned[int(last[subject, name])] if (subject, name) in last.index else blank
        for subject in subjects
        for name in columns
    ]
    return {
        "columns": columns,
        "picture": figures.faces_grid(np.stack(faces), columns=len(columns), gap=3),
        "subjects": len(subjects),
        "size": f"{aligned.shape[1]} x {aligned.shape[2]}",
    }


def learned_masks(run: Run, dataset: DatasetFolder) -> dict[str, Any] | None:
    """Choose test faces with their learned masks and the prior: one recognised face per class, then some mistakes.

    Models are read in order until every class has a recognised face; mistakes are those met on the way.
    """
    rows = _rows(dataset)
    cells = [cell for cell in run.cells if (cell.folder / "masks.npz").is_file()]
    if rows is None or run.metrics is None or not cells:
        return None
    try:
        crops = store.open_crops(dataset.folder)
    except FacemotionError:
        dataset.gaps.append("crops/, the crops: cannot be read")
        return None
    truth = dict(zip(rows["sample_id"], rows["expression"], strict=True))
    place = dict(zip(rows["sample_id"], rows["row"], strict=True))
    right: dict[str, dict[str, Any]] = {}
    wrong: list[dict[str, Any]] = []
    for cell in [cell for cell in cells if cell.variant == cells[0].variant]:
        try:
            masks = cell.masks()
        except (OSError, ValueError, KeyError):
            run.gaps.append(f"masks.npz of {cell.variant}, fold {cell.fold}, seed {cell.seed}: cannot be read")
            continue
        for sample, mask, guess in zip(masks["sample_id"], masks["mask"], masks["predicted"], strict=True):
            name, guess = str(sample), str(guess)
            true = truth.get(name)
            if true is None or (true in right if guess == true else len(wrong) >= MISTAKES_SHOWN):
                continue
            card = _card(run, cell.fold, crops[int(place[name])], mask, true, guess)
            if guess == true:
                right[true] = card
            elif all(card["true"] != other["true"] for other in wrong):
                wrong.append(card)
        if set(right) >= set(run.metrics["classes"]):
            break
    shown = [right[name] for name in run.metrics["classes"] if name in right]
    return {"right": shown, "wrong": wrong, "variant": cells[0].variant} if shown or wrong else None


def _card(run: Run, fold: int, face: np.ndarray, mask: np.ndarray, true: str, guess: str) -> dict[str, Any]:
    bank, prior = run.bank, None
    if bank is not None and true in bank.classes:
        own = run.dataset in bank.meta.sources and fold < bank.folds
        index = fold if own else None
        if true not in bank.missing(index):
            prior = figures.image_uri(bank.mask[bank.index(index), bank.classes.index(true)])
    return {
        "true": true,
        "predicted": guess,
        "fold": fold,
        "face": figures.image_uri(face),
        "mask": figures.image_uri(mask),
        "masked": figures.image_uri(figures.masked(face, mask)),
        "prior": prior,
    }
