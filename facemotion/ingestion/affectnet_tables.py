"""Reading the csv lists of AffectNet's release A, one row a face with 68 points."""

import csv
import math
import re
from collections.abc import Callable, Iterator

from facemotion.errors import DataError
from facemotion.ingestion.affectnet_faces import Face
from facemotion.ingestion.tree import Tree, TreeFile
from facemotion.progress import Progress, silent

__all__ = ["as_number", "face_name", "listed_path", "part_of", "read_csv", "read_points", "tables"]

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
_LONGEST_LINE = 1 << 16


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


def read_csv(tree: Tree, file: TreeFile, find: Callable[[str], int], *, progress: Progress = silent) -> Iterator[Face]:
    """Yield the faces of a list of release A, with or without its header line, in its order.

    Parameters
    ----------
    tree : Tree
        The dataset.
    file : TreeFile
        The list.
    find : callable
        Gives the place of a picture in ``tree.files`` from its path in the list, -1 if there is none.
    progress : Progress
        Shows the reading.

    Raises
    ------
    DataError
        If it cannot be parsed.
    """
    part = part_of(file.name)
    places = [_FIELDS.index(name) for name in _NUMBERS]
    for row in progress(_rows(tree, file), f"reading {file.name}"):
        path = _cleaned(row[0])
        code, x, y, width, height = (as_number(row[place]) for place in places)
        yield Face(find(path), path, face_name(path), code, x, y, width, height, part)


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


def _cleaned(path: str) -> str:
    return path.strip().replace("\\", "/")


def as_number(text: str) -> float:
    """Return a number of an annotation, NaN if it is none."""
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
    number = 0
    with stream:
        try:
            for number, row in enumerate(csv.reader(stream), start=1):
                if len(row) == len(_FIELDS):
                    if number > 1 or row[0] != _FIELDS[0]:
                        yield row
                elif row:
                    what = f"it has {len(row)} columns; expected {len(_FIELDS)}, {', '.join(_FIELDS)}"
                    raise DataError(f"{file.path}, line {number}, cannot be parsed: {what}")
        except csv.Error as error:
            what = f"{error}; is there a quotation mark that nothing closes?"
            raise DataError(f"{file.path}, line {number + 1}, cannot be parsed: {what}") from error
