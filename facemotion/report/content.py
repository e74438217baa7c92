"""What a report says of priors, masks and datasets: plain values and data URIs for the template."""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from facemotion import datasets
from facemotion.alignment import store
from facemotion.errors import FacemotionError
from facemotion.expressions import NEUTRAL, ordered
from facemotion.priors.describe import rules, steps
from facemotion.priors.meta import PriorMeta
from facemotion.report import figures
from facemotion.report.artefacts import DatasetFolder, RunContents, same_alignment

__all__ = ["dataset_section", "learned_masks", "prior_section"]

SUBJECTS_SHOWN = 5
MISTAKES_SHOWN = 4


def prior_section(run: RunContents) -> dict[str, Any] | None:
    """Return the picture of the run's prior and where it came from; None if it is not there."""
    bank = run.bank
    if bank is None:
        return None
    meta = bank.meta
    facts = [
        ("built from", meta.dataset),
        *rules(bank),
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
        "what": _what(meta),
        "origins": steps(meta.origins),
        "dataset": meta.dataset,
        "classes": ", ".join(bank.classes),
        "synthetic": "demo" in meta.sources,
        "missing": ordered([*bank.missing(), *(name for name in _classes(run) if name not in bank.classes)]),
    }


def _what(meta: PriorMeta) -> str:
    """Return what a bank's masks are, in a sentence."""
    if meta.masks_only:
        source = meta.origins[0].get("source", "elsewhere")
        return f"Masks that were imported from {source}, without the means behind them."
    phi = {"ranks": "equalised", "histogram": "equalised in 256 levels", "none": "scaled to a maximum of 1"}[meta.phi]
    paper = " (Eq. 1 of the paper)" * ((meta.average, meta.difference) == ("mean", "absolute") and meta.phi != "none")
    what = f"The {meta.average} {meta.difference} difference between expressive and neutral faces of each class"
    return f"{what}, {phi}{paper}."


def _classes(run: RunContents) -> list[str]:
    """Return the classes of a run, as far as it says."""
    if run.metrics is not None:
        return list(run.metrics["classes"])
    return [] if run.config is None else list(run.config.classes)


def dataset_section(dataset: DatasetFolder) -> dict[str, Any]:
    """Return counts, alignment and pictures of a dataset, as far as they are there."""
    try:
        info = datasets.load(dataset.name).info
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
            {"fold": number, "subjects": len(fold.subjects), "images": len(fold.test_samples)}
            for number, fold in enumerate(dataset.folds.folds if dataset.folds else ())
        ],
        "scheme": dataset.folds.scheme if dataset.folds else None,
    }


def _rows(dataset: DatasetFolder) -> pd.DataFrame | None:
    """Return the manifest's rows that have a face, with its row in the arrays."""
    if dataset.manifest is None or dataset.faces is None:
        return None
    found = dataset.manifest.merge(dataset.faces[["sample_id", "status", "row"]], on="sample_id")
    return found[found["status"] == "ok"]


def _gallery(dataset: DatasetFolder) -> dict[str, Any] | None:
    """Choose a few subjects with many expressions: a row each, neutral first, each expression at its last frame.

    Where nobody shows two expressions, as in pictures of unnamed people, a row is one face of each expression.
    """
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
    unnamed = bool((rows.groupby("subject")["expression"].nunique() == 1).all())
    if unnamed:
        rows = rows.assign(subject=rows.groupby("expression").cumcount())
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
    if unnamed:
        shown = f"up to {len(subjects)} faces of each expression, at the last selected frames"
    else:
        shown = f"{len(subjects)} subjects, a row each, at the last selected frame of each expression"
    return {
        "columns": columns,
        "picture": figures.faces_grid(np.stack(faces), columns=len(columns), gap=3),
        "shown": shown,
        "size": f"{aligned.shape[1]} x {aligned.shape[2]}",
    }


def learned_masks(run: RunContents, dataset: DatasetFolder) -> dict[str, Any] | None:
    """Choose test faces with their learned masks and the prior: one recognised face per class, then some mistakes.

    Models are read in order until every class has a recognised face; mistakes are those met on the way.
    """
    rows = _rows(dataset)
    kept = [training for training in run.histories if training.masks_kept.is_file()]
    if rows is None or run.metrics is None or not kept or not same_alignment(run, dataset):
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
    for training in [training for training in kept if training.variant == kept[0].variant]:
        try:
            learned = training.masks()
        except FacemotionError:
            run.gaps.append(f"masks.npz of {training}: cannot be read")
            continue
        for sample, mask, guess in zip(learned.sample_ids, learned.masks, learned.predicted, strict=True):
            name, guess = str(sample), str(guess)
            true = truth.get(name)
            if true is None or (true in right if guess == true else len(wrong) >= MISTAKES_SHOWN):
                continue
            card = _card(run, training.fold, crops[int(place[name])], mask, true, guess)
            if guess == true:
                right[true] = card
            elif all(card["true"] != other["true"] for other in wrong):
                wrong.append(card)
        if set(right) >= set(run.metrics["classes"]):
            break
    shown = [right[name] for name in run.metrics["classes"] if name in right]
    return {"right": shown, "wrong": wrong, "variant": kept[0].variant} if shown or wrong else None


def _card(run: RunContents, fold: int, face: np.ndarray, mask: np.ndarray, true: str, guess: str) -> dict[str, Any]:
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
        "masked": figures.image_uri(figures.masked(face, mask, window=run.window)),
        "prior": prior,
    }
