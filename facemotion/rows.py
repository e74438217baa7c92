"""The rows of a manifest, in memory or on disk, a part at a time: one of a million rows need not be read as a whole."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from facemotion import manifest, tables

__all__ = ["Files", "Rows", "Stored", "columns", "parts"]


class Stored:
    """The rows of a manifest on disk. Its length is read when it is made, its rows when they are asked for.

    Parameters
    ----------
    path : Path
        The manifest, as `facemotion.manifest.write_batches` wrote it; its header was read just before, which tells
        that nobody edited it.

    Raises
    ------
    ManifestError
        If it is missing or is not parquet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with tables.told(path):
            self._length = pq.read_metadata(path).num_rows

    def __len__(self) -> int:
        return self._length

    def batches(self, size: int) -> Iterator[pd.DataFrame]:
        """Yield the rows in canonical form (`facemotion.manifest.validate`), `size` at a time.

        Raises
        ------
        ManifestError
            If they break the schema.
        """
        held = manifest.SCHEMA.empty_table()
        for part in tables.in_batches(self.path):
            held = pa.concat_tables(
                [held, tables.typed(part, manifest.SCHEMA, self.path)], promote_options="permissive"
            )
            while held.num_rows >= size:
                yield manifest.validate(held.slice(0, size).to_pandas())
                held = held.slice(size)
        if held.num_rows:
            yield manifest.validate(held.to_pandas())


Rows = pd.DataFrame | Stored
"""A manifest in canonical form, in memory or on disk."""


def parts(rows: Rows, size: int) -> Iterator[pd.DataFrame]:
    """Yield the rows of a manifest, `size` at a time.

    Raises
    ------
    ManifestError
        If those on disk break the schema.
    """
    at_a_time = max(1, tables.ROWS_AT_A_TIME // size) * size
    batches = [rows] if isinstance(rows, pd.DataFrame) else rows.batches(at_a_time)
    for batch in batches:
        for start in range(0, len(batch), size):
            yield batch.iloc[start : start + size]


def columns(rows: Rows, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the values of some columns of a manifest, row by row."""
    if isinstance(rows, pd.DataFrame):
        yield from rows[list(names)].itertuples(index=False, name=None)
    else:
        yield from tables.in_rows(rows.path, names)


class Files:
    """The files that the rows of a manifest name, row by row, as often as they are gone through."""

    def __init__(self, rows: Rows, root: Path) -> None:
        self._rows, self._root = rows, root

    def __iter__(self) -> Iterator[str]:
        return (os.path.join(self._root, source) for (source,) in columns(self._rows, ["source"]))
