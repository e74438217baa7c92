"""A shared manifest as a file: CSV, JSON lines or parquet, each with its header in it.

CSV begins with lines ``# name: value``, the values JSON; JSON lines begin with one object whose only name is
``header``; parquet has the header in its metadata under ``facemotion``. The header holds a digest of the rows, so that
an edited or cut file is recognised.
"""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from facemotion import tables
from facemotion.errors import ConfigError, ManifestError
from facemotion.workspace import digest_bytes, write_text

__all__ = ["SUFFIXES", "Shared", "checked_suffix", "read_shared", "rows_digest", "write_shared"]

SUFFIXES = (".csv", ".jsonl", ".parquet")
FIELDS = {
    "sample_id": pa.string(),
    "subject": pa.string(),
    "sequence": pa.string(),
    "frame": pa.int32(),
    "role": pa.string(),
    "expression": pa.string(),
    "source": pa.string(),
    "rotate": pa.int16(),
    "region": pa.list_(pa.float32(), 4),
    "split": pa.string(),
    "fold": pa.int16(),
    "sha256": pa.string(),
}
"""All columns that a shared manifest can have, in order."""
OPTIONAL = ("expression", "region", "fold", "sha256")
_NULLABLE = ("region", "fold", "sha256")
_MARK = "# "


@dataclass(frozen=True)
class Shared:
    """A shared manifest: its header, and its rows with columns among `FIELDS`, sorted by ``sample_id``."""

    header: dict[str, Any]
    rows: pd.DataFrame

    @property
    def intact(self) -> bool:
        """Whether the rows are those that were exported."""
        return self.header.get("rows_digest") == rows_digest(self.rows)


def checked_suffix(path: Path) -> Path:
    """Return `path` if a manifest can be written to it.

    Raises
    ------
    ConfigError
        If its suffix is not one of `SUFFIXES`.
    """
    if path.suffix not in SUFFIXES:
        raise ConfigError(f"{path.name!r} names no format: give a file that ends in {', '.join(SUFFIXES)}")
    return path


def rows_digest(rows: pd.DataFrame) -> str:
    """Return the SHA-256 of the rows as JSON lines, independent of the file's format."""
    return digest_bytes("".join(_lines(rows)).encode("utf-8"))


def write_shared(path: Path, shared: Shared) -> None:
    """Write a shared manifest in the format that the suffix names, atomically.

    Raises
    ------
    ConfigError
        If the suffix is none of `SUFFIXES`.
    """
    checked_suffix(path)
    if path.suffix == ".parquet":
        schema = pa.schema([(name, FIELDS[name]) for name in shared.rows.columns])
        tables.write_table(path, shared.rows, schema=schema, header=shared.header)
    elif path.suffix == ".jsonl":
        write_text(path, "".join([f"{_compact({'header': shared.header})}\n", *_lines(shared.rows)]))
    else:
        text = io.StringIO()
        text.writelines(f"{_MARK}{name}: {_compact(value)}\n" for name, value in shared.header.items())
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(shared.rows.columns)
        writer.writerows([_cell(value) for value in row.values()] for row in _values(shared.rows))
        write_text(path, text.getvalue())


def read_shared(path: Path) -> Shared:
    """Read a shared manifest of any of the three formats.

    Raises
    ------
    ManifestError
        If it does not exist, or is not a file that `write_shared` wrote.
    """
    checked_suffix(path)
    if path.is_dir():
        raise ManifestError(f"{path} is a folder; give a file that `facemotion manifest export` wrote")
    try:
        header, columns, rows = _READERS[path.suffix](path)
        lacking = [name for name in FIELDS if name not in OPTIONAL and name not in columns]
        if lacking or not set(columns) <= set(FIELDS):
            raise ValueError(f"its columns are {', '.join(map(str, columns)) or 'none'}")
        if not isinstance(header, dict) or not isinstance(header.get("dataset"), str):
            raise ValueError("it has no header that names a dataset")
        schema = pa.schema([(name, FIELDS[name]) for name in FIELDS if name in columns])
        table = pa.Table.from_pylist(rows, schema=schema)
        empty = [name for name in schema.names if name not in _NULLABLE and table[name].null_count]
        if empty:
            raise ValueError(f"column {empty[0]} has an empty value")
    except FileNotFoundError:
        raise ManifestError(f"{path} does not exist; give a file that `facemotion manifest export` wrote") from None
    except (OSError, ValueError, TypeError, KeyError, csv.Error, pa.ArrowException) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        message = f"{path} is not a manifest that `facemotion manifest export` wrote: {reason}"
        raise ManifestError(message) from error
    frame = table.to_pandas()
    for name in _NULLABLE:
        if name in frame:
            frame[name] = pd.Series(table[name].to_pylist(), dtype="Int16" if name == "fold" else object)
    doubled = frame["sample_id"][frame["sample_id"].duplicated()]
    if len(doubled):
        raise ManifestError(f"{path}: sample_id {doubled.iloc[0]!r} occurs more than once")
    return Shared(header, frame.sort_values("sample_id", kind="stable", ignore_index=True))


_Read = tuple[Any, list[str], list[dict[str, Any]]]
"""Header, columns, and rows as JSON values."""


def _read_csv(path: Path) -> _Read:
    header: dict[str, Any] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line in file:
            if not line.startswith(_MARK):
                break
            name, _, value = line[len(_MARK) :].partition(": ")
            header[name] = json.loads(value)
        else:
            raise ValueError("it has no rows")
        columns = next(csv.reader([line]))
        parse = [_PARSE.get(name, str) for name in columns]
        rows = []
        for number, row in enumerate(csv.reader(file), start=1):
            if len(row) != len(columns):
                raise ValueError(f"row {number} has {len(row)} columns, where {len(columns)} were expected")
            rows.append({name: read(cell) for name, read, cell in zip(columns, parse, row, strict=True)})
    return header, columns, rows


_PARSE: dict[str, Callable[[str], Any]] = {
    "frame": int,
    "rotate": int,
    "fold": lambda text: int(text) if text else None,
    "region": lambda text: [float(part) for part in text.split(" ")] if text else None,
    "sha256": lambda text: text or None,
}


def _read_lines(path: Path) -> _Read:
    with path.open(encoding="utf-8") as file:
        lines = [json.loads(line) for line in file if line.strip()]
    if not lines:
        raise ValueError("it is empty")
    if not all(isinstance(line, dict) for line in lines) or "header" not in lines[0]:
        raise ValueError("its lines are not a header and rows")
    return lines[0]["header"], list(lines[1]) if len(lines) > 1 else [], lines[1:]


def _read_parquet(path: Path) -> _Read:
    table = pq.read_table(path)
    return tables.header_in(table.schema), table.column_names, table.to_pylist()


_READERS = {".csv": _read_csv, ".jsonl": _read_lines, ".parquet": _read_parquet}


def _values(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as JSON values; 32-bit numbers with as many digits as tell them apart."""
    records = rows.to_dict("records")
    for record in records:
        for name in ("frame", "rotate"):
            record[name] = int(record[name])
        if "fold" in record:
            record["fold"] = None if record["fold"] is pd.NA else int(record["fold"])
        if record.get("region") is not None:
            record["region"] = [float(f"{value:.9g}") for value in record["region"]]
    return records  # type: ignore[return-value]


def _lines(rows: pd.DataFrame) -> list[str]:
    return [f"{_compact(record)}\n" for record in _values(rows)]


def _cell(value: object) -> object:
    if isinstance(value, list):
        return " ".join(f"{number:.9g}" for number in value)
    return "" if value is None else value


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
