"""The annotated faces of AffectNet as a table on disk: half a million are usual, and none need stay in memory."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from facemotion import manifest
from facemotion.datasets.affectnet.info import CODES
from facemotion.ingestion.tree import TreeFile
from facemotion.spool import Spool
from facemotion.tables import ROWS_AT_A_TIME

__all__ = ["AnnotatedFace", "AnnotatedFaces", "Counts", "Selection"]

Counts = Counter[tuple[str, float | None]]
"""Numbers of faces by part and code; None is a code that cannot be read."""

_BOX = ("x", "y", "width", "height")
_SIDES = ", ".join(_BOX)
_BOXED = "x IS NOT NULL AND y IS NOT NULL AND width > 0 AND height > 0"
_SEVERAL_CODES = f"FROM faces WHERE {_BOXED} GROUP BY file, {_SIDES} HAVING COUNT(DISTINCT code) > 1"
_BY_NAME = f"name, {', '.join(f'{side} IS NULL, {side}' for side in _BOX)}, code, part, number"


class AnnotatedFace(NamedTuple):
    """One annotated face.

    Attributes
    ----------
    file : int
        The place of its picture in ``tree.files``, -1 if there is none.
    path : str
        Its picture's path, as its list names it or else as on disk.
    name : str
        Its name; faces of one picture share it.
    code : float
        The official expression code; NaN if it cannot be read.
    x, y, width, height : float
        Its box in pixels; NaN where the release has none.
    part : str
        ``train`` or ``val``.
    """

    file: int
    path: str
    name: str
    code: float
    x: float
    y: float
    width: float
    height: float
    part: str


class AnnotatedFaces:
    """Faces that can be counted, dropped and drawn by SQL conditions on the fields of `AnnotatedFace` (NaN is NULL).

    Parameters
    ----------
    faces : iterable of AnnotatedFace
        Read one at a time.
    """

    def __init__(self, faces: Iterable[AnnotatedFace]) -> None:
        numbers = ", ".join(f"{name} REAL" for name in ("code", *_BOX))
        columns = f"number INTEGER PRIMARY KEY, file INTEGER, path TEXT, name TEXT, {numbers}, part TEXT"
        self._spool = Spool(
            f"CREATE TABLE faces ({columns})",
            "CREATE TABLE kept (number INTEGER PRIMARY KEY)",
            "CREATE TABLE training (name TEXT PRIMARY KEY) WITHOUT ROWID",
        )
        places = ", ".join("?" * len(AnnotatedFace._fields))
        self._spool.fill(f"INSERT INTO faces ({', '.join(AnnotatedFace._fields)}) VALUES ({places})", faces)

    def __len__(self) -> int:
        return self.count("TRUE")

    def count(self, condition: str) -> int:
        """Return how many faces there are of which a condition is true."""
        return next(self._spool.rows(f"SELECT COUNT(*) FROM faces WHERE {condition}"))[0]

    def counts(self) -> Counts:
        """Return how many faces each part has of each code."""
        rows = self._spool.rows("SELECT part, code, COUNT(*) FROM faces GROUP BY part, code")
        return Counter({(part, code): number for part, code, number in rows})

    def where(self, condition: str) -> Iterator[AnnotatedFace]:
        """Yield the faces of which a condition is true, in the order of their lists."""
        query = f"SELECT {', '.join(AnnotatedFace._fields)} FROM faces WHERE {condition} ORDER BY number"
        for values in self._spool.rows(query):
            yield AnnotatedFace._make(math.nan if value is None else value for value in values)

    def drop(self, condition: str) -> int:
        """Drop the faces of which a condition is true; return how many."""
        return self._spool.change(f"DELETE FROM faces WHERE {condition}")

    def drop_repeated(self) -> int:
        """Drop all but the first of the faces with the same picture, box and code; return how many."""
        alike = f"PARTITION BY file, code, {_SIDES} ORDER BY number"
        numbered = f"SELECT number, ROW_NUMBER() OVER ({alike}) AS place FROM faces"
        return self.drop(f"number IN (SELECT number FROM ({numbered}) WHERE place > 1)")

    def contradictions(self) -> Iterator[tuple[str, list[float]]]:
        """Yield the path and the codes of each face, by picture and box, that has several codes."""
        rows = self._spool.rows(f"SELECT MIN(path), GROUP_CONCAT(DISTINCT code) {_SEVERAL_CODES}")
        return ((path, sorted(map(float, codes.split(",")))) for path, codes in rows)

    def drop_contradictions(self) -> None:
        """Drop the faces that have several codes."""
        self.drop(f"(file, {_SIDES}) IN (SELECT file, {_SIDES} {_SEVERAL_CODES})")

    def numbers(self, condition: str) -> NDArray[np.int64]:
        """Return the numbers of the faces of which a condition is true, by name and box."""
        rows = self._spool.rows(f"SELECT number FROM faces WHERE {condition} ORDER BY {_BY_NAME}")
        return np.fromiter((number for (number,) in rows), np.int64)

    def keep(self, numbers: Iterable[int]) -> None:
        """Drop all faces but those of these numbers."""
        self._spool.fill("INSERT INTO kept VALUES (?)", ((int(number),) for number in numbers))
        self.drop("number NOT IN kept")

    def names(self) -> Iterator[str]:
        """Yield the names, each once, sorted."""
        return (name for (name,) in self._spool.rows("SELECT DISTINCT name FROM faces ORDER BY name"))

    def first_of_each(self) -> Iterator[tuple[int, str]]:
        """Yield the number and the name of each name's first face by its box."""
        last = None
        for number, name in self._spool.rows(f"SELECT number, name FROM faces ORDER BY {_BY_NAME}"):
            if name != last:
                yield number, name
            last = name

    def shared_names(self) -> set[str]:
        """Return the names that several faces have: those of one picture."""
        return {name for (name,) in self._spool.rows("SELECT name FROM faces GROUP BY name HAVING COUNT(*) > 1")}

    def split(self, training: Iterable[str]) -> None:
        """Put the faces of these names into the part ``train``, all others into ``test``."""
        self._spool.fill("INSERT INTO training VALUES (?)", ((name,) for name in training))
        self._spool.change("UPDATE faces SET part = CASE WHEN name IN training THEN 'train' ELSE 'test' END")

    def select(self, files: Sequence[TreeFile], *, dataset: str) -> "Selection":
        """Return the faces as the rows of a manifest, whose pictures are in `files`."""
        alike = "OVER (PARTITION BY name"
        place = f"CASE COUNT(*) {alike}) WHEN 1 THEN '' ELSE '+' || ROW_NUMBER() {alike} ORDER BY {_BY_NAME}) END"
        columns = f"name || {place} AS sample_id, name, file, code, {_SIDES}, part"
        self._spool.change(f"CREATE TABLE selected AS SELECT {columns} FROM faces ORDER BY sample_id")
        return Selection(self._spool, files, dataset)


