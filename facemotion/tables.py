"""Tables as parquet files, with a provenance header in the schema's metadata under ``facemotion``."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from facemotion.checksum import Checksum
from facemotion.errors import ManifestError
from facemotion.workspace import atomic_path

__all__ = [
    "REDO",
    "ROWS_AT_A_TIME",
    "header_in",
    "in_batches",
    "in_rows",
    "is_edited",
    "metadata",
    "opened",
    "read_arrow",
    "read_header",
    "read_table",
    "told",
    "typed",
    "write_table",
]

ROWS_AT_A_TIME = 4096
"""Rows of a long table that are in memory at a time."""
REDO = (
    "run the stage that writes it again with --force (a manifest that was edited on purpose is accepted by "
    "`facemotion manifest accept`)"
)
"""What to do about a table that somebody edited."""


def write_table(path: Path, frame: pd.DataFrame, *, schema: pa.Schema, header: dict[str, Any]) -> None:
    """Write a table as parquet with `header` in the schema's metadata under ``facemotion``, atomically."""
    table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
    table = table.replace_schema_metadata(metadata({**header, "checksum": Checksum.of(table)}))
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def metadata(header: dict[str, Any]) -> dict[str, str]:
    """Return the schema's metadata that hold a provenance header."""
    return {"facemotion": json.dumps(header, sort_keys=True, ensure_ascii=False, allow_nan=False)}


def read_table(path: Path, *, edited: bool = False) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read a parquet table and the header that `write_table` put into it.

    Parameters
    ----------
    path : Path
        The file.
    edited : bool
        Take the rows as they are, whether or not they are those that were written.

    Raises
    ------
    ManifestError
        If the file is missing or is not parquet, or its rows are not those that were written.
    """
    table, header = read_arrow(path, edited=edited)
    with told(path):
        return table.to_pandas(), header


def opened(path: Path) -> pq.ParquetFile:
    """Open a table, as the one file that it is (`pq.read_table` looks for a dataset of many, for as long again).

    It is not read ahead: a table that is gone through in parts would lie in memory as a whole.
    """
    return pq.ParquetFile(path, pre_buffer=False)


def in_batches(path: Path, names: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """Yield a table, or some of its columns, `ROWS_AT_A_TIME` rows at a time; nothing else of it is in memory.

    It is not compared with its checksum: who reads the header first, see `read_header`, knows that it is as written.

    Raises
    ------
    ManifestError
        If the file is missing, is not parquet, or lacks one of the columns.
    """
    with told(path), opened(path) as file:
        lacking = [name for name in names or () if name not in file.schema_arrow.names]
        if lacking:
            raise ManifestError(f"{path} lacks the columns {', '.join(lacking)}; {REDO}")
        for batch in file.iter_batches(batch_size=ROWS_AT_A_TIME, columns=names and list(names)):
            yield pa.Table.from_batches([batch])


def in_rows(path: Path, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the values of some columns of a table, row by row; see `in_batches`."""
    for batch in in_batches(path, names):
        yield from zip(*(batch.column(name).to_pylist() for name in names), strict=True)


def read_arrow(path: Path, *, edited: bool = False) -> tuple[pa.Table, dict[str, Any]]:
    """Read a table as `read_table` does, as it lies in the file: lists take a tenth of what they do in pandas."""
    with told(path):
        with opened(path) as file:
            table = file.read()
        header = header_in(table.schema)
        whole = edited or header.get("checksum") in (None, Checksum.of(table))
    if not whole:
        raise ManifestError(f"{path} was changed after it was written; {REDO}")
    return table.replace_schema_metadata(None), header


def typed(table: pa.Table, schema: pa.Schema, path: Path) -> pa.Table:
    """Return a table with a schema's types in the columns that both have; lists are left as they are.

    Raises
    ------
    ManifestError
        If a column holds something else.
    """
    fields = []
    for own in table.schema:
        wanted = schema.field(own.name) if own.name in schema.names else own
        fields.append(own if pa.types.is_list(wanted.type) else wanted.with_nullable(True))
    try:
        return table.cast(pa.schema(fields))
    except (pa.ArrowException, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise ManifestError(f"{path} has a column of another kind than is written there ({reason}); {REDO}") from error


def read_header(path: Path) -> dict[str, Any]:
    """Read the header that `write_table` put into a parquet table, and see that the table is whole and as written.

    Only a part of the table is in memory at a time.

    Raises
    ------
    ManifestError
        If the file is missing or is not parquet, or its rows are not those that were written.
    """
    header, checksum = _gone_through(path)
    if header.get("checksum") not in (None, checksum):
        raise ManifestError(f"{path} was changed after it was written; {REDO}")
    return header


def is_edited(path: Path) -> bool:
    """Tell whether a table can be read but is not as it was written: somebody edited it, and may want to keep it."""
    try:
        header, checksum = _gone_through(path)
    except ManifestError:
        return False
    return header.get("checksum") not in (None, checksum) or "stage" not in header


def _gone_through(path: Path) -> tuple[dict[str, Any], str]:
    """Return a table's header and the checksum of its rows; a damaged table cannot be gone through."""
    found = Checksum()
    for batch in in_batches(path):
        found.update(batch)
    with told(path):
        return header_in(pq.read_schema(path)), found.hexdigest()


def header_in(schema: pa.Schema) -> dict[str, Any]:
    """Return the provenance header that a schema's metadata hold; empty if they hold none that can be read."""
    try:
        found = json.loads((schema.metadata or {}).get(b"facemotion", b"{}"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Say in a person's words why a table cannot be read."""
    try:
        yield
    except FileNotFoundError:
        raise ManifestError(f"{path} does not exist; run the stage that writes it first") from None
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError) as error:  # as odd files make pyarrow raise
        message = f"{path} cannot be read as parquet ({error}); delete it and run the stage that writes it again"
        raise ManifestError(message) from error
