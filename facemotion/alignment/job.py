"""All frames of a manifest -> ``faces.parquet``, ``aligned/``, ``crops/`` and a contact sheet, shard by shard."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from facemotion import execution, landmarks, manifest, media
from facemotion.alignment import contact_sheet, shards, store, worker
from facemotion.alignment.geometry import alignment_id
from facemotion.alignment.merging import merge
from facemotion.alignment.settings import AlignSettings
from facemotion.config import FileSetting
from facemotion.errors import ConfigError, DataError, WorkspaceError
from facemotion.landmarks.faces import LandmarkSource
from facemotion.progress import Progress, silent
from facemotion.provenance import header_of
from facemotion.synthetic import SYNTHETIC
from facemotion.workspace import digest_json

__all__ = ["Job", "align_manifest"]

_WORTH_A_PROCESS = 100
"""Frames for which another process is started, or a whole shard where shards are smaller."""


@dataclass(frozen=True, eq=False)
class Job:
    """What is to be aligned, and into what.

    Attributes
    ----------
    rows : pandas.DataFrame
        The manifest.
    root : Path
        The dataset's root.
    out : Path
        The dataset's folder in the workspace.
    settings : AlignSettings
        How to align.
    shipped : FileSetting or None
        The table of the landmarks that the dataset ships, where ``settings.landmarks.wants_shipped``.
    header : mapping
        The provenance header of ``faces.parquet``; its ``inputs`` and the settings decide whether a shard on disk still
        holds.
    depth : int
        The bits in use of the dataset's 16-bit pictures; `align_manifest` finds it from the files.
    device : str
        Of `facemotion.landmarks.DEVICES`: what faces are located on. It makes no other alignment, so that a run can go
        on where an earlier one stopped that had another; the headers say which had a part in it.
    """

    rows: pd.DataFrame
    root: Path
    out: Path
    settings: AlignSettings = field(default_factory=AlignSettings)
    shipped: FileSetting | None = None
    header: Mapping[str, Any] = field(default_factory=dict)
    depth: int = 16
    device: str = "cpu"

    def shards(self) -> "list[Job]":
        """Return the job in parts of ``shard_size`` rows."""
        size = self.settings.shard_size
        return [replace(self, rows=self.rows.iloc[start : start + size]) for start in range(0, len(self.rows), size)]

    @property
    def key(self) -> str:
        """Stands for all that arrays and table rows are made from, but for the root's place and the device."""
        content = {
            "schema_version": self.header.get("schema_version"),
            "version": self.header.get("version"),
            "inputs": self.header.get("inputs"),
            "settings": self.settings.as_json(),
            "shipped": self.shipped and self.shipped.sha256,
            "rows": manifest.digest(self.rows),
            "alignment": alignment_id(self.settings),
        }
        if self.depth != 16:
            content["depth"] = self.depth
        return digest_json(content)

    def source(self) -> LandmarkSource:
        """Return the landmark source, made once a process."""
        return landmarks.shared(self.settings.landmarks, shipped=self.shipped, device=self.device)


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
    job = replace(job, rows=manifest.validate(job.rows))
    if job.rows.empty:
        raise ConfigError("the manifest has no rows, so there is nothing to align; ingest a dataset first")
    if not job.root.is_dir():
        raise DataError(f"the dataset's root {job.root} is not a folder; give the one that was ingested with --root")
    run = execution.load(executor).run
    job.source().require_any(job.rows)  # a wrong setting stops before anything is removed or written
    deep = media.probe_depth(job.root / source for source in job.rows["source"].drop_duplicates())
    told = {"depth": asdict(deep)} if deep else {}
    job = replace(job, depth=deep.bits if deep else 16)
    parts = job.shards()
    retried = set() if force else {*again, *shards.pending(job.out, job.root)}
    tasks = (_task(number, part, retried, force) for number, part in enumerate(parts))
    todo = [task for task in tasks if len(task.samples)]
    try:
        job.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(f"cannot write {job.out}: {error.strerror}; choose another --work") from error
    sizes = {task.number: len(task.samples) for task in todo}
    if executor == "local":
        workers = _paying(list(sizes.values()), workers, shard_size=job.settings.shard_size)
    made = run(_make_shard, todo, workers=workers, paths=[job.root, job.out])
    shards.clear(job.out, keep=len(parts))
    frames = (frame for number in made for frame in range(sizes[number]))
    for _ in progress(frames, "aligning frames", total=sum(sizes.values())):
        pass
    faces = merge(job.out, len(parts), header={**job.header, **told, "alignment": alignment_id(job.settings)})
    title = SYNTHETIC if job.header.get("synthetic") else ""
    contact_sheet.write(job.out / "contact-sheet.png", job.rows, faces, store.open_aligned(job.out), title=title)
    return {str(status): int(count) for status, count in faces["status"].value_counts().sort_index().items()}


def _paying(sizes: Sequence[int], workers: int, *, shard_size: int) -> int:
    """Return how many processes of this machine pay for tasks of so many frames: starting one takes a second or two."""
    beside = sum(sizes) - max(sizes, default=0)
    return min(workers, 1 + beside // min(_WORTH_A_PROCESS, shard_size))


class _Task(NamedTuple):
    """What a worker process needs to make one shard, or to mend it."""

    number: int
    part: Job
    key: str
    whole: bool
    samples: Sequence[str]


def _task(number: int, part: Job, again: Set[str], force: bool) -> _Task:
    """Return what is to be done for a shard: for all of its rows, some of a shard that is done, or none."""
    key = part.key
    whole = force or not shards.is_done(part.out, number, key)
    samples = part.rows["sample_id"].tolist()
    return _Task(number, part, key, whole, samples if whole else [name for name in samples if name in again])


def _make_shard(task: _Task) -> int:
    """Make or mend one shard and write it; return its number."""
    number, part, key, whole, samples = task
    rows = part.rows if whole else part.rows[part.rows["sample_id"].isin(set(samples))]
    made = worker.align_shard(rows, part.root, part.source(), part.settings, depth=part.depth)
    devices = {part.device}
    if not whole:
        devices |= shards.devices_in(header_of(shards.path_of(part.out, shards.PARTS, number)))
        made = shards.mended(shards.read_shard(part.out, number), made)
    shards.write_shard(part.out, number, made, key=key, devices=devices)
    return number
