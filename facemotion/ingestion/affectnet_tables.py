"""Reading AffectNet's annotations: csv tables (release A), npy items (release B) and json items (release C).

Each reader gives one table with a row per annotated face: ``file`` (the place of its picture in ``tree.files``, -1 if
it was not found), ``path`` (as the release names it; empty where its file is named so), ``code`` (the official
expression code), ``x``, ``y``, ``width``, ``height`` (the box; NaN where a release has none) and ``part`` (``train`` or
``val``). Half a million rows are usual, so that a picture's path is not kept twice.
"""

import csv
import io
import json
import math
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from facemotion.errors import DataError
from facemotion.expressions import NEUTRAL
from facemotion.ingestion.result import Exclusion
from facemotion.ingestion.tree import Finder, Tree, TreeFile
from facemotion.progress import Progress, silent

__all__ = [
    "CODES",
    "COLUMNS",
    "face_name",
    "item_name",
    "listed_path",
    "read_csv",
    "read_items",
    "read_points",
    "strings",
    "tables",
]

CODES = {
    0: NEUTRAL,
    1: "happiness",
    2: "sadness",
    3: "surprise",
    4: "fear",
    5: "disgust",
    6: "anger",
    7: "contempt",
}
"""The official codes that are expressions."""
COLUMNS = ("file", "path", "code", "x", "y", "width", "height", "part")
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
_STRINGS_AT_A_TIME = 4096
_LONGEST_LINE = 1 << 16
_BY_MACHINE = "no_human_annotated"
"""The part of release C that nobody labelled."""
_ITEM = re.compile(r"(\d+)(_exp\.npy|\.json)", re.IGNORECASE)


def strings(values: Iterable[str]) -> pd.Series:
    """Return a column of strings, put together piece by piece: only a piece exists as Python's objects at a time."""
    values = iter(values)
    pieces = iter(lambda: list(islice(values, _STRINGS_AT_A_TIME)), [])
    return pd.concat([pd.Series(piece, dtype="str") for piece in ([], *pieces)], ignore_index=True)


def part_of(name: str) -> str:
    """Return ``train`` or ``val`` from a file's or folder's name; empty if it says neither."""
    words = re.split(r"[^a-z]+", name.lower())
    return next((_PARTS[word] for word in words if word in _PARTS), "")


def tables(tree: Tree) -> list[TreeFile]:
    """Return the csv files of a release A tree: those that begin with the columns of AffectNet's lists."""
    found = []
    for file in tree.files:
        if file.name.lower().endswith(".csv") and "automatic" not in file.path.lower() and part_of(file.name):
            line = _first_line(tree, file)
            if line.count(",") == len(_FIELDS) - 1 and re.match(rf"{_FIELDS[0]},|\d+/[^,]+,", line):
                found.append(file)
    return found


def _first_line(tree: Tree, file: TreeFile) -> str:
    try:
        with (tree.root / file.path).open("rb") as stream:
            return stream.readline(_LONGEST_LINE).decode("utf-8-sig", "replace")
    except OSError as error:
        raise DataError(_unreadable(tree, file, error)) from error


def _unreadable(tree: Tree, file: TreeFile, error: OSError) -> str:
    return f"{tree.root / file.path} cannot be read: {error.strerror}; mend its permissions and run again"


def read_csv(tree: Tree, file: TreeFile, pictures: Finder, *, progress: Progress = silent) -> pd.DataFrame:
    """Read a list of release A, with or without its header line, row by row: the 68 points of a row are not kept.

    Parameters
    ----------
    tree : Tree
        The dataset.
    file : TreeFile
        The list.
    pictures : Finder
        Finds the tree's files by `listed_path`.
    progress : Progress
        Shows the reading.

    Raises
    ------
    DataError
        If it cannot be parsed.
    """
    files, paths = array("i"), []
    numbers = {name: array("f") for name in ("code", "x", "y", "width", "height")}
    places = [_FIELDS.index(name) for name in _NUMBERS]
    for row in progress(_rows(tree, file), f"reading {file.name}"):
        path = _cleaned(row[0])
        files.append(pictures.find(path))
        paths.append("" if files[-1] >= 0 else path)
        for place, column in zip(places, numbers.values(), strict=True):
            column.append(_number(row[place]))
    table = pd.DataFrame({"file": np.frombuffer(files, dtype=np.int32), "path": pd.Series(paths, dtype="str")})
    columns = {name: np.frombuffer(values, dtype=np.float32) for name, values in numbers.items()}
    return table.assign(**columns, part=part_of(file.name))


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


