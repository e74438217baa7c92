"""The table of selected frames: schema, validation, reading, writing and digest.

A manifest is the one thing between a dataset on disk and everything after it. One row is one selected frame.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from facemotion.checksum import Checksum
from facemotion.errors import ManifestError
from facemotion.expressions import EXPRESSIONS, NEUTRAL
from facemotion.names import normal
from facemotion.spool import Spool
from facemotion.tables import ROWS_AT_A_TIME, metadata, read_arrow, typed
from facemotion.workspace import atomic_path

__all__ = ["COLUMNS", "SCHEMA", "Summary", "digest", "read", "summarise", "validate", "write", "write_batches"]

SCHEMA = pa.schema(
    [
        pa.field("sample_id", pa.string(), nullable=False),
        pa.field("dataset", pa.string(), nullable=False),
        pa.field("subject", pa.string(), nullable=False),
        pa.field("sequence", pa.string(), nullable=False),
        pa.field("frame", pa.int32(), nullable=False),
        pa.field("role", pa.string(), nullable=False),
        pa.field("expression", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("rotate", pa.int16(), nullable=False),
        pa.field("region", pa.list_(pa.float32()), nullable=True),  # pyarrow before 20 reads no missing ones of 4
        pa.field("split", pa.string(), nullable=False),
    ]
)
"""``sample_id`` unique; ``frame`` the dataset's own number (0-based for videos); ``role`` ``neutral`` or
``expressive``; ``source`` POSIX path relative to the root; ``rotate`` clockwise degrees that make it upright;
``region`` x, y, width, height in upright pixels, or null; ``split`` the official one, or empty."""

COLUMNS = tuple(SCHEMA.names)
ROLES = ("neutral", "expressive")
_ABSOLUTE = pc.MatchSubstringOptions(r"^(/|[A-Za-z]:|.*\\|(.*/)?\.\.(/|$))")
_as_json = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode


def validate(frame: pd.DataFrame) -> pd.DataFrame:
    """Check a manifest and return it in canonical form: schema's columns, sorted by ``sample_id``.

    Subjects and splits are brought into the form in which names are compared (`facemotion.names.normal`), so that one
    whose name is written in two ways is not two people, in two folds.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a selected frame, with the columns of `SCHEMA` in any order. ``rotate``, ``region`` and ``split``
        may be missing: 0, null and empty.

    Returns
    -------
    pandas.DataFrame
        A new table with a fresh index.

    Raises
    ------
    ManifestError
        If a column is missing or unknown, a value is not allowed, or a ``sample_id`` is not unique.
    """
    frame = frame.copy(deep=False)
    for name, default in (("rotate", 0), ("region", None), ("split", "")):
        if name not in frame:
            frame[name] = pd.Series([default] * len(frame), index=frame.index, dtype=object)
    _same("columns", set(frame.columns), set(COLUMNS))
    ascending = _ascending(frame["sample_id"])
    if not ascending and (repeated := frame["sample_id"].duplicated()).any():
        message = f"sample_id {frame['sample_id'][repeated].iloc[0]!r} occurs more than once; each row needs its own"
        raise ManifestError(message)
    _allowed(frame, "role", ROLES)
    _allowed(frame, "expression", (*EXPRESSIONS, NEUTRAL))
    _allowed(frame, "rotate", (0, 90, 180, 270))
    wrong = np.asarray(frame["role"].array == "neutral") & np.asarray(frame["expression"].array != NEUTRAL)
    if wrong.any():
        row = frame[wrong].iloc[0]
        raise ManifestError(f"row {row['sample_id']!r} has role neutral but expression {row['expression']!r}")
    for column in ("sample_id", "dataset", "subject", "sequence", "source"):
        if np.any(_texts(frame[column]).array == ""):
            raise ManifestError(f"column {column!r} has an empty value; every row needs one")
    for column in ("subject", "split"):
        if not all(map(str.isascii, _texts(frame[column]).unique())):
            frame[column] = [normal(str(value)) for value in frame[column]]
    _boxes(frame)
    sources = pa.array(_texts(frame["source"]), pa.large_string())
    absolute = pc.call_function("match_substring_regex", [sources], _ABSOLUTE)
    if (wrong := np.asarray(pc.fill_null(absolute, False))).any():
        source = frame["source"][wrong].iloc[0]
        raise ManifestError(f"source {source!r} is not a POSIX path relative to the dataset's root")
    if not ascending:
        frame = frame.sort_values("sample_id", kind="stable")
    if tuple(frame.columns) != COLUMNS:
        frame = frame[list(COLUMNS)]
    return frame.reset_index(drop=True)


def _texts(values: pd.Series) -> pd.Series:
    return values if values.dtype == "str" else values.astype(str)


def _ascending(names: pd.Series) -> bool:
    """Tell whether texts rise strictly, so that none is there twice and the rows need not be sorted, nor copied."""
    values = names.array
    return values.dtype == "str" and bool((values[1:] > values[:-1]).all())


def _same(what: str, found: set[str], expected: set[str]) -> None:
    if found != expected:
        lacking, extra = sorted(expected - found), sorted(found - expected)
        parts = [f"lacks {', '.join(lacking)}"] * bool(lacking) + [f"has unknown {', '.join(extra)}"] * bool(extra)
        raise ManifestError(f"wrong {what}: the manifest {' and '.join(parts)}")


def _boxes(frame: pd.DataFrame) -> None:
    """See that each region has four numbers, or is missing."""
    given = frame["region"].notna().to_numpy()
    lengths = [len(box) if isinstance(box, Sized) else -1 for box in frame["region"].array[given]]
    if any(length != 4 for length in lengths):
        place = next(place for place, length in enumerate(lengths) if length != 4)
        row = frame[given].iloc[place]
        raise ManifestError(f"row {row['sample_id']!r} has the region {row['region']!r}; expected x, y, width, height")


def _allowed(frame: pd.DataFrame, column: str, values: tuple[Any, ...]) -> None:
    if not set(frame[column].unique()).issubset(values):
        row = frame[~frame[column].isin(values)].iloc[0]
        allowed = ", ".join(map(str, values))
        raise ManifestError(f"row {row['sample_id']!r} has {column} {str(row[column])!r}; allowed are {allowed}")


@dataclass(frozen=True)
class Summary:
    """What a manifest holds: its digest and checksum, and numbers of rows, of subjects, and of rows by role."""

    digest: str
    checksum: str
    rows: int
    subjects: int
    roles: Mapping[str, int]


def summarise(batches: Iterable[pd.DataFrame]) -> Summary:
    """Go through a manifest once, part by part.

    Parameters
    ----------
    batches : iterable of pandas.DataFrame
        Parts in canonical form (see `validate`), ``sample_id`` rising over all.

    Returns
    -------
    Summary
        Its digest is the SHA-256 of the rows as lines of compact JSON, in ``sample_id`` order: independent of row
        order and file format.

    Raises
    ------
    ManifestError
        If a part begins before the one before it ends.
    """
    found, checksum, rows, roles = hashlib.sha256(), Checksum(), 0, Counter[str]()
    subjects = Spool("CREATE TABLE subjects (name TEXT PRIMARY KEY) WITHOUT ROWID")
    for batch in _rising(batches):
        table = pa.Table.from_pandas(batch, schema=SCHEMA, preserve_index=False)
        checksum.update(table)
        found.update(_lines(table))
        rows += len(batch)
        roles.update(batch["role"])
        subjects.fill("INSERT OR IGNORE INTO subjects VALUES (?)", ((name,) for name in batch["subject"].unique()))
    (people,) = next(subjects.rows("SELECT COUNT(*) FROM subjects"))
    numbers = {role: roles[role] for role in sorted(ROLES)}
    return Summary(found.hexdigest(), checksum.hexdigest(), rows, people, numbers)


def _rising(batches: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Yield parts of a manifest, none longer than `ROWS_AT_A_TIME`; see that they follow each other."""
    last = ""
    for batch in batches:
        if len(batch) and batch["sample_id"].iloc[0] <= last:
            message = f"sample_id {batch['sample_id'].iloc[0]!r} follows {last!r}; parts of a manifest rise, none twice"
            raise ManifestError(message)
        last = batch["sample_id"].iloc[-1] if len(batch) else last
        for start in range(0, len(batch), ROWS_AT_A_TIME):
            yield batch.iloc[start : start + ROWS_AT_A_TIME]


