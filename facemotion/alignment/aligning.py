"""All frames of a manifest -> ``faces.parquet``, ``aligned/``, ``crops/`` and a contact sheet, shard by shard."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace

from facemotion import execution, manifest, media, tables
from facemotion.alignment import contact_sheet, shards, store
from facemotion.alignment.contact_sheet import Frame
from facemotion.alignment.geometry import alignment_id
from facemotion.alignment.job import Job, Tasks, make, wanted, written
from facemotion.alignment.merging import merge
from facemotion.errors import ConfigError, DataError, WorkspaceError
from facemotion.progress import Progress, silent
from facemotion.rows import Files, Stored, columns
from facemotion.synthetic import SYNTHETIC

__all__ = ["align_manifest"]

_WORTH_A_PROCESS = 100
"""Frames for which a process is started, or a whole shard where shards are smaller."""


def align_manifest(
    job: Job,
    *,
    again: Iterable[str] = (),
    executor: str = "local",
    workers: int = 1,
    progress: Progress = silent,
    force: bool = False,
) -> dict[str, int]:
    """Align all frames of a manifest; go on where an earlier run with the same settings stopped.

    Rows of an earlier run that failed for a reason that may have passed are tried again, see
    `facemotion.alignment.shards.pending`.

    Parameters
    ----------
    job : Job
        What to align.
    again : iterable of str
        Rows to make again besides, by ``sample_id``: their pictures were replaced.
    executor : str
        A module of `facemotion.execution`.
    workers : int
        Processes, at most: of this machine, no more are started than pay. The bytes do not depend on it.
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
        If a setting is wrong, the root is or goes missing, weights are damaged, or the folder cannot be written. Frames
        never raise: they become rows.
    """
    if not isinstance(job.rows, Stored):
        job = replace(job, rows=manifest.validate(job.rows))
    if not len(job.rows):
        raise ConfigError("the manifest has no rows, so there is nothing to align; ingest a dataset first")
    if not job.root.is_dir():
        raise DataError(f"the dataset's root {job.root} is not a folder; give the one that was ingested with --root")
    run = execution.load(executor).run
    job.source().require_any(columns(job.rows, ["source", "frame"]))  # a wrong setting stops before anything is written
    deep = media.probe_depth(Files(job.rows, job.root))
    told = {"depth": asdict(deep)} if deep else {}
    job = replace(job, depth=deep.bits if deep else 16)
    some = wanted(job, {*again, *shards.pending(job.out, job.root)}, force=force)
    sizes = job.shard_sizes
    frames = sum(sizes[number] if samples is None else len(samples) for number, samples in some.items())
    try:
        job.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(f"cannot write {job.out}: {error.strerror}; choose another --work") from error
    if executor == "local":
        workers = _paying(frames, workers, shard_size=job.settings.shard_size)
    made = run(make, Tasks(job, some, workers=workers), workers=workers, paths=[job.root, job.out])
    shards.clear(job.out, keep=len(sizes))
    done = (frame for count in written(job, made) for frame in range(count))
    for _ in progress(done, "aligning frames", total=frames):
        pass
    header = {**job.header, **told, "alignment": alignment_id(job.settings)}
    counts = merge(job.out, len(sizes), header=header)
    title = SYNTHETIC if job.header.get("synthetic") else ""
    contact_sheet.write(job.out / "contact-sheet.png", _frames(job), store.open_aligned(job.out), title=title)
    return counts


def _frames(job: Job) -> Iterator[Frame]:
    """Yield what the contact sheet may show: manifest and ``faces.parquet`` have the same samples, row by row."""
    told = columns(job.rows, ["subject", "expression"])
    made = tables.in_rows(job.out / "faces.parquet", ["status", "row"])
    return (Frame(*names, *face) for names, face in zip(told, made, strict=True))


def _paying(frames: int, workers: int, *, shard_size: int) -> int:
    """Return how many processes of this machine pay for so many frames: starting one takes half a second or more."""
    return max(1, min(workers, frames // min(_WORTH_A_PROCESS, shard_size)))
