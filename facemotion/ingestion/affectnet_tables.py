"""Reading AffectNet's annotations: csv tables (release A), npy items (release B) and json items (release C).

Each reader gives one table with a row per annotated face: ``path`` (as the release names it), ``code`` (the official
expression code), ``x``, ``y``, ``width``, ``height`` (the box; NaN where a release has none) and ``part`` (``train`` or
``val``).
"""

import csv
import io
import json
import math
import re
from array import array
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from facemotion.errors import DataError
from facemotion.ingestion.result import Exclusion
from facemotion.ingestion.tree import Tree, TreeFile
from facemotion.progress import Progress, silent

__all__ = ["COLUMNS", "face_name", "read_csv", "read_items", "read_points", "tables"]

COLUMNS = ("path", "code", "x", "y", "width", "height", "part")
_FIELDS = (
    "subDirectory_filePath",
    "face_x",
    "face_y",
    "face_width",
    "face_height",
    "facial_landmarks",
    "expression",
    "valence",
    "arousal",
)
_NUMBERS = ("expression", "face_x", "face_y", "face_width", "face_height")
_PARTS = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "test": "val"}
_ITEM = re.compile(r"(\d+)(_exp\.npy|\.json)", re.IGNORECASE)


def part_of(name: str) -> str:
    """Return ``train`` or ``val`` from a file's or folder's name; empty if it says neither."""
    words = re.split(r"[^a-z]+", name.lower())
    return next((_PARTS[word] for word in words if word in _PARTS), "")


def tables(tree: Tree) -> list[TreeFile]:
    """Return the csv files of a release A tree: those that begin with the columns of AffectNet's lists."""
    found = []
    for file in tree.files:
        if file.name.lower().endswith(".csv") and "automatic" not in file.path.lower() and part_of(file.name):
            with (tree.root / file.path).open("rb") as stream:
                line = stream.readline(65536).decode("utf-8", "replace")
            if line.count(",") == len(_FIELDS) - 1 and re.match(rf"{_FIELDS[0]},|\d+/[^,]+,", line):
                found.append(file)
    return found


def read_csv(tree: Tree, file: TreeFile, *, progress: Progress = silent) -> pd.DataFrame:
    """Read a list of release A, with or without its header line, row by row: the 68 points of a row are not kept.

    Raises
    ------
    DataError
        If it cannot be parsed.
    """
    paths: list[str] = []
    numbers = {name: array("f") for name in ("code", "x", "y", "width", "height")}
    places = [_FIELDS.index(name) for name in _NUMBERS]
    for row in progress(_rows(tree, file), f"reading {file.name}"):
        paths.append(_cleaned(row[0]))
        for place, column in zip(places, numbers.values(), strict=True):
            column.append(_number(row[place]))
    columns = {name: np.frombuffer(values, dtype=np.float32) for name, values in numbers.items()}
    return pd.DataFrame({"path": pd.Series(paths, dtype="str"), **columns, "part": part_of(file.name)})


def read_points(tree: Tree, file: TreeFile, *, progress: Progress = silent) -> Iterator[tuple[str, str]]:
    """Yield the path and the landmark column of each row of a list of release A.

    Raises
    ------
    DataError
        If it cannot be parsed.
    """
    place = _FIELDS.index("facial_landmarks")
    for row in progress(_rows(tree, file), f"landmarks of {file.name}"):
        yield _cleaned(row[0]), row[place]


def face_name(path: str) -> str:
    """Return the name of a face from its path in a list: ``0689_<hash>`` from ``689/<hash>.jpg``."""
    folder, _, name = path.rpartition("/")
    return f"{folder.rpartition('/')[2].zfill(4)}_{name.rpartition('.')[0]}"


def _cleaned(path: str) -> str:
    return path.strip().replace("\\", "/")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _rows(tree: Tree, file: TreeFile) -> Iterator[list[str]]:
    """Yield the fields of each row of a list; only a row is in memory at a time."""
    with (tree.root / file.path).open(newline="", encoding="utf-8-sig", errors="replace") as stream:
        for number, row in enumerate(csv.reader(stream), start=1):
            if len(row) == len(_FIELDS):
                if number > 1 or row[0] != _FIELDS[0]:
                    yield row
            elif row:
                message = (
                    f"{file.path}, line {number}, cannot be parsed: it has {len(row)} columns; expected "
                    f"{len(_FIELDS)}, {', '.join(_FIELDS)}"
                )
                raise DataError(message)


def read_items(tree: Tree, *, progress: Progress = silent) -> tuple[pd.DataFrame, list[Exclusion]]:
    """Read the annotations of release B or C: one npy or json file per item, beside its image.

    Returns
    -------
    table : pandas.DataFrame
        ``path`` is the image's path in the tree.
    exclusions : list of Exclusion
        Items whose annotation cannot be read, whose image is missing, or that have an image and no annotation.
    """
    images = _images(tree.files)
    annotated: dict[str, set[str]] = {}
    rows, exclusions = [], []
    for file in progress(tree.files, "reading annotations"):
        match = _ITEM.fullmatch(file.name)
        if match is None or not file.folders or file.folders[-1].lower() != "annotations":
            continue
        place = file.folders[:-1]
        item = "/".join((*place, match[1]))
        annotated.setdefault("/".join(place).lower(), set()).add(match[1])
        image = images.get(("/".join(place).lower(), match[1]))
        part = next((part for part in map(part_of, reversed(place)) if part), "")
        if image is None:
            exclusions.append(Exclusion(item, "image_missing", f"{file.path} has no picture beside it, in images/"))
            continue
        try:
            code = _code((tree.root / file.path).read_bytes(), npy=match[2].lower().endswith(".npy"))
        except (ValueError, OSError, EOFError) as error:
            exclusions.append(Exclusion(item, "label_unreadable", f"{file.path}: {error}"))
            continue
        rows.append((image, code, np.nan, np.nan, np.nan, np.nan, part))
    exclusions += [
        Exclusion(
            str(PurePosixPath(image).parent.with_name(stem)),
            "label_missing",
            f"{image} has no annotation beside it, in annotations/",
        )
        for (place, stem), image in images.items()
        if place in annotated and stem not in annotated[place]
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)), exclusions


def _images(files: Iterable[TreeFile]) -> dict[tuple[str, str], str]:
    """Map (folder above ``images``, stem) to the image's path."""
    found = {}
    for file in files:
        if file.folders and file.folders[-1].lower() == "images":
            found.setdefault(("/".join(file.folders[:-1]).lower(), file.name.rpartition(".")[0]), file.path)
    return found


def _code(data: bytes, *, npy: bool) -> int:
    """Return the expression code of an item; numbers and strings of numbers are both found in the wild."""
    if not data:
        raise ValueError("the file is empty (0 bytes)")
    if npy:
        values = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
        if values.size != 1:
            raise ValueError(f"holds {values.size} values, where one expression code was expected")
        value = values.reshape(()).item()
    else:
        content = json.loads(data)
        if not isinstance(content, dict) or "human-label" not in content:
            raise ValueError("has no human-label")
        value = content["human-label"]
    number = _number(str(value))
    if not number.is_integer():
        raise ValueError(f"holds {value!r}, where an expression code was expected")
    return int(number)
