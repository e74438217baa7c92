"""Reading a shared manifest, which people may have edited: what is wrong in it is said by its row and column."""

import csv
import json
import reprlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from facemotion import tables
from facemotion.errors import ManifestError
from facemotion.sharing.table import FIELDS, MARK, NULLABLE, OPTIONAL, Shared, checked_suffix

__all__ = ["read_shared"]

_Read = tuple[Any, list[str], list[dict[str, Any]]]
"""Header, columns, and rows as JSON values."""


def read_shared(path: Path) -> Shared:
    """Read a shared manifest of any of the three formats.

    Raises
    ------
    ConfigError
        If its suffix is none of the three.
    ManifestError
        If it does not exist, or is not a file that `write_shared` wrote.
    """
    checked_suffix(path)
    if path.is_dir():
        raise ManifestError(f"{path} is a folder; give a file that `facemotion manifest export` wrote")
    try:
        header, columns, rows = _READERS[path.suffix](path)
        _check_header(header, columns)
        schema = pa.schema([(name, FIELDS[name]) for name in FIELDS if name in columns])
        checked = [_checked(number, row, columns) for number, row in enumerate(rows, start=1)]
        table = pa.Table.from_pylist(checked, schema)
    except FileNotFoundError:
        raise ManifestError(f"{path} does not exist; give a file that `facemotion manifest export` wrote") from None
    except (OSError, ValueError, TypeError, KeyError, OverflowError, csv.Error, pa.ArrowException) as error:
        raise _none(path, str(error).splitlines()[0] if str(error) else type(error).__name__) from error
    frame = table.to_pandas()
    for name in NULLABLE:
        if name in frame:
            frame[name] = pd.Series(table[name].to_pylist(), dtype="Int16" if name == "fold" else object)
    doubled = frame["sample_id"][frame["sample_id"].duplicated()]
    if len(doubled):
        raise ManifestError(f"{path}: sample_id {doubled.iloc[0]!r} occurs more than once")
    return Shared(header, frame.sort_values("sample_id", kind="stable", ignore_index=True))


def _none(path: Path, reason: str) -> ManifestError:
    return ManifestError(f"{path} is not a manifest that `facemotion manifest export` wrote: {reason}")


def _check_header(header: object, columns: Sequence[str]) -> None:
    lacking = [name for name in FIELDS if name not in OPTIONAL and name not in columns]
    if lacking or not set(columns) <= set(FIELDS):
        raise ValueError(f"its columns are {', '.join(map(str, columns)) or 'none'}")
    if len(set(columns)) < len(columns):
        raise ValueError("it has a column twice")
    if not isinstance(header, dict) or not isinstance(header.get("dataset"), str):
        raise ValueError("it has no header that names a dataset")
    if not isinstance(header.get("ingest_settings", {}), dict):
        raise ValueError("the ingest_settings of its header are no names and values")


def _checked(number: int, row: dict[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    """Return a row's values as they belong into their columns."""
    if not set(row) <= set(columns):
        raise ValueError(f"row {number} has the column {min(set(row) - set(columns))!r}, which the first has not")
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
            value, expected = (value if isinstance(value, str) else None), "a text"
        else:
            value, expected = _region(value), "x, y, width and height"
        if value is None:
            raise ValueError(f"row {number}: {name} is {reprlib.repr(row.get(name))}, where {expected} was expected")
        found[name] = value
    return found


def _whole(value: object, limits: np.iinfo) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if limits.min <= value <= limits.max and value == int(value) else None


def _region(value: object) -> list[float] | None:
    """Return four numbers that 32 bits can hold; None if `value` is none."""
    if not isinstance(value, list) or len(value) != 4:
        return None
    if any(isinstance(part, bool) or not isinstance(part, int | float) for part in value):
        return None
    most = float(np.finfo(np.float32).max)
    return [float(part) for part in value] if all(-most <= part <= most for part in value) else None


def _read_csv(path: Path) -> _Read:
    header: dict[str, Any] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line in file:
            if not line.startswith(MARK):
                break
            name, _, value = line[len(MARK) :].partition(": ")
            try:
                header[name] = json.loads(value)
            except (ValueError, RecursionError) as error:
                raise ValueError(f"{name} in its header is no JSON: {reprlib.repr(value.strip())}") from error
        else:
            raise ValueError("it has no rows")
        columns = next(csv.reader([line]), [])
        parse = [_CELLS.get(name, str) for name in columns]
        rows = []
        for number, row in enumerate(csv.reader(file), start=1):
            if len(row) != len(columns):
                raise ValueError(f"row {number} has {len(row)} columns, where {len(columns)} were expected")
            rows.append({name: read(cell) for name, read, cell in zip(columns, parse, row, strict=True)})
    return header, columns, rows


def _number(text: str) -> float | str:
    """Return the number that a text is, or else the text, which is no value of any column of numbers."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


_CELLS: dict[str, Callable[[str], Any]] = {
    "frame": _number,
    "rotate": _number,
    "fold": lambda text: _number(text) if text else None,
    "region": lambda text: [_number(part) for part in text.split(" ")] if text else None,
    "sha256": lambda text: text or None,
}


def _read_lines(path: Path) -> _Read:
    with path.open(encoding="utf-8-sig") as file:
        lines = [_object(number, line) for number, line in enumerate(file, start=1) if line.strip()]
    if not lines:
        raise ValueError("it is empty")
    if "header" not in lines[0]:
        raise ValueError("its first line has no header")
    return lines[0]["header"], list(lines[1]) if len(lines) > 1 else [], lines[1:]


def _object(number: int, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line.rstrip())
    except json.JSONDecodeError as error:
        raise ValueError(f"line {number} is no JSON: {error.msg} at column {error.colno}") from error
    except RecursionError as error:
        raise ValueError(f"line {number} is nested too deep") from error
    if not isinstance(value, dict):
        raise ValueError(f"line {number} is {reprlib.repr(value)}, where a header or a row was expected")
    return value


def _read_parquet(path: Path) -> _Read:
    table = pq.read_table(path)
    return tables.header_in(table.schema), table.column_names, table.to_pylist()


_READERS = {".csv": _read_csv, ".jsonl": _read_lines, ".parquet": _read_parquet}
