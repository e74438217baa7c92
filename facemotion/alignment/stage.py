"""The stage ``align``: a manifest's frames -> ``faces.parquet``, ``aligned/``, ``crops/`` and a contact sheet."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from facemotion import execution, landmarks, manifest
from facemotion.alignment import contact_sheet, store, worker
from facemotion.alignment.geometry import alignment_id
from facemotion.config import AlignSettings, LandmarkSettings
from facemotion.errors import ConfigError, DataError
from facemotion.progress import Progress, silent
from facemotion.workspace import digest_file, digest_json

__all__ = ["align", "with_table"]


@dataclass(frozen=True)
class _Task:
    """What a worker process needs to make one shard."""

    number: int
    rows: pd.DataFrame
    root: Path
    out: Path
    settings: AlignSettings
    table: Path | None
    key: str


def with_table(settings: AlignSettings, table: Path | None) -> AlignSettings:
    """Return the settings with the digest of the landmark table filled in, as the provenance header needs them.

    Raises
    ------
    ConfigError
        If the table does not exist, or the settings name another one.
    """
    if table is None:
        return settings
    if not table.is_file():
        raise ConfigError(f"landmark table {table} does not exist")
    found = digest_file(table)
    if settings.landmarks.table not in (None, found):
        raise ConfigError(f"landmark table {table.name} is not the one that the settings name (another SHA-256)")
    return settings.model_copy(update={"landmarks": settings.landmarks.model_copy(update={"table": found})})


def align(
    rows: pd.DataFrame,
    root: Path,
    out: Path,
    settings: AlignSettings,
    *,
    table: Path | None = None,
    header: dict[str, Any],
    workers: int = 1,
    executor: str = "local",
    progress: Progress = silent,
    force: bool = False,
) -> dict[str, int]:
    """Align all frames of a manifest; go on where an earlier run with the same settings stopped.

    Parameters
    ----------
    rows : pandas.DataFrame
        The manifest.
    root : Path
        The dataset's root.
    out : Path
        The dataset's folder in the workspace.
    settings : AlignSettings
        How to align; see also `with_table`.
    table : Path, optional
        The landmark table, for ``precomputed``.
    header : dict
        The provenance header; its ``inputs`` and the settings decide whether a shard on disk still holds.
    workers : int
        Processes. The bytes do not depend on it.
    executor : str
        A module of `facemotion.execution`.
    progress : Progress
        Shows the work.
    force : bool
        Make every shard again.

    Returns
    -------
    dict
        Number of rows by status.

    Raises
    ------
    FacemotionError
        If a setting or the root is wrong, weights are damaged, or `out` cannot be written. Frames never raise: they
        become rows.
    """
    rows = manifest.validate(rows)
    if rows.empty:
        raise ConfigError("the manifest has no rows, so there is nothing to align; ingest a dataset first")
    if not root.is_dir():
        raise DataError(f"the dataset's root {root} is not a folder; give the one that was ingested with --root")
    settings = with_table(settings, table)
    run = execution.load(executor).run
    _source(settings, table)  # a wrong setting stops before anything is removed or written
    tasks = [
        _Task(number, part, root, out, settings, table, _key(part, settings, header))
        for number, part in enumerate(_shards(rows, settings.shard_size))
    ]
    store.clear(out, keep=len(tasks))
    todo = [task for task in tasks if force or not store.is_done(out, task.number, task.key)]
    for _ in progress(run(_make_shard, todo, workers=workers), "aligning", total=len(todo)):
        pass
    faces = store.merge(out, len(tasks), header={**header, "alignment": alignment_id(settings)})
    contact_sheet.write(out / "contact-sheet.png", rows, faces, store.open_aligned(out))
    return {str(status): int(count) for status, count in faces["status"].value_counts().sort_index().items()}


def _shards(rows: pd.DataFrame, size: int) -> list[pd.DataFrame]:
    return [rows.iloc[start : start + size] for start in range(0, len(rows), size)]


def _key(rows: pd.DataFrame, settings: AlignSettings, header: dict[str, Any]) -> str:
    made_from = {name: header.get(name) for name in ("schema_version", "facemotion", "inputs")}
    content = {**made_from, "settings": settings.as_json(), "rows": manifest.digest(rows)}
    return digest_json({**content, "alignment": alignment_id(settings)})


def _make_shard(task: _Task) -> int:
    """Make and write one shard; return its number."""
    source = _source(task.settings, task.table)
    records, aligned, crops = worker.align_shard(task.rows, task.root, source, task.settings)
    store.write_shard(task.out, task.number, records, aligned, crops, key=task.key)
    return task.number


def _source(settings: AlignSettings, table: Path | None) -> landmarks.LandmarkSource:
    return _made_source(settings.landmarks.model_dump_json(), table)


@functools.lru_cache(maxsize=1)
def _made_source(settings: str, table: Path | None) -> landmarks.LandmarkSource:
    """Make the landmark source once a process: networks take a while to load."""
    return landmarks.create(LandmarkSettings.model_validate_json(settings), table=table)
