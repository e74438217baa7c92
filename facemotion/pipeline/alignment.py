"""The stage that aligns the faces of one dataset, by landmarks that are found, given or shipped with it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from facemotion import datasets, manifest, tables
from facemotion.config import AlignSettings
from facemotion.errors import ConfigError
from facemotion.pipeline.context import Context, current, header_of
from facemotion.pipeline.dataset import ingest
from facemotion.workspace import provenance

__all__ = ["align"]


def align(
    context: Context,
    dataset: str,
    *,
    root: Path | None = None,
    options: Mapping[str, Any] | None = None,
    settings: AlignSettings | None = None,
    table: Path | None = None,
    model_pack: Path | None = None,
    named: bool = True,
) -> dict[str, int]:
    """Bring ``faces.parquet``, ``aligned/``, ``crops/`` and the contact sheet up to date.

    Parameters
    ----------
    context, dataset, root, options, named
        As for `ingest`; with options, the dataset is ingested by them.
    settings : AlignSettings, optional
        Defaults where the stage is named and nothing is given.
    table : Path, optional
        The landmark table for the source ``precomputed``; by default the landmarks that the dataset ships.
    model_pack : Path, optional
        The folder or file with the detector for the source ``insightface``.

    Returns
    -------
    dict
        Number of rows by status.

    Raises
    ------
    FacemotionError
        If a setting is wrong, the root is not known, or the workspace cannot be written.
    """
    from facemotion import landmarks
    from facemotion.alignment import stage

    used = ingest(context.needed(), dataset, root=root, options=options, named=bool(options))
    folder = context.workspace.dataset(dataset)
    path = folder / "faces.parquet"
    rows, above = manifest.read(folder / "manifest.parquet")
    inputs = {"manifest": above["manifest_digest"], **above["inputs"]}
    done = header_of(path)
    if settings is None:
        kept = done.get("settings") if not named else None
        settings = AlignSettings.model_validate(kept) if kept else AlignSettings()
    shipped = settings.landmarks.source == "precomputed" and table is None
    if named:
        table = _shipped(context, dataset, used) if shipped and used else table
        settings = stage.with_digests(settings, table, model_pack)
    header = provenance("align", settings=settings.as_json(), inputs=inputs)
    if not context.force and current(done, header, named=named):
        counts = tables.read_table(path)[0]["status"].value_counts().to_dict()
        if named:
            context.say(f"{dataset}: align is up to date ({path})")
        return {str(status): int(number) for status, number in counts.items()}
    if used is None:
        message = f"no root for {dataset}: its frames must be read; give the folder with --root"
        raise ConfigError(message)
    if shipped and table is None:
        table = _shipped(context, dataset, used)
    notice = landmarks.notice(settings.landmarks.source)
    if notice:
        context.say(notice)
    with context.workspace.lock(folder):
        counts = stage.align(
            rows,
            used,
            folder,
            settings,
            table=table,
            model_pack=model_pack,
            header=header,
            workers=context.workers,
            progress=context.progress,
            force=context.force,
        )
    number = sum(counts.values())
    context.say(f"{dataset}: aligned {counts.get('ok', 0)} of {number} frames ({folder / 'contact-sheet.png'})")
    if number > counts.get("ok", 0):
        _say_failures(context, path)
    return counts


def _say_failures(context: Context, path: Path, *, most: int = 3) -> None:
    """Say how many faces have each status, and why of the first few."""
    faces = tables.read_table(path)[0]
    for status, rows in faces[faces["status"] != "ok"].groupby("status", sort=True):
        context.say(f"  {status}: {len(rows)}")
        for name, message in rows[["sample_id", "message"]].head(most).itertuples(index=False):
            context.say(f"    {name}: {message or status}")
    context.say(f"  every reason is in the column message of {path}")


def _shipped(context: Context, dataset: str, root: Path) -> Path | None:
    """Bring ``landmarks.parquet`` up to date, the landmarks that a dataset ships; None if it ships none."""
    source = datasets.load(dataset)
    if source.landmarks is None:
        return None
    folder = context.workspace.dataset(dataset)
    path = folder / "landmarks.parquet"
    rows, above = manifest.read(folder / "manifest.parquet")
    inputs = {"manifest": above["manifest_digest"], **above["inputs"]}
    header = provenance("landmarks", settings={}, inputs=inputs)
    if not current(header_of(path), header, named=False):
        table = source.landmarks(source.tree(root), rows, progress=context.progress)
        schema = pa.schema([("source", pa.string()), *((name, pa.float32()) for name in table.columns[1:])])
        with context.workspace.lock(folder):
            tables.write_table(path, table, schema=schema, header=header)
        known = int(rows["source"].isin(set(table["source"])).sum())
        context.say(f"{dataset}: landmarks of {known} of {len(rows)} frames in {path}")
    return path
