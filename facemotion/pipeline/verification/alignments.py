"""A selection's alignments: table, shards, parts, and the sources that they were made from."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from facemotion import tables
from facemotion.pipeline.alignment import Align
from facemotion.pipeline.context import Context
from facemotion.pipeline.stage import outdated
from facemotion.pipeline.verification.finding import Findings
from facemotion.pipeline.verification.selections import command, root_for
from facemotion.places import Alignment, Selection
from facemotion.workspace import digest_file

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["alignments", "check_alignment"]

_MARKS = ("faces.parquet", "parts", "aligned", "crops")


def alignments(selection: Selection) -> Iterator[Alignment]:
    """Yield the places of all alignments of a selection, whole or not."""
    first = Alignment(selection)
    folders = sorted((selection.folder / "alignments").glob("*/"))
    for place in (first, *(replace(first, name=path.name) for path in folders if path.is_dir())):
        if any((place.folder / name).exists() for name in _MARKS):
            yield place


def check_alignment(
    context: Context, place: Alignment, rows: "pd.DataFrame | None", findings: Findings, *, sources: bool
) -> None:
    """Look at an alignment.

    Parameters
    ----------
    context : Context
        The command.
    place : Alignment
        What to look at.
    rows : pandas.DataFrame or None
        The manifest; None if it cannot be relied on.
    findings : Findings
        Takes what is wrong.
    sources : bool
        Compare the SHA-256 of every source file with that of the file that was aligned.
    """
    from facemotion.alignment import store

    findings.look("alignment")
    again, anew = _command(place), _command(place, "--force")
    if not place.faces.exists():
        findings.add(place, "it was interrupted: faces.parquet is not there", again)
        return
    faces = None
    with findings.told(place, again):
        faces, header = store.read_faces(place.folder)
        if not header.get("stage"):
            findings.add(place, "faces.parquet was changed or written by something else", again)
            faces = None
    for kind in store.ARRAYS:
        with findings.told(place, anew):
            opened = store.open_crops if kind == "crops" else store.open_aligned
            opened(place.folder)
            for path in store.altered(place.folder, kind):
                findings.add(place, f"{path.relative_to(place.folder).as_posix()} is not what alignment wrote", anew)
    for part in sorted((place.folder / "parts").glob("[0-9]*.parquet")):
        with findings.told(place, anew):
            tables.read_header(part)
    if faces is None or rows is None:
        return
    if faces["sample_id"].tolist() != rows["sample_id"].tolist():
        findings.add(place, "faces.parquet is about other frames than the manifest", again)
    with findings.told(place, again):
        reason = outdated(context, Align(place))
        if reason:
            findings.add(place, f"align is out of date: {reason}", again)
    root = root_for(context, place.selection)
    if sources and root is not None and root.is_dir():
        _check_digests(context, place, root, rows, faces, findings)


def _command(place: Alignment, *options: str) -> str:
    """Return what to type to align again; an alignment beside the first is made by its settings."""
    text = command("align", place.selection, *options)
    return text if place.name == "first" else f"{text} [the settings of the alignment {place.name}]"


def _check_digests(
    context: Context, place: Alignment, root: Path, rows: "pd.DataFrame", faces: "pd.DataFrame", findings: Findings
) -> None:
    """Compare source files with those that were aligned; missing ones are told of the selection."""
    known = faces.set_index("sample_id")["sha256"].reindex(rows["sample_id"]).to_numpy(str)
    files = dict(zip(rows["source"], known, strict=True))
    changed = []
    for name, digest in context.progress(files.items(), f"reading the sources of {place}", total=len(files)):
        path = root / name
        if not digest or not path.is_file():
            continue
        try:
            if digest_file(path) != digest:
                changed.append(name)
        except OSError as error:
            findings.add(place, f"{name} cannot be read: {error.strerror}", _command(place))
    if changed:
        named = ", ".join(changed[:3]) + (", ..." if len(changed) > 3 else "")
        what = f"the source files are not those that were aligned ({len(changed)} of {len(files)}): {named}"
        findings.add(place, what, _command(place, "--force"))
