"""A dataset's selections against themselves: manifest, findings, folds and sources."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from facemotion import datasets, manifest, tables
from facemotion.errors import FacemotionError
from facemotion.pipeline.context import Context
from facemotion.pipeline.folding import Fold
from facemotion.pipeline.ingestion import Ingest
from facemotion.pipeline.rendering import Render, frames_of
from facemotion.pipeline.stage import outdated
from facemotion.pipeline.verification.finding import Findings
from facemotion.places import Selection
from facemotion.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check_selection", "command", "root_for", "selections"]

_MARKS = ("ingest.json", "folds.json", "faces.parquet", "landmarks.parquet", "parts")
"""What lies in a selection's folder besides the manifest that it follows from."""
_MOST_NAMED = 3


def selections(workspace: Workspace) -> Iterator[Selection]:
    """Yield the places of all selections of a workspace, whole or not."""
    for dataset in datasets.names():
        first = Selection(workspace, dataset)
        folders = sorted((first.folder / "selections").glob("*/"))
        for place in (first, *(replace(first, name=path.name) for path in folders if path.is_dir())):
            if any((place.folder / name).exists() for name in (place.manifest.name, *_MARKS)):
                yield place


def command(stage: str, selection: Selection, *options: str) -> str:
    """Return what to type for a stage of a selection."""
    named = ("--selection", selection.name) if selection.name != "first" and stage == "align" else ()
    text = " ".join(("facemotion", stage, "--dataset", selection.dataset, *named, *options))
    other = selection.name != "first" and stage != "align"
    return f"{text} [the options of the selection {selection.name}]" if other else text


def check_selection(context: Context, place: Selection, findings: Findings) -> "pd.DataFrame | None":
    """Look at a selection; return its rows, None if they cannot be relied on."""
    findings.look("selection")
    rows, again = None, command("ingest", place)
    with findings.told(place, again):
        rows, header = manifest.read(place.manifest)
        if not header.get("stage"):
            findings.add(place, f"{place.manifest.name} was changed or written by something else", again)
            rows = None
        elif header.get("manifest_digest") != manifest.digest(rows):
            findings.add(place, f"{place.manifest.name} does not have the digest that its header says", again)
            rows = None
    if rows is None:
        return None
    _check_origin(context, place, findings)
    _check_folds(context, place, rows, findings)
    tables_too = place.folder / "landmarks.parquet"
    if tables_too.exists():
        with findings.told(place, command("align", place, "--force")):
            tables.read_header(tables_too)
    _check_sources(context, place, rows, findings)
    return rows


def root_for(context: Context, place: Selection) -> Path | None:
    """Return where the sources of a selection lie; None if that is not known."""
    try:
        return Ingest(place).source(context)[0]
    except FacemotionError:
        return None


def _check_origin(context: Context, place: Selection, findings: Findings) -> None:
    """See whether the manifest and ``ingest.json`` follow from what the root holds now."""
    again = command("ingest", place)
    stage = Ingest(place)
    with findings.told(place, again):
        if root_for(context, place) == frames_of(place):
            rendered = outdated(context, Render(place))
            if rendered:
                findings.add(place, f"the rendered frames: {rendered}", "facemotion demo")
                return
        reason = outdated(context, stage) or stage.amiss(context)
        if reason:
            findings.add(place, f"ingest is out of date: {reason}", again)


def _check_folds(context: Context, place: Selection, rows: "pd.DataFrame", findings: Findings) -> None:
    """See whether the folds are whole, of this manifest, and dealt as they say."""
    from facemotion.folds import Folds, build_folds

    if not place.folds.exists():
        return
    again = command("folds", place, "--force")
    with findings.told(place, again):
        found = Folds.read(place.folds)
        found.check(rows)
        stage = Fold(place)
        reason = outdated(context, stage)
        if reason:
            findings.add(place, f"folds are out of date: {reason}", again)
        elif build_folds(rows, stage.as_last(stage.header())).digest != found.digest:  # type: ignore[arg-type]
            findings.add(place, f"{place.folds.name} holds other folds than its settings deal", again)


def _check_sources(context: Context, place: Selection, rows: "pd.DataFrame", findings: Findings) -> None:
    """See whether the selected files are there."""
    root = root_for(context, place)
    if root is None or not root.is_dir():
        where = f"its root {root} is not there" if root else "its root is not known"
        findings.notes.append(
            f"{place}: {where}, so its sources were not looked at; give the root with `facemotion datasets set`"
        )
        return
    sources = rows["source"].drop_duplicates()
    missing = [name for name in sources if not _is_there(root / name)]
    if missing:
        named = ", ".join(missing[:_MOST_NAMED]) + (", ..." if len(missing) > _MOST_NAMED else "")
        findings.add(
            place,
            f"{len(missing)} of {len(sources)} source files are not in the root: {named}",
            f"{command('ingest', place)}` once they are back or given up, then `{command('align', place)}",
        )


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False
