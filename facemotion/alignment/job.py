"""A job of alignment, and the tasks into which it is cut for an executor.

A worker writes each shard that it makes. The last shards are cut into pieces, where there are several workers: pieces
come back, and the process that asked for them joins and writes them. All workers are then busy to the end, though a
shard is long; of a set of few shards, none need wait for another.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from facemotion import landmarks, manifest
from facemotion.alignment import shards, worker
from facemotion.alignment.geometry import alignment_id
from facemotion.alignment.settings import AlignSettings
from facemotion.config import FileSetting
from facemotion.landmarks.faces import LandmarkSource
from facemotion.provenance import header_of
from facemotion.rows import Rows, columns, parts
from facemotion.workspace import digest_json

__all__ = ["Job", "Made", "Task", "Tasks", "make", "wanted", "written"]

PIECE = 64
"""Rows of a piece."""
CUT, CUT_AT_MOST = 2, 32
"""Shards that are cut into pieces: the last ones, so many for each worker, and so many in all, since one process joins
and writes them."""


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


class Task(NamedTuple):
    """What a worker process needs to make a shard or a piece of one, or to mend a shard."""

    number: int
    """Of the shard."""
    part: Job
    """With the rows of the shard or of the piece."""
    samples: Set[str] | None = None
    """The rows to make again of a shard that is done; None for all."""
    is_piece: bool = False
    key: str = ""
    """Of the shard, with its last piece."""


class Made(NamedTuple):
    """What came of a task."""

    number: int
    """Of the shard."""
    frames: int
    """How many were looked at."""
    piece: shards.Shard | None = None
    """None if the worker has written a shard."""
    key: str = ""
    """Of the shard, with its last piece."""


class Tasks:
    """What is to be done for some shards, in order; the rows of each task are read when its turn comes.

    Parameters
    ----------
    job : Job
        The whole job.
    some : mapping of int to set of str or None
        From `wanted`.
    workers : int
        How many are to do it.
    """

    def __init__(self, job: Job, some: Mapping[int, Set[str] | None], *, workers: int) -> None:
        self._job, self._wanted = job, some
        last = sorted(some)[-min(CUT * workers, CUT_AT_MOST) :] if workers > 1 else []
        self._cut = {number for number in last if some[number] is None and job.shard_sizes[number] > PIECE}

    def __len__(self) -> int:
        sizes = self._job.shard_sizes
        return len(self._wanted) - len(self._cut) + sum(-(-sizes[number] // PIECE) for number in self._cut)

    def __iter__(self) -> Iterator[Task]:
        for number, part in enumerate(self._job.shards()):
            if number in self._cut:
                pieces = list(parts(part.rows, PIECE))
                for piece in pieces:
                    key = part.key if piece is pieces[-1] else ""
                    yield Task(number, replace(part, rows=piece), is_piece=True, key=key)
            elif number in self._wanted:
                yield Task(number, part, self._wanted[number])


def wanted(job: Job, again: Set[str], *, force: bool) -> dict[int, Set[str] | None]:
    """Return the shards that are not done, with None, and the rows of others that are to be made again.

    Parameters
    ----------
    job : Job
        The whole job.
    again : set of str
        Rows to make again, by ``sample_id``, if their shard is done.
    force : bool
        Take every shard as not done.
    """
    if force or not shards.parts_in(job.out):
        return dict.fromkeys(range(len(job.shard_sizes)))
    found: dict[int, Set[str] | None] = {}
    for number, part in enumerate(job.shards()):
        if not shards.is_done(job.out, number, part.key):
            found[number] = None
        elif some := {name for (name,) in columns(part.rows, ["sample_id"]) if name in again}:
            found[number] = some
    return found


def make(task: Task) -> Made:
    """Make or mend a shard and write it, or make a piece of one and return it."""
    number, part, samples = task.number, task.part, task.samples
    assert isinstance(part.rows, pd.DataFrame)
    rows = part.rows if samples is None else part.rows[part.rows["sample_id"].isin(samples)]
    made = worker.align_shard(rows, part.root, part.source(), part.settings, depth=part.depth)
    if task.is_piece:
        return Made(number, len(rows), made, task.key)
    devices = {part.device}
    if samples is not None:
        devices |= shards.devices_in(header_of(shards.path_of(part.out, shards.PARTS, number)))
        made = shards.mended(shards.read_shard(part.out, number), made)
    shards.write_shard(part.out, number, made, key=part.key, devices=devices)
    return Made(number, len(rows))


def written(job: Job, made: Iterable[Made]) -> Iterator[int]:
    """Write the shards that come in pieces, as soon as each is whole; yield the frames of each task."""
    pieces: list[shards.Shard] = []
    for each in made:
        if each.piece is not None:
            pieces.append(each.piece)
            if each.key:
                shards.write_shard(job.out, each.number, shards.joined(pieces), key=each.key, devices={job.device})
                pieces = []
        yield each.frames
