"""Reading a shared manifest, which people may have edited: what is wrong in it is said by its line and column."""

import reprlib
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from facemotion import datasets, tables
from facemotion.errors import ManifestError
from facemotion.sharing.formats import READERS, NumberedRows
from facemotion.sharing.table import FIELDS, NULLABLE, OPTIONAL, Shared, checked_suffix, plain

__all__ = ["read_shared"]


def read_shared(path: Path) -> Shared:
    """Read a shared manifest of any of the three formats.

    Raises
    ------
    ConfigError
        If its suffix is none of the three.
    ManifestError
        If it cannot be read, or is not a file that `write_shared` wrote.
    """
    suffix = checked_suffix(path)
    try:
        if path.is_dir():
            raise IsADirectoryError
        with ExitStack() as opened:
            header, columns, rows = READERS[suffix](path, opened)
            _check_columns(columns)
            _check_header(header)
            table = _table(rows, columns, "row" if suffix == ".parquet" else "line")
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError, pa.ArrowException) as error:
        raise ManifestError(_told(path, error)) from error
    frame = table.to_pandas()
    for name in NULLABLE:
        if name in frame:
            frame[name] = pd.Series(table[name].to_pylist(), dtype="Int16" if name == "fold" else object)
    return Shared(header, frame.sort_values("sample_id", kind="stable", ignore_index=True))


def _told(path: Path, error: Exception) -> str:
    """Say in one sentence why a file cannot be used."""
    if isinstance(error, IsADirectoryError):
        return f"{path} is a folder; give a file that `facemotion manifest export` wrote"
    if isinstance(error, FileNotFoundError):
        return f"{path} does not exist; give a file that `facemotion manifest export` wrote"
    if isinstance(error, OSError) and error.strerror:
        return f"{path} cannot be read: {error.strerror}; give a file that `facemotion manifest export` wrote"
    reason = plain((str(error) or type(error).__name__).splitlines()[0].rstrip("."), most=400)
    repair = "undo the edit, or ask for the file again"
    return f"{path} is not a manifest that `facemotion manifest export` wrote: {reason}; {repair}"


def _check_columns(columns: Sequence[str]) -> None:
    lacking = [name for name in FIELDS if name not in OPTIONAL and name not in columns]
    unknown = [name for name in columns if name not in FIELDS]
    if lacking or unknown:
        parts = [f"lacks the column{'s' * (len(lacking) > 1)} {', '.join(lacking)}"] * bool(lacking)
        parts += [f"has the unknown column{'s' * (len(unknown) > 1)} {reprlib.repr(unknown)[1:-1]}"] * bool(unknown)
        raise ValueError(f"it {' and '.join(parts)}")
    twice = [name for name in FIELDS if columns.count(name) > 1]
    if twice:
        raise ValueError(f"it has the column {twice[0]} twice")


def _check_header(header: object) -> None:
    if not isinstance(header, dict) or not isinstance(header.get("dataset"), str):
        raise ValueError("it has no header that names a dataset")
    if header["dataset"] not in datasets.names():
        expected = f"one of {', '.join(datasets.names())}"
        found = reprlib.repr(header["dataset"])
        raise ValueError(f"its header names the dataset {found}, where {expected} was expected")
    settings = header.get("ingest_settings", {})
    if not isinstance(settings, dict) or not all(map(_is_setting, settings.values())):
        raise ValueError("the ingest_settings of its header are no names and values")


def _is_setting(value: object) -> bool:
    """Tell whether a value is a scalar, a list or mapping of scalars, or a list of files by name and digest."""
    parts = [*value.values()] if isinstance(value, dict) else value if isinstance(value, list) else [value]
    if isinstance(value, list) and all(isinstance(part, dict) and part.keys() == {"name", "sha256"} for part in parts):
        parts = [own for part in parts for own in part.values()]
    return not any(isinstance(part, dict | list) for part in parts)


def _table(rows: NumberedRows, columns: Sequence[str], word: str) -> pa.Table:
    """Return the rows as a table; `word` says what their numbers count."""
    schema = pa.schema([(name, FIELDS[name]) for name in FIELDS if name in columns])
    places: dict[str, int] = {}
    batches = []
    while part := list(islice(rows, tables.ROWS_AT_A_TIME)):
        checked = [_checked(f"{word} {number}", row, columns) for number, row in part]
        for (number, _), row in zip(part, checked, strict=True):
            first = places.setdefault(row["sample_id"], number)
            if first != number:
                name = reprlib.repr(row["sample_id"])
                message = (
                    f"{word} {number}: sample_id is {name}, as in {word} {first}, where one of its own was expected"
                )
                raise ValueError(message)
        batches.append(pa.RecordBatch.from_pylist(checked, schema))
    return pa.Table.from_batches(batches, schema)


def _checked(place: str, row: dict[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    """Return a row's values as they belong into their columns."""
    if not set(row) <= set(columns):
        additional = reprlib.repr(min(set(row) - set(columns)))
        raise ValueError(f"{place} has the column {additional}, which the first row has not")
    found = {}
    for name in columns:
        value = row.get(name)
        if value is None and name in NULLABLE:
            found[name] = None
            continue
        kind = FIELDS[name]
        if pa.types.is_integer(kind):
            limits = np.iinfo(kind.to_pandas_dtype())
            value, expected = _whole(value, limits), f"a whole number of {limits.bits} bits"
        elif pa.types.is_string(kind):
            value, expected = _text(value), "a text"
        else:
            value, expected = _region(value), "a box of four finite numbers (x, y, width, height)"
        if value is None:
            raise ValueError(f"{place}: {name} is {reprlib.repr(row.get(name))}, where {expected} was expected")
        found[name] = value
    return found


def _whole(value: object, limits: np.iinfo) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if limits.min <= value <= limits.max and value == int(value) else None


def _text(value: object) -> str | None:
    """Return a text that can be written as UTF-8; JSON can hold halves of characters."""
    if not isinstance(value, str):
        return None
    return value if value.isascii() or value.encode("utf-8", "replace").decode("utf-8") == value else None


def _region(value: object) -> list[float] | None:
    """Return four numbers that 32 bits can hold; None if `value` is none."""
    if not isinstance(value, list) or len(value) != 4:
        return None
    if any(isinstance(part, bool) or not isinstance(part, int | float) for part in value):
        return None
    most = float(np.finfo(np.float32).max)
    return [float(part) for part in value] if all(-most <= part <= most for part in value) else None
