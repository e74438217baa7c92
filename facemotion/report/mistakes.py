"""The test faces that a run mistakes: what they show, what they are taken for, and how sure the models were."""

from typing import Any

import pandas as pd

from facemotion.alignment import store
from facemotion.errors import FacemotionError
from facemotion.report import figures
from facemotion.report.artefacts import DatasetFolder, RunContents
from facemotion.report.data import located
from facemotion.report.terms import faces_shown
from facemotion.report.text import percent

__all__ = ["mistakes_section"]

SHOWN = 24
PAIRS_SHOWN = 5


def mistakes_section(run: RunContents, dataset: DatasetFolder | None, *, with_faces: bool) -> dict[str, Any] | None:
    """Return the mistakes of the run's first variant, the surest first; None without predictions.

    Frames of one sequence that are taken for the same class are one mistake, shown by the frame that the model was
    surest of.

    Parameters
    ----------
    run : RunContents
        The run.
    dataset : DatasetFolder or None
        Where its faces are.
    with_faces : bool
        Show faces of a gated dataset too.

    Returns
    -------
    dict or None
        ``variant``; ``images`` mistaken at least once, ``of`` how many, ``seeds``; ``pairs``, the most frequent
        confusions; ``cards``, `SHOWN` at most, and ``more``, how many there are besides; ``faces_hidden``.
    """
    if run.predictions is None or run.metrics is None:
        return None
    variant = next(iter(run.metrics["variants"]))
    rows = run.predictions[run.predictions["variant"] == variant]
    wrong = _described(rows, dataset)
    places, crops, hidden = _pictures(dataset, with_faces=with_faces)
    groups = [group for _, group in wrong.groupby(["group", "expression", "predicted"], sort=True)]
    groups.sort(key=lambda group: (-float(group["p_given"].max()), str(group["sample_id"].min())))
    cards = []
    for group in groups[:SHOWN]:
        first = group.sort_values(["p_given", "sample_id"], ascending=[False, True]).iloc[0]
        crop = crops[places[first["sample_id"]]] if crops is not None and first["sample_id"] in places else None
        cards.append(
            {
                "true": first["expression"],
                "given": first["predicted"],
                "p_given": percent(float(first["p_given"]), 0),
                "p_true": percent(float(first["p_true"]), 0),
                "sample": first["sample_id"],
                "subject": first["subject"] if first["subject"] != first["sample_id"] else "",
                "fold": int(first["fold"]),
                "frames": int(group["sample_id"].nunique()),
                "seeds": int(group["seed"].nunique()),
                "face": None if crop is None else figures.image_uri(crop, lossy=True),
            }
        )
    pairs = wrong.groupby(["expression", "predicted"], sort=True)["sample_id"].nunique()
    most = pairs.sort_values(ascending=False, kind="stable").head(PAIRS_SHOWN)
    return {
        "variant": variant,
        "images": int(wrong["sample_id"].nunique()),
        "of": int(rows["sample_id"].nunique()),
        "seeds": int(rows["seed"].nunique()),
        "pairs": [
            {"true": key[0], "given": key[1], "images": int(number)}
            for key, number in zip(most.index.tolist(), most.tolist(), strict=True)
        ],
        "cards": cards,
        "more": max(0, len(groups) - SHOWN),
        "faces_hidden": hidden,
    }


def _described(rows: pd.DataFrame, dataset: DatasetFolder | None) -> pd.DataFrame:
    """Return the wrong rows with ``p_given``, ``p_true``, and the ``group`` of frames that they belong to."""
    wrong = rows[rows["expression"] != rows["predicted"]].copy()
    for name, column in (("p_given", "predicted"), ("p_true", "expression")):
        wrong[name] = [float(row[f"p_{row[column]}"]) for _, row in wrong.iterrows()]
    group = {}
    if dataset is not None and dataset.manifest is not None:
        known = dataset.manifest
        group = dict(zip(known["sample_id"], known["sequence"], strict=True))
    wrong["group"] = [group.get(sample) or sample for sample in wrong["sample_id"]]
    return wrong


def _pictures(
    dataset: DatasetFolder | None, *, with_faces: bool
) -> tuple[dict[str, int], store.CropArray | None, bool]:
    """Return the faces' rows in the crops, the crops (None if they are not at hand), and whether they are hidden."""
    if dataset is None:
        return {}, None, False
    if not faces_shown(dataset, with_faces=with_faces):
        return {}, None, True
    rows = located(dataset)
    if rows is None:
        return {}, None, False
    try:
        crops = store.open_crops(dataset.folder)
    except FacemotionError:
        return {}, None, False
    return dict(zip(rows["sample_id"], rows["row"].astype(int), strict=True)), crops, False
