"""Reading the csv lists of AffectNet's release A, one row a face with 68 points."""

import csv
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from facemotion.datasets.affectnet.faces import AnnotatedFace
from facemotion.datasets.affectnet.paths import face_name, is_list, part_of
from facemotion.errors import DataError
from facemotion.ingestion.findings import Exclusion
from facemotion.ingestion.tree import Tree, TreeFile
from facemotion.progress import Progress, silent

__all__ = ["FaceList", "as_number", "find_lists", "read_csv", "read_points"]

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
_PATH, *_BOX, _POINTS, _CODE = (name.lower() for name in _FIELDS[:7])
_LISTED = re.compile(r"\d+[/\\][^/\\]+\.\w+")
_LONGEST_LINE = 1 << 16


@dataclass(frozen=True)
class FaceList:
    """A csv list of faces: its file, its part (``train`` or ``val``), and the places of its columns by lower-case name.

    ``length`` is the number of columns, ``header`` tells whether the first line is one.
    """

    file: TreeFile
    part: str
    columns: Mapping[str, int]
    length: int
    header: bool


def find_lists(tree: Tree) -> tuple[list[FaceList], list[Exclusion]]:
    """Return the lists of a release A tree, and csv files that should be some and are none.

    Lists of the faces that were annotated automatically are passed over without a word.

    Raises
    ------
    DataError
        If a file cannot be read.
    """
    found, odd = [], []
    for file in tree.files:
        if not is_list(file):
            continue
        part = part_of(file.name)
        fields, problem = _fields(_first_line(tree, file))
        if problem and part:
            odd.append(Exclusion(file.path, "list_unreadable", problem))
        elif fields and not part:
            detail = "it is a list of faces whose name says neither training nor validation; rename it"
            odd.append(Exclusion(file.path, "list_unreadable", detail))
        elif fields:
            header = _PATH in fields
            names = fields if header else [name.lower() for name in _FIELDS]
            places = {name: place for place, name in enumerate(names)}
            found.append(FaceList(file, part, places, len(fields), header))
    return found, odd


def _fields(line: str) -> tuple[list[str], str]:
    """Return the fields of a list's first line in lower case, and nothing; or no fields, and why it begins no list."""
    fields = [field.strip().lower() for field in next(csv.reader([re.split("[\r\n]", line)[0]]), [])]
    if _PATH in fields:
        lacking = [name for name in (*_BOX, _CODE) if name not in fields]
        return ([], f"it lacks the column {lacking[0]}; expected {', '.join(_FIELDS)}") if lacking else (fields, "")
    if len(fields) == len(_FIELDS) and _LISTED.fullmatch(fields[0]):
        return fields, ""
    if fields and _LISTED.search(fields[0]):
        return [], (
            f"its first line has no names of columns, and {len(fields)} columns that begin with {fields[0][:40]!r}; "
            f"without names the {len(_FIELDS)} columns {', '.join(_FIELDS)} are expected, the first such as "
            "'689/<hash>.jpg'"
        )
    begins = f"its first line begins with {fields[0][:40]!r}" if fields else "its first line is empty"
    return [], f"{begins}; expected UTF-8 text that begins with {','.join(_FIELDS[:3])}, or with a face of the list"


def _first_line(tree: Tree, file: TreeFile) -> str:
    try:
        with (tree.root / file.path).open("rb") as stream:
            return stream.readline(_LONGEST_LINE).decode("utf-8-sig", "replace")
    except OSError as error:
        raise DataError(_unreadable(tree, file, error)) from error


def _unreadable(tree: Tree, file: TreeFile, error: OSError) -> str:
    return f"{tree.root / file.path} cannot be read: {error.strerror}; mend its permissions and run again"


def read_csv(
    tree: Tree, faces: FaceList, find: Callable[[str], int], *, progress: Progress = silent
) -> Iterator[AnnotatedFace]:
    """Yield the faces of a list of release A in its order.

    Parameters
    ----------
    tree : Tree
        The dataset.
    faces : FaceList
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
    places = [faces.columns[name] for name in (_CODE, *_BOX)]
    for row in progress(_rows(tree, faces), f"reading {faces.file.name}: rows"):
        path = _cleaned(row[faces.columns[_PATH]])
        code, x, y, width, height = (as_number(row[place]) for place in places)
        yield AnnotatedFace(find(path), path, face_name(path), code, x, y, width, height, faces.part)


def read_points(
    tree: Tree, faces: FaceList, *, progress: Progress = silent
) -> Iterator[tuple[str, tuple[float, ...], str]]:
    """Yield path, box and landmark column of each row of a list of release A; nothing if it has no such column.

    Raises
    ------
    DataError
        If it cannot be parsed.
    """
    if _POINTS in faces.columns:
        path, points = faces.columns[_PATH], faces.columns[_POINTS]
        box = [faces.columns[name] for name in _BOX]
        for row in progress(_rows(tree, faces), f"landmarks of {faces.file.name}: rows"):
            yield _cleaned(row[path]), tuple(as_number(row[place]) for place in box), row[points]


def _cleaned(path: str) -> str:
    return path.strip().replace("\\", "/")


def as_number(text: str) -> float:
    """Return a number of an annotation, NaN if it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _rows(tree: Tree, faces: FaceList) -> Iterator[Sequence[str]]:
    """Yield the fields of each row of a list; only a row is in memory at a time."""
    path = faces.file.path
    try:
        stream = (tree.root / path).open(newline="", encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise DataError(_unreadable(tree, faces.file, error)) from error
    number = 0
    with stream:
        try:
            for number, row in enumerate(csv.reader(stream), start=1):
                if len(row) == faces.length:
                    if number > 1 or not faces.header:
                        yield row
                elif row:
                    what = f"it has {len(row)} columns; expected {faces.length}, as in its first line"
                    raise DataError(f"{path}, line {number}, cannot be parsed: {what}")
        except csv.Error as error:
            what = f"{error}; is there a quotation mark that nothing closes?"
            raise DataError(f"{path}, line {number + 1}, cannot be parsed: {what}") from error
