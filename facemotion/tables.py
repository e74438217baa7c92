"""Tables as parquet files, with a provenance header in the schema's metadata under ``facemotion``."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from facemotion.errors import ManifestError
from facemotion.workspace import atomic_path

__all__ = ["ROWS_AT_A_TIME", "header_in", "metadata", "read_header", "read_table", "write_table"]

ROWS_AT_A_TIME = 4096
"""Rows of a long table that are in memory at a time."""


def write_table(path: Path, frame: pd.DataFrame, *, schema: pa.Schema, header: dict[str, Any]) -> None:
    """Write a table as parquet with `header` in the schema's metadata under ``facemotion``, atomically."""
    table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
    table = table.replace_schema_metadata(metadata(header))
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def metadata(header: dict[str, Any]) -> dict[str, str]:
    """Return the schema's metadata that hold a provenance header."""
    return {"facemotion": json.dumps(header, sort_keys=True, ensure_ascii=False, allow_nan=False)}


def read_table(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read a parquet table and the header that `write_table` put into it.

    Raises
    ------
    ManifestError
        If the file is missing or is not parquet.
    """
    with _told(path):
        table = pq.read_table(path)
    return table.replace_schema_metadata(None).to_pandas(), header_in(table.schema)


def read_header(path: Path) -> dict[str, Any]:
    """Read the header that `write_table` put into a parquet table, and see that all of the table can be read.

    Only a part of the table is in memory at a time.

    Raises
    ------
    ManifestError
        If the file is missing or is not parquet.
    """
    with _told(path), pq.ParquetFile(path) as file:
        for _ in file.iter_batches(batch_size=ROWS_AT_A_TIME):
            pass  # a damaged table has to be made again, whatever its header says
        return header_in(file.schema_arrow)


def header_in(schema: pa.Schema) -> dict[str, Any]:
    """Return the provenance header that a schema's metadata hold; empty if they hold none."""
    return json.loads((schema.metadata or {}).get(b"facemotion", b"{}"))


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say in a person's words why a table cannot be read."""
    try:
        yield
    except FileNotFoundError:
        raise ManifestError(f"{path} does not exist; run the stage that writes it first") from None
    except (pa.ArrowInvalid, OSError) as error:
        message = f"{path} cannot be read as parquet ({error}); delete it and run the stage that writes it again"
        raise ManifestError(message) from error