def listed_path(path: str) -> str | None:
    """Return how a list of release A names a file of the tree, ``689/<hash>.jpg``; None if it is no picture of it."""
    folder, _, name = path.rpartition("/")
    folder = folder.rpartition("/")[2]
    return f"{folder}/{name}" if folder.isdigit() else None


def face_name(path: str) -> str:
    """Return the name of a face from its path in a list: ``0689_<hash>`` from ``689/<hash>.jpg``."""
    folder, _, name = path.rpartition("/")
    return f"{folder.rpartition('/')[2].zfill(4)}_{name.rpartition('.')[0]}"


def item_name(path: str) -> str:
    """Return the name of a face of release B or C from its picture's path: ``train_12``."""
    picture = PurePosixPath(path)
    return f"{_part_above(picture.parts[:-2])}_{picture.stem}"


def _part_above(folders: Sequence[str]) -> str:
    """Return ``train`` or ``val`` from the innermost folder that says it."""
    return next((part for part in map(part_of, reversed(folders)) if part), "")


def _cleaned(path: str) -> str:
    return path.strip().replace("\\", "/")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _rows(tree: Tree, file: TreeFile) -> Iterator[list[str]]:
    """Yield the fields of each row of a list; only a row is in memory at a time."""
    try:
        stream = (tree.root / file.path).open(newline="", encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise DataError(_unreadable(tree, file, error)) from error
    with stream:
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
        With `COLUMNS`.
    exclusions : list of Exclusion
        Items whose annotation cannot be read, whose image is missing, or that have an image and no annotation.
    """
    images = _images(tree)
    annotated: dict[str, set[str]] = {}
    rows, exclusions = [], []
    by_machine: Counter[str] = Counter()
    for file in progress(tree.files, "reading annotations"):
        match = _ITEM.fullmatch(file.name)
        if match is None or not file.folders or file.folders[-1].lower() != "annotations":
            continue
        place = file.folders[:-1]
        if machine := next((folder for folder in place if folder.lower() == _BY_MACHINE), ""):
            by_machine["/".join(place[: place.index(machine) + 1])] += 1
            continue
        item = "/".join((*place, match[1]))
        annotated.setdefault("/".join(place).lower(), set()).add(match[1])
        image = images.get(("/".join(place).lower(), match[1]))
        if image is None:
            exclusions.append(Exclusion(item, "image_missing", f"{file.path} has no picture beside it, in images/"))
            continue
        try:
            code = _code((tree.root / file.path).read_bytes(), npy=match[2].lower().endswith(".npy"))
        except (ValueError, OSError, EOFError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            exclusions.append(Exclusion(item, "label_unreadable", f"{file.path}: {reason}"))
            continue
        rows.append((image, "", code, np.nan, np.nan, np.nan, np.nan, _part_above(place)))
    exclusions += [
        Exclusion(folder, "no_human_label", f"{number} items in it were labelled by no person")
        for folder, number in by_machine.items()
    ]
    for (above, stem), image in images.items():
        if above in annotated and stem not in annotated[above]:
            path = tree.files[image].path
            item = str(PurePosixPath(path).parent.with_name(stem))
            exclusions.append(Exclusion(item, "label_missing", f"{path} has no annotation beside it, in annotations/"))
    return pd.DataFrame(rows, columns=list(COLUMNS)), exclusions


def _images(tree: Tree) -> dict[tuple[str, str], int]:
    """Map (folder above ``images``, stem) to the image's place in ``tree.files``."""
    found = {}
    for number, file in enumerate(tree.files):
        if file.folders and file.folders[-1].lower() == "images":
            found.setdefault(("/".join(file.folders[:-1]).lower(), file.name.rpartition(".")[0]), number)
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
