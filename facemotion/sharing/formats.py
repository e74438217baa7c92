"""The three formats of a shared manifest as header, columns and rows; nothing is said of the values yet."""

import csv
import json
import re
import reprlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Any

from facemotion import tables
from facemotion.sharing.table import MARK, as_text

__all__ = ["READERS", "NumberedRows"]

NumberedRows = Iterator[tuple[int, dict[str, Any]]]
"""Rows as JSON values, one at a time, each with the number of its line in a text, of its row in parquet."""
_Read = tuple[Any, list[str], NumberedRows]
_UNDECODED = re.compile("[\ud800-\udfff]")


def _lines(path: Path, opened: ExitStack) -> Iterator[str]:
    """Yield the lines of a text with their ends, without the byte order mark that some programs begin it with."""
    file = opened.enter_context(path.open(encoding="utf-8-sig", errors="surrogateescape", newline=""))
    for number, line in enumerate(file, start=1):
        if not line.isascii() and _UNDECODED.search(line):
            raise ValueError(f"line {number} is not in UTF-8")
        yield line


def _read_csv(path: Path, opened: ExitStack) -> _Read:
    header: dict[str, Any] = {}
    lines, number = _lines(path, opened), 0
    for number, line in enumerate(lines, start=1):
        if not line.startswith(MARK):
            break
        name, _, value = line[len(MARK) :].partition(": ")
        try:
            header[name] = json.loads(value)
        except (ValueError, RecursionError) as error:
            message = f"line {number}: {reprlib.repr(name)} in its header is no JSON: {reprlib.repr(value.strip())}"
            raise ValueError(message) from error
    else:
        raise ValueError("it ends before the line with the names of its columns")
    cells = _cells(chain([line], lines), above=number - 1)
    _, columns = next(cells, (0, []))
    return header, columns, _csv_rows(cells, columns)


def _cells(lines: Iterable[str], *, above: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of the line in which a row begins, after the lines `above`, and its cells; pass empty lines."""
    reader = csv.reader(lines)
    while True:
        number = above + reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise ValueError(f"line {number}: {error}") from error
        if row is None:
            return
        if row:
            yield number, row


def _csv_rows(cells: Iterator[tuple[int, list[str]]], columns: list[str]) -> NumberedRows:
    parse = [_CELLS.get(name, as_text) for name in columns]
    for number, row in cells:
        if len(row) != len(columns):
            raise ValueError(f"line {number} has {len(row)} columns, where {len(columns)} were expected")
        yield number, {name: read(cell) for name, read, cell in zip(columns, parse, row, strict=True)}


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


def _read_lines(path: Path, opened: ExitStack) -> _Read:
    lines = enumerate(_lines(path, opened), start=1)
    objects = ((number, _object(number, line)) for number, line in lines if line.strip())
    number, first = next(objects, (0, None))
    if first is None:
        raise ValueError("it is empty")
    if "header" not in first:
        raise ValueError(f"line {number} has no header")
    rows = [row for row in [next(objects, None)] if row is not None]
    return first["header"], list(rows[0][1]) if rows else [], chain(rows, objects)


def _object(number: int, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line.rstrip())
    except json.JSONDecodeError as error:
        raise ValueError(f"line {number} is no JSON: {error.msg} at column {error.colno}") from error
    except ValueError as error:
        raise ValueError(f"line {number} has a number of too many digits") from error
    except RecursionError as error:
        raise ValueError(f"line {number} is nested too deep") from error
    if not isinstance(value, dict):
        raise ValueError(f"line {number} is {reprlib.repr(value)}, where a header or a row was expected")
    return value


def _read_parquet(path: Path, opened: ExitStack) -> _Read:
    file = opened.enter_context(tables.opened(path))
    header = tables.header_in(file.schema_arrow)
    header.pop("checksum", None)  # of the file's form; the header's own digest of the rows is the same in all forms
    batches = file.iter_batches(batch_size=tables.ROWS_AT_A_TIME)
    rows = (row for batch in batches for row in batch.to_pylist())
    return header, file.schema_arrow.names, enumerate(rows, start=1)


READERS: dict[str, Callable[[Path, ExitStack], _Read]] = {
    ".csv": _read_csv,
    ".jsonl": _read_lines,
    ".parquet": _read_parquet,
}
"""Functions that return header, names of columns and rows, by suffix; what they open is closed with the stack.

They raise `ValueError`, `OSError` or what Arrow raises; the rows do so while they are gone through.
"""
