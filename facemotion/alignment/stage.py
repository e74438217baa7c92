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
from facemotion.landmarks.precomputed import Precomputed
from facemotion.progress import Progress, silent
from facemotion.workspace import digest_file, digest_json

__all__ = ["align", "with_digests"]


@dataclass(frozen=True)
class _Task:
    """What a worker process needs to make one shard."""

    number: int
    rows: pd.DataFrame
    root: Path
    out: Path
    settings: AlignSettings
    files: tuple[Path | None, Path | None]
    key: str


def with_digests(settings: AlignSettings, table: Path | None = None, model_pack: Path | None = None) -> AlignSettings:
    """Return the settings with the digests of the files that the landmark source reads, as provenance needs them.

    Parameters
    ----------
    settings : AlignSettings
        What to complete.
    table : Path, optional
        The landmark table, for ``precomputed``.
    model_pack : Path, optional
        The folder or file with the detector, for ``insightface``.

    Raises
    ------
    ConfigError
        If a file does not exist, or the settings name another one.
    """
    found: dict[str, str] = {}
    if table is not None:
        if not table.is_file():
            raise ConfigError(f"landmark table {table} does not exist")
        found["table"] = digest_file(table)
    if model_pack is not None:
        from facemotion.landmarks.insightface import model_digest

        found["model"] = model_digest(model_pack)
    for name, path in (("table", table), ("model", model_pack)):
        if path is not None and getattr(settings.landmarks, name) not in (None, found[name]):
            what = "landmark table" if name == "table" else "model pack"
            raise ConfigError(f"{what} {path.name} is not the one that the settings name (another SHA-256)")
    return settings.model_copy(update={"landmarks": settings.landmarks.model_copy(update=found)})


def align(
    rows: pd.DataFrame,
    root: Path,
    out: Path,
    settings: AlignSettings,
    *,
    table: Path | None = None,
    model_pack: Path | None = None,
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
        How to align; see also `with_digests`.
    table : Path, optional
        The landmark table, for ``precomputed``.
    model_pack : Path, optional
        The folder or file with the detector, for ``insightface``.
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
    settings = with_digests(settings, table, model_pack)
    files = (table, model_pack)
    run = execution.load(executor).run
    source = _source(settings, *files)  # a wrong setting stops before anything is removed or written
    if isinstance(source, Precomputed):
        source.require_any(rows)
    tasks = [
        _Task(number, part, root, out, settings, files, _key(part, settings, header))
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
    source = _source(task.settings, *task.files)
    records, aligned, crops = worker.align_shard(task.rows, task.root, source, task.settings)
    store.write_shard(task.out, task.number, records, aligned, crops, key=task.key)
    return task.number


def _source(settings: AlignSettings, table: Path | None, model_pack: Path | None) -> landmarks.LandmarkSource:
    return _made_source(settings.landmarks.model_dump_json(), table, model_pack)


@functools.lru_cache(maxsize=1)
def _made_source(settings: str, table: Path | None, model_pack: Path | None) -> landmarks.LandmarkSource:
    """Make the landmark source once a process: networks take a while to load."""
    return landmarks.create(LandmarkSettings.model_validate_json(settings), table=table, model_pack=model_pack)
