"""The parts of all shards -> ``faces.parquet``, in memory that hardly grows with their number."""

import itertools
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from facemotion.alignment.shards import PARTS, devices_in, devices_said, path_of
from facemotion.alignment.store import ARRAYS, FACES
from facemotion.checksum import Checksum
from facemotion.tables import metadata, read_arrow
from facemotion.workspace import atomic_path

__all__ = ["merge"]

_SHARDS_AT_A_TIME = 64
"""Shards whose rows are written together."""


def merge(folder: Path, count: int, *, header: Mapping[str, Any]) -> dict[str, int]:
    """Merge the parts of `count` shards into ``faces.parquet``; return the number of rows by status.

    ``row`` then counts through all shards; the header gains ``shards``, the number of pictures in each, and
    ``digests``, the SHA-256 of each shard's file, by ``aligned`` and ``crops``, and where not all faces were located on
    the CPU, ``devices``. The parts are read twice, since the header comes first and tells of all.
    """
    sizes: list[int] = []
    digests: dict[str, list[str]] = {kind: [] for kind in ARRAYS}
    devices: set[str] = set()
    checksum, statuses = Checksum(), Counter[str]()
    for number in range(count):
        part, above = _merged(folder, number, sum(sizes))
        checksum.update(part)
        statuses.update(part["status"].to_pylist())
        sizes.append(int((part["row"].to_numpy() >= 0).sum()))
        for kind in ARRAYS:
            digests[kind].append(above["digests"][kind])
        devices.update(devices_in(above))
    facts = {"shards": sizes, "digests": digests, "checksum": checksum.hexdigest(), **devices_said(devices)}
    schema = FACES.with_metadata(metadata({**header, **facts}))
    starts = list(itertools.accumulate(sizes, initial=0))
    with (
        atomic_path(folder / "faces.parquet") as temporary,
        pq.ParquetWriter(temporary, schema, compression="zstd") as writer,
    ):
        for first in range(0, count, _SHARDS_AT_A_TIME):
            numbers = range(first, min(first + _SHARDS_AT_A_TIME, count))
            parts = [_merged(folder, number, starts[number])[0] for number in numbers]
            writer.write_table(pa.concat_tables(parts).replace_schema_metadata(schema.metadata))
    return dict(sorted(statuses.items()))


def _merged(folder: Path, number: int, start: int) -> tuple[pa.Table, dict[str, Any]]:
    """Return a shard's part of the table, whose pictures count from `start`, and its header."""
    part, header = read_arrow(path_of(folder, PARTS, number))
    rows = part["row"].to_numpy()
    moved = pa.array(np.where(rows >= 0, rows + start, rows), pa.int32())
    return part.set_column(part.schema.get_field_index("row"), FACES.field("row"), moved).cast(FACES), header
