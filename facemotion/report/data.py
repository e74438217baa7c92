"""What a report says of a dataset: what was selected and left out, how its faces were located, and its folds."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from facemotion import datasets
from facemotion.alignment import store
from facemotion.errors import FacemotionError
from facemotion.expressions import ABBREVIATIONS, NEUTRAL, ordered
from facemotion.report import figures
from facemotion.report.artefacts import DatasetFolder
from facemotion.report.terms import faces_shown, is_rendered, terms_of

__all__ = ["FoldPart", "dataset_section", "fold_parts", "fold_settings", "located", "trainable"]

SUBJECTS_SHOWN = 5
NOTES_SHOWN = 20
REASONS_SHOWN = 12


@dataclass(frozen=True)
class FoldPart:
    """The test part of one fold."""

    fold: int
    subjects: tuple[str, ...]
    samples: tuple[str, ...]


def fold_parts(dataset: DatasetFolder) -> list[FoldPart]:
    """Return the test part of each fold, or that of the dataset's own split as fold 0; none if it is not known."""
    if dataset.split and dataset.manifest is not None:
        rows = dataset.manifest
        tested = rows[~rows["split"].isin(["train", ""])]
        return [FoldPart(0, tuple(sorted(set(tested["subject"]))), tuple(tested["sample_id"]))]
    parts = dataset.folds.folds if dataset.folds else ()
    return [FoldPart(number, part.subjects, part.test_samples) for number, part in enumerate(parts)]


def fold_settings(dataset: DatasetFolder) -> dict[str, Any]:
    """Return how subjects were dealt into folds, as far as their table says; nothing if it is not at hand."""
    return {"scheme": dataset.folds.scheme, "folds": len(dataset.folds)} if dataset.folds else {}


def located(dataset: DatasetFolder) -> pd.DataFrame | None:
    """Return the manifest's rows that have a face, with its row in the arrays; None if that is not at hand."""
    if dataset.manifest is None or dataset.faces is None:
        return None
    found = dataset.manifest.merge(dataset.faces[["sample_id", "status", "row"]], on="sample_id")
    return found[found["status"] == "ok"]


def trainable(dataset: DatasetFolder) -> pd.DataFrame | None:
    """Return the faces that may be trained on: located, of the dataset's classes; None if they are not at hand."""
    rows = located(dataset)
    if rows is None or dataset.ingest is None:
        return None
    return rows[rows["expression"].isin(dataset.ingest["classes"]) & (rows["role"] == "expressive")]


def dataset_section(dataset: DatasetFolder, *, with_faces: bool) -> dict[str, Any]:
    """Return counts, alignment and pictures of a dataset, as far as they are there and may be shown."""
    terms = terms_of(dataset.name)
    ingest = dataset.ingest or {}
    faces = dataset.faces
    status = Counter(faces["status"]) if faces is not None else Counter()
    detectors = sorted(set(faces["detector"]) - {""}) if faces is not None and "detector" in faces else []
    checks = ingest.get("checks", [])
    shown = faces_shown(dataset, with_faces=with_faces)
    return {
        "name": dataset.name,
        "title": terms.title,
        "licence": terms.licence,
        "synthetic": is_rendered(dataset),
        "ingest": dataset.ingest,
        "named": datasets.names_people(dataset.name),
        "frames_found": ingest.get("rows", 0),
        "exclusions": sorted(Counter(item["reason"] for item in ingest.get("exclusions", [])).items()),
        "notes": ingest.get("notes", [])[:NOTES_SHOWN],
        "more_notes": max(0, len(ingest.get("notes", [])) - NOTES_SHOWN),
        "differing": [_check(check) for check in checks if check["agrees"] is False],
        "agreeing": [_check(check) for check in checks if check["agrees"] is not False],
        "status": sorted(status.items(), key=lambda item: (item[0] != "ok", item[0])),
        "frames": sum(status.values()),
        "failures": _failures(faces),
        "detectors": ", ".join(detectors),
        "faces_hidden": not shown,
        "gallery": _gallery(dataset) if shown else None,
        "split": dataset.split,
        "folds": [
            {"fold": part.fold, "subjects": len(part.subjects), "images": len(part.samples)}
            for part in fold_parts(dataset)
        ],
        "scheme": dataset.folds.scheme if dataset.folds else None,
    }


def _check(check: dict[str, Any]) -> dict[str, Any]:
    """Return a comparison with a published fact; of digests the first digits."""
    digest = len(str(check["found"])) >= 20
    values = {
        name: "–" if check[name] is None else str(check[name])[:8] if digest else str(check[name])
        for name in ("found", "expected")
    }
    return {**check, **values, "digest": digest}


def _failures(faces: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Return the reasons for which frames have no face, the most frequent first."""
    if faces is None:
        return []
    failed = faces[faces["status"] != "ok"]
    reasons = Counter(zip(failed["status"], failed["message"], strict=True)).most_common(REASONS_SHOWN)
    return [{"status": status, "message": message, "frames": number} for (status, message), number in reasons]


def _gallery(dataset: DatasetFolder) -> dict[str, Any] | None:
    """Choose a few subjects with many expressions: a row each, neutral first, each expression at its last frame.

    Where nobody shows two expressions, as in pictures of unnamed people, a row is one face of each expression.
    """
    rows = located(dataset)
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
    blank = np.full(aligned.shape[1:], 128, dtype=np.uint8)
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
        "columns": [(ABBREVIATIONS[name], name) for name in columns],
        "picture": figures.faces_grid(np.stack(faces), columns=len(columns)),
        "shown": shown,
        "size": f"{aligned.shape[1]} x {aligned.shape[2]}",
    }