class Selection:
    """The parts of a manifest of AffectNet, made anew from the table on disk each time that one goes through them."""

    def __init__(self, spool: Spool, files: Sequence[TreeFile], dataset: str) -> None:
        self._spool, self._files, self._dataset = spool, files, dataset

    def __iter__(self) -> Iterator[pd.DataFrame]:
        rows = self._spool.rows("SELECT * FROM selected ORDER BY rowid")
        while batch := list(islice(rows, ROWS_AT_A_TIME)):
            yield manifest.validate(self._frame(batch))

    def _frame(self, rows: Sequence[tuple]) -> pd.DataFrame:
        samples, names, files, codes, *box, parts = zip(*rows, strict=True)
        x, y, width, height = np.array(box, dtype=np.float64)  # None becomes NaN
        left, top = x.clip(min=0), y.clip(min=0)
        boxes = np.stack([left, top, width - (left - x), height - (top - y)], axis=1).astype(np.float32)
        regions = pa.FixedSizeListArray.from_arrays(pa.array(boxes.ravel()), 4, mask=pa.array(np.isnan(x)))
        return pd.DataFrame(
            {
                "sample_id": samples,
                "dataset": self._dataset,
                "subject": names,
                "sequence": names,
                "frame": 0,
                "role": "expressive",  # a neutral face of AffectNet is a class of its own, not somebody's face at rest
                "expression": [CODES[int(code)] for code in codes],
                "source": [self._files[file].path for file in files],
                "region": pd.Series(regions, dtype=pd.ArrowDtype(regions.type)),
                "split": parts,
            }
        )
