"""Contact sheets of what is asked for: frames of a manifest, or faces and failures of an alignment."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from facemotion import manifest
from facemotion.errors import ConfigError, Status
from facemotion.expressions import canonical
from facemotion.names import near
from facemotion.pipeline.alignment import chosen_alignment
from facemotion.pipeline.context import Context
from facemotion.pipeline.ingestion import Ingest, chosen_selection
from facemotion.places import Alignment
from facemotion.synthetic import SYNTHETIC, is_synthetic_at

if TYPE_CHECKING:
    import pandas as pd

    from facemotion.alignment.contact_sheet import Cell, Pixels

__all__ = ["STAGES", "Viewed", "Wanted", "view"]

STAGES = ("ingest", "align")
MOST = 140
FRAME = (120, 160)
"""Height and width of a frame's cell in pixels."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which rows are to be shown; what is None chooses nothing.

    Attributes
    ----------
    status : str, optional
        Of `facemotion.errors.Status`; for ``align``.
    subject : str, optional
        As the manifest names it.
    expression : str, optional
        An expression, or an alias of one.
    most : int
        At most so many, evenly spread over what is asked for.
    """

    status: str | None = None
    subject: str | None = None
    expression: str | None = None
    most: int = MOST


@dataclass(frozen=True)
class Viewed:
    """What was drawn: where it is, how many cells it has, of how many rows, and whether the faces were rendered."""

    path: Path
    shown: int
    of: int
    synthetic: bool = False


def view(
    context: Context,
    dataset: str,
    stage: str = "align",
    *,
    wanted: Wanted | None = None,
    root: Path | None = None,
    selection: str | None = None,
    alignment: str | None = None,
    output: Path | None = None,
) -> Viewed:
    """Draw what a stage has made of some frames; nothing is made again.

    Parameters
    ----------
    context, dataset, root, selection, alignment
        As for `facemotion.pipeline.align`.
    stage : {"ingest", "align"}
        ``ingest`` shows the frames as they are, ``align`` the aligned faces; of a frame without one the frame itself,
        with its status.
    wanted : Wanted, optional
        Which rows; all by default.
    output : Path, optional
        A .png file; ``DATASET-STAGE.png`` in the current folder by default.

    Raises
    ------
    ConfigError
        If the stage has not run, a status, subject or expression is none of those that there are, or nothing is left.
    ManifestError
        If what the stage wrote is damaged.
    """
    from facemotion.alignment import contact_sheet, store

    wanted = wanted or Wanted()
    output = output or Path(f"{dataset}-{stage}.png")
    if output.suffix.lower() != ".png":
        raise ConfigError(f"a contact sheet is a .png file, not {output.name!r}: give -o {output.stem}.png")
    if stage == "ingest" and wanted.status is not None:
        raise ConfigError("a status is what alignment makes of a frame: view align with --status")
    place = chosen_alignment(chosen_selection(context, dataset, name=selection), name=alignment)
    made = place.faces if stage == "align" else place.selection.manifest
    if not made.exists():
        raise ConfigError(
            f"there is nothing to view yet, no {made}: run `facemotion {stage} --dataset {dataset}` first"
        )
    rows = manifest.read(place.selection.manifest)[0]
    faces = store.read_faces(place.folder)[0] if stage == "align" else None
    chosen = _chosen(rows, faces, wanted)
    shown = [chosen[each] for each in contact_sheet.spread(len(chosen), wanted.most)]
    if context.dry:
        context.plan(str(place), "view", f"{len(shown)} of {len(chosen)} frames would be drawn", output)
        return Viewed(output, len(shown), len(chosen))
    source, _ = Ingest(place.selection, root).source(context)
    size = (
        FRAME if faces is None else store.open_aligned(place.folder).shape[1:3] if (faces["row"] >= 0).any() else FRAME
    )
    cells = context.progress(_cells(rows, faces, shown, place, source), "drawing frames", total=len(shown))
    rendered = is_synthetic_at(place.selection.folder, dataset)
    picture = contact_sheet.headed(contact_sheet.grid(cells, len(shown), size), SYNTHETIC if rendered else "")
    contact_sheet.write_picture(output, picture)
    return Viewed(output, len(shown), len(chosen), rendered)


def _chosen(rows: "pd.DataFrame", faces: "pd.DataFrame | None", wanted: Wanted) -> list[int]:
    """Return the positions of the rows that are meant, by subject.

    Raises
    ------
    ConfigError
        If there are none.
    """
    import numpy as np

    kept = np.ones(len(rows), bool)
    asked = {
        "status": (wanted.status, None if faces is None else faces["status"]),
        "subject": (wanted.subject, rows["subject"]),
        "class": (None if wanted.expression is None else canonical(wanted.expression), rows["expression"]),
    }
    for what, (value, column) in asked.items():
        if value is None or column is None:
            continue
        if what == "status" and value not in set(Status):
            raise ConfigError(f"unknown status {value!r}{near(value, Status)}: expected one of {', '.join(Status)}")
        found = (column == value).to_numpy()
        if not found.any():
            known = sorted(set(column.astype(str)))
            some = f"{', '.join(known[:10])}{', ...' if len(known) > 10 else ''}"
            raise ConfigError(f"no frame has the {what} {value!r}{near(value, known)}; there are {some}")
        kept &= found
    if not kept.any():
        raise ConfigError("no frame is all of that: leave out --status, --subject or --class")
    positions = np.flatnonzero(kept)
    order = rows.iloc[positions].sort_values(["subject", "expression"], kind="stable").index
    return [int(each) for each in rows.index.get_indexer(order)]


def _cells(
    rows: "pd.DataFrame", faces: "pd.DataFrame | None", shown: list[int], place: Alignment, root: Path | None
) -> "Iterator[Cell]":
    from facemotion.alignment import store
    from facemotion.alignment.contact_sheet import Cell

    crops = None
    for position in shown:
        row = rows.iloc[position]
        words = str(row["subject"]), str(row["expression"])
        face = None if faces is None else faces.iloc[position]
        if face is not None and face["row"] >= 0:
            crops = crops if crops is not None else store.open_aligned(place.folder)
            yield Cell(crops[int(face["row"])], words)
        else:
            picture, trouble = _frame(row, root)
            yield Cell(picture, words, trouble if face is None else str(face["status"]))


def _frame(row: "pd.Series", root: Path | None) -> "tuple[Pixels | None, str]":
    """Return a frame as it is, or what is wrong with it."""
    from facemotion import media

    if root is None:
        return None, "no_root"
    try:
        return media.load(root / row["source"], int(row["frame"]), rotate=int(row["rotate"])), ""
    except media.MissingSource:
        return None, str(Status.MISSING_SOURCE)
    except (media.Unreadable, OSError):
        return None, str(Status.UNREADABLE)
