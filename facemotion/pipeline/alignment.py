"""The stage that aligns the faces of one dataset, by landmarks that are found, given or shipped with it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from facemotion import datasets, manifest, tables
from facemotion.alignment.settings import AlignSettings
from facemotion.config import FileSetting
from facemotion.errors import ConfigError
from facemotion.ingestion.tree import Tree
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
    named: bool = True,
) -> dict[str, int]:
    """Bring ``faces.parquet``, ``aligned/``, ``crops/`` and the contact sheet up to date.

    Parameters
    ----------
    context, dataset, root, options, named
        As for `ingest`; with options, the dataset is ingested by them.
    settings : AlignSettings, optional
        Defaults where the stage is named and nothing is given.

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
    from facemotion.alignment import shards
    from facemotion.alignment.job import Job, align_manifest

    used = ingest(context.needed(), dataset, root=root, options=options, named=bool(options))
    folder = context.workspace.dataset(dataset)
    path = folder / "faces.parquet"
    rows, above = manifest.read(folder / "manifest.parquet")
    inputs = {"manifest": above["manifest_digest"], **above["inputs"]}
    done = header_of(path)
    kept = AlignSettings.model_validate(done["settings"]) if done.get("settings") else None
    if settings is None:
        settings = kept if kept and not named else AlignSettings()
    header = provenance("align", settings=settings.as_json(), inputs=inputs)
    same = current(done, header, named=False) and (kept == settings or not named)
    if not context.force and same and not (used and shards.pending(folder, used)):
        counts = tables.read_table(path)[0]["status"].value_counts().to_dict()
        if named:
            context.say(f"{dataset}: align is up to date ({path})")
        return {str(status): int(number) for status, number in counts.items()}
    if used is None:
        message = f"no root for {dataset}: its frames must be read; give the folder with --root"
        raise ConfigError(message)
    table = _shipped(context, dataset, used) if settings.landmarks.wants_shipped else None
    shipped = None if table is None else FileSetting.model_validate(table)
    notice = landmarks.notice(settings.landmarks.source)
    if notice:
        context.say(notice)
    with context.workspace.lock(folder):
        counts = align_manifest(
            Job(rows, used, folder, settings, shipped, header),
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
    module = datasets.load(dataset)
    read = getattr(module, "landmarks", None)
    if read is None:
        return None
    folder = context.workspace.dataset(dataset)
    path = folder / "landmarks.parquet"
    rows, above = manifest.read(folder / "manifest.parquet")
    inputs = {"manifest": above["manifest_digest"], **above["inputs"]}
    header = provenance("landmarks", settings={}, inputs=inputs)
    if not current(header_of(path), header, named=False):
        table = read(Tree.read(root, module.INFO.title), rows, progress=context.progress)
        schema = pa.schema([("source", pa.string()), *((name, pa.float32()) for name in table.columns[1:])])
        with context.workspace.lock(folder):
            tables.write_table(path, table, schema=schema, header=header)
        known = int(rows["source"].isin(set(table["source"])).sum())
        context.say(f"{dataset}: landmarks of {known} of {len(rows)} frames in {path}")
    return path