def digest(frame: pd.DataFrame) -> str:
    """Return the digest of a manifest, as in `Summary`."""
    found = hashlib.sha256()
    for batch in _rising([validate(frame)]):
        found.update(_lines(pa.Table.from_pandas(batch, schema=SCHEMA, preserve_index=False)))
    return found.hexdigest()


def _lines(table: pa.Table) -> bytes:
    """Return rows as the lines that a digest is taken of."""
    return "".join(f"{_as_json(row)}\n" for row in table.to_pylist()).encode("ascii")


def write(path: Path, frame: pd.DataFrame, *, header: dict[str, Any]) -> str:
    """Validate and write a manifest as parquet; return its `digest`.

    Parameters
    ----------
    path : Path
        The file to write.
    frame : pandas.DataFrame
        The manifest; see `validate`.
    header : dict
        The provenance header; see `facemotion.provenance.provenance`.
    """
    return write_batches(path, [validate(frame)], header=header).digest


def write_batches(path: Path, batches: Iterable[pd.DataFrame], *, header: dict[str, Any]) -> Summary:
    """Write a manifest that need not lie in memory as a whole; return what it holds.

    Parameters
    ----------
    path : Path
        The file to write.
    batches : iterable of pandas.DataFrame
        As for `summarise`; gone through twice, since the header has the digest and comes first.
    header : dict
        The provenance header.

    Raises
    ------
    ManifestError
        If the parts do not follow each other, or can be gone through only once.
    """
    summary = summarise(batches)
    facts = {"manifest_digest": summary.digest, "checksum": summary.checksum}
    schema = SCHEMA.with_metadata(metadata({**header, **facts}))
    rows = 0
    with atomic_path(path) as temporary:
        with pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
            for batch in batches:
                writer.write_table(pa.Table.from_pandas(batch, schema=schema, preserve_index=False))
                rows += len(batch)
        if rows != summary.rows:
            raise ManifestError(f"the parts had {summary.rows} rows at first and {rows} then; give a list of them")
    return summary


def read(path: Path, *, edited: bool = False) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read and validate a manifest; return it with its provenance header (empty if it has none).

    Raises
    ------
    ManifestError
        If the file is missing, is not parquet, breaks the schema, or was changed after it was written and not `edited`.
    """
    table, header = read_arrow(path, edited=edited)
    return validate(typed(table, SCHEMA, path).to_pandas()), header
