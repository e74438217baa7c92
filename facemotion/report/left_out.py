"""What a dataset lost on the way, by name: what ingestion left out, and frames in which no face was located."""

from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

from facemotion import media
from facemotion.errors import FacemotionError
from facemotion.report import figures
from facemotion.report.artefacts import DatasetFolder
from facemotion.report.terms import faces_shown

__all__ = ["left_out_section"]

NAMES_SHOWN = 40
"""Of each reason."""
FRAMES_SHOWN = 60
PICTURES_SHOWN = 24
PICTURE_SIDE = 168


def left_out_section(
    dataset: DatasetFolder, *, with_faces: bool, root_of: Callable[[str], Path | None] | None = None
) -> dict[str, Any] | None:
    """Return exclusions by reason and frames without a face, by name; None if there are none.

    Parameters
    ----------
    dataset : DatasetFolder
        What the workspace holds of it.
    with_faces : bool
        Show pictures of a gated dataset too.
    root_of : callable, optional
        Gives the place of a dataset's own files, from which the pictures of failed frames are; None where it is not
        known.
    """
    exclusions = sorted((dataset.ingest or {}).get("exclusions", []), key=lambda item: (item["reason"], item["item"]))
    reasons = []
    for reason, items in groupby(exclusions, key=lambda item: item["reason"]):
        found = list(items)
        reasons.append({"reason": reason, "items": found[:NAMES_SHOWN], "more": max(0, len(found) - NAMES_SHOWN)})
    shown = faces_shown(dataset, with_faces=with_faces)
    root = root_of(dataset.name) if root_of is not None and shown else None
    frames, more = _frames(dataset, root)
    if not reasons and not frames:
        return None
    return {"name": dataset.name, "reasons": reasons, "frames": frames, "more": more, "pictures_hidden": not shown}


def _frames(dataset: DatasetFolder, root: Path | None) -> tuple[list[dict[str, Any]], int]:
    """Return the frames without a face, with the first pictures, and how many more there are."""
    if dataset.faces is None or dataset.manifest is None:
        return [], 0
    failed = dataset.faces[dataset.faces["status"] != "ok"][["sample_id", "status", "message"]]
    rows = failed.merge(dataset.manifest, on="sample_id").sort_values("sample_id")
    frames = []
    for row in rows.head(FRAMES_SHOWN).to_dict("records"):
        picture = None
        if root is not None and sum(frame["picture"] is not None for frame in frames) < PICTURES_SHOWN:
            picture = _picture(root / row["source"], int(row["frame"]), int(row["rotate"]))
        frames.append(
            {
                **{name: row[name] for name in ("sample_id", "status", "message", "source", "expression")},
                "frame": int(row["frame"]) if media.is_video(Path(row["source"])) else None,
                "picture": picture,
            }
        )
    return frames, max(0, len(rows) - FRAMES_SHOWN)


def _picture(path: Path, frame: int, rotate: int) -> str | None:
    """Return a small picture of a frame; None if it cannot be read, which may be why it failed."""
    try:
        image = media.load(path, frame, rotate=rotate)
    except (FacemotionError, OSError):
        return None
    return figures.image_uri(figures.smaller(image, PICTURE_SIDE), lossy=True)
