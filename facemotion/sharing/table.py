"""A shared manifest as a file: CSV, JSON lines or parquet, each with its header in it.

CSV begins with lines ``# name: value``, the values JSON; JSON lines begin with one object whose only name is
``header``; parquet has the header in its metadata under ``facemotion``. The header holds a digest of the rows, so that
an edited or cut file is recognised. `facemotion.sharing.reading` reads all three, by `facemotion.sharing.formats`.
"""

import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from facemotion import tables
from facemotion.errors import ConfigError
from facemotion.names import printable
from facemotion.workspace import digest_bytes, write_text

__all__ = [
    "FIELDS",
    "MARK",
    "NULLABLE",
    "OPTIONAL",
    "SUFFIXES",
    "Shared",
    "as_text",
    "checked_suffix",
    "plain",
    "rows_digest",
    "write_shared",
]

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
    "region": pa.list_(pa.float32()),
    "split": pa.string(),
    "fold": pa.int16(),
    "sha256": pa.string(),
}
"""All columns that a shared manifest can have, in order."""
OPTIONAL = ("expression", "region", "fold", "sha256")
NULLABLE = ("region", "fold", "sha256")
"""Columns that may be absent, and columns whose values may be."""
MARK = "# "
"""Begins each line of a CSV's header."""
_QUOTED = re.compile(r'[",#\r\n]')
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""A text that a spreadsheet would take for a formula, or that was made not to be one; its parts after a comma too."""
_FORMULA_WITHIN = re.compile(r"(?<=[,;])[=+\-@]")


@dataclass(frozen=True)
class Shared:
    """A shared manifest: its header, and its rows with columns among `FIELDS`, sorted by ``sample_id``."""

    header: dict[str, Any]
    rows: pd.DataFrame

    @property
    def intact(self) -> bool:
        """Whether the rows are those that were exported."""
        return self.header.get("rows_digest") == rows_digest(self.rows)


def checked_suffix(path: Path) -> str:
    """Return the suffix of a path, one of `SUFFIXES`, in whatever case it is written.

    Raises
    ------
    ConfigError
        If it has another one.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ConfigError(f"{path.name!r} names no format: give a file that ends in {', '.join(SUFFIXES)}")
    return suffix


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
    suffix = checked_suffix(path)
    if suffix == ".parquet":
        schema = pa.schema([(name, FIELDS[name]) for name in shared.rows.columns])
        tables.write_table(path, shared.rows, schema=schema, header=shared.header)
    elif suffix == ".jsonl":
        write_text(path, "".join([f"{_compact({'header': shared.header})}\n", *_lines(shared.rows)]))
    else:
        text = io.StringIO()
        text.writelines(f"{MARK}{name}: {_harmless(_compact(value))}\n" for name, value in shared.header.items())
        text.write(",".join(shared.rows.columns) + "\n")
        text.writelines(",".join(map(_cell, row.values())) + "\n" for row in _values(shared.rows))
        write_text(path, text.getvalue())


def plain(text: str, *, most: int = 100) -> str:
    """Return a text of somebody's file for a terminal: at most `most` characters, and none that would steer it."""
    shown = printable(text[:most])
    return f"{shown}..." if len(text) > most else shown


def _values(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as JSON values; 32-bit numbers with as many digits as tell them apart."""
    records = rows.to_dict("records")
    for record in records:
        for name in ("frame", "rotate"):
            record[name] = int(record[name])
        if "fold" in record:
            record["fold"] = None if pd.isna(record["fold"]) else int(record["fold"])
        if record.get("region") is not None:
            record["region"] = [float(f"{value:.9g}") for value in record["region"]]
    return records  # type: ignore[return-value]


def _lines(rows: pd.DataFrame) -> list[str]:
    return [f"{_compact(record)}\n" for record in _values(rows)]


def _cell(value: object) -> str:
    """Return a value as a cell of CSV; a ``#`` is quoted, or readers would take what follows for a comment.

    A text that begins as a formula does, or with apostrophes before that, gets an apostrophe; `as_text` takes it away.
    """
    if isinstance(value, list):
        return " ".join(f"{number:.9g}" for number in value)
    text = value if isinstance(value, str) else "" if value is None else str(value)
    if isinstance(value, str) and _FORMULA.match(text):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def as_text(cell: str) -> str:
    """Return the text that a cell of CSV stands for."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _harmless(text: str) -> str:
    """Return JSON in which no text's part after a comma, which a spreadsheet makes a cell of, begins as a formula."""
    return _FORMULA_WITHIN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
