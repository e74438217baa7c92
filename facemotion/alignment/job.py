"""All frames of a manifest -> ``faces.parquet``, ``aligned/``, ``crops/`` and a contact sheet, shard by shard."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from facemotion import execution, landmarks, manifest, media, tables
from facemotion.alignment import contact_sheet, shards, store, worker
from facemotion.alignment.contact_sheet import Frame
from facemotion.alignment.geometry import alignment_id
from facemotion.alignment.merging import merge
from facemotion.alignment.settings import AlignSettings
from facemotion.config import FileSetting
from facemotion.errors import ConfigError, DataError, WorkspaceError
from facemotion.landmarks.faces import LandmarkSource
from facemotion.progress import Progress, silent
from facemotion.provenance import header_of
from facemotion.rows import Files, Rows, Stored, columns, parts
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
    rows : pandas.DataFrame or Stored
        The manifest, or one on disk, of which only a part is in memory.
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

    rows: Rows
    root: Path
    out: Path
    settings: AlignSettings = field(default_factory=AlignSettings)
    shipped: FileSetting | None = None
    header: Mapping[str, Any] = field(default_factory=dict)
    depth: int = 16
    device: str = "cpu"

    def shards(self) -> "Iterator[Job]":
        """Yield the job in parts of ``shard_size`` rows."""
        for rows in parts(self.rows, self.settings.shard_size):
            yield replace(self, rows=rows)

    @property
    def shard_sizes(self) -> list[int]:
        """The number of rows of each part."""
        whole, left = divmod(len(self.rows), self.settings.shard_size)
        return [self.settings.shard_size] * whole + [left] * bool(left)

    @property
    def key(self) -> str:
        """Of a part: stands for all that its pictures and rows are made from, but the root's place and the device."""
        assert isinstance(self.rows, pd.DataFrame)
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
    todo = _Todo(job, _wanted(job, {*again, *shards.pending(job.out, job.root)}, force))
    try:
        job.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(f"cannot write {job.out}: {error.strerror}; choose another --work") from error
    sizes = todo.sizes
    if executor == "local":
        workers = _paying(list(sizes.values()), workers, shard_size=job.settings.shard_size)
    made = run(_make_shard, todo, workers=workers, paths=[job.root, job.out])
    shards.clear(job.out, keep=len(job.shard_sizes))
    frames = (frame for number in made for frame in range(sizes[number]))
    for _ in progress(frames, "aligning frames", total=sum(sizes.values())):
        pass
    header = {**job.header, **told, "alignment": alignment_id(job.settings)}
    counts = merge(job.out, len(job.shard_sizes), header=header)
    title = SYNTHETIC if job.header.get("synthetic") else ""
    contact_sheet.write(job.out / "contact-sheet.png", _frames(job), store.open_aligned(job.out), title=title)
    return counts


def _frames(job: Job) -> Iterator[Frame]:
    """Yield what the contact sheet may show: manifest and ``faces.parquet`` have the same samples, row by row."""
    told = columns(job.rows, ["subject", "expression"])
    made = tables.in_rows(job.out / "faces.parquet", ["status", "row"])
    return (Frame(*names, *face) for names, face in zip(told, made, strict=True))


def _paying(sizes: Sequence[int], workers: int, *, shard_size: int) -> int:
    """Return how many processes of this machine pay for tasks of so many frames: starting one takes a second or two."""
    beside = sum(sizes) - max(sizes, default=0)
    return min(workers, 1 + beside // min(_WORTH_A_PROCESS, shard_size))


class _Task(NamedTuple):
    """What a worker process needs to make one shard, or to mend it."""

    number: int
    part: Job
    samples: Set[str] | None
    """The rows to make again of a shard that is done; None for the whole shard."""


class _Todo:
    """The shards that are to be made or mended; the rows of each are read when its turn comes."""

    def __init__(self, job: Job, wanted: Mapping[int, Set[str] | None]) -> None:
        self._job, self._wanted = job, wanted

    def __len__(self) -> int:
        return len(self._wanted)

    def __iter__(self) -> Iterator[_Task]:
        for number, part in enumerate(self._job.shards()):
            if number in self._wanted:
                yield _Task(number, part, self._wanted[number])

    @property
    def sizes(self) -> dict[int, int]:
        """How many rows are made, by shard."""
        sizes = self._job.shard_sizes
        return {number: sizes[number] if some is None else len(some) for number, some in self._wanted.items()}


def _wanted(job: Job, again: Set[str], force: bool) -> dict[int, Set[str] | None]:
    """Return the shards that are not done, with None, and the rows of others that are to be made again."""
    if force or not shards.parts_in(job.out):
        return dict.fromkeys(range(len(job.shard_sizes)))
    found: dict[int, Set[str] | None] = {}
    for number, part in enumerate(job.shards()):
        if not shards.is_done(job.out, number, part.key):
            found[number] = None
        elif some := {name for (name,) in columns(part.rows, ["sample_id"]) if name in again}:
            found[number] = some
    return found


def _make_shard(task: _Task) -> int:
    """Make or mend one shard and write it; return its number."""
    number, part, samples = task
    assert isinstance(part.rows, pd.DataFrame)
    rows = part.rows if samples is None else part.rows[part.rows["sample_id"].isin(samples)]
    made = worker.align_shard(rows, part.root, part.source(), part.settings, depth=part.depth)
    devices = {part.device}
    if samples is not None:
        devices |= shards.devices_in(header_of(shards.path_of(part.out, shards.PARTS, number)))
        made = shards.mended(shards.read_shard(part.out, number), made)
    shards.write_shard(part.out, number, made, key=part.key, devices=devices)
    return number
