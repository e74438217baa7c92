"""Reading the items of AffectNet's releases B and C: an npy or json file of labels beside each picture."""

import json
import math
import re
import reprlib
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import PurePosixPath

from facemotion.ingestion.affectnet_faces import Face, Faces
from facemotion.ingestion.affectnet_tables import as_number, part_of
from facemotion.ingestion.copies import second_copies
from facemotion.ingestion.npy import read_npy
from facemotion.ingestion.result import Exclusion
from facemotion.ingestion.tree import Finder, Tree
from facemotion.progress import Progress, silent
from facemotion.suffixes import is_image

__all__ = ["annotation_key", "image_key", "points_key", "read_items"]

_BY_MACHINE = "no_human_annotated"
"""The part of release C that nobody labelled."""
_NO_BOX = (math.nan,) * 4
_POINTS = re.compile(r"(\d+)_lnd\.npy", re.IGNORECASE)
_ITEM = re.compile(r"(\d+)(_exp\.npy|\.json)", re.IGNORECASE)


def read_items(tree: Tree, *, progress: Progress = silent) -> tuple[Faces, list[Exclusion], list[str]]:
    """Read the annotations of release B or C: one npy or json file per item, beside its image.

    Returns
    -------
    faces : Faces
        Items with an expression code and an image; no box.
    exclusions : list of Exclusion
        Items whose annotation cannot be read or has a copy that disagrees, whose image is missing, or that have an
        image and no annotation.
    notes : list of str
        Which files are second copies and were not used, or were used in place of damaged ones.
    """
    images, annotations = Finder(tree.files, image_key), Finder(tree.files, annotation_key)
    exclusions: list[Exclusion] = []
    annotated: set[str] = set()
    instead: dict[str, str] = {}
    faces = Faces(_annotated(tree, images, annotations, annotated, exclusions, instead, progress))
    for place, file in enumerate(tree.files):
        key = image_key(file.path)
        if key and key.rpartition("/")[0] in annotated and annotations.find(key) < 0 and images.find(key) == place:
            item = str(PurePosixPath(file.path).parent.with_name(file.name.rpartition(".")[0]))
            detail = f"{file.path} has no annotation beside it, in annotations/"
            exclusions.append(Exclusion(item, "label_missing", detail))
    doubled = (pair for pair in chain(images.doubled(), annotations.doubled()) if pair[0] not in instead)
    return faces, exclusions, [*second_copies(doubled), *instead.values()]


def _annotated(
    tree: Tree,
    images: Finder,
    annotations: Finder,
    annotated: set[str],
    exclusions: list[Exclusion],
    instead: dict[str, str],
    progress: Progress,
) -> Iterator[Face]:
    """Yield the faces of items.

    Parts with annotations are added to `annotated`, items without a face to `exclusions`, and copies of an annotation
    that were used in place of a damaged one to `instead`, with a note.
    """
    by_machine: Counter[str] = Counter()
    for number, file in enumerate(progress(tree.files, "reading annotations")):
        key = _beside(file.path, _ITEM)
        if key is None:
            continue
        place = file.folders[:-1]
        if machine := _machine(place):
            by_machine["/".join(place[: place.index(machine) + 1])] += 1
            continue
        part, _, stem = key.rpartition("/")
        item = "/".join((*place, stem))
        annotated.add(part)
        copies = annotations.copies(key)
        if copies[0] != number:
            continue  # a second copy, which is read with the first
        image = images.find(key)
        if image < 0:
            exclusions.append(Exclusion(item, "image_missing", f"{file.path} has no picture beside it, in images/"))
            continue
        code = _agreed(tree, [tree.files[copy].path for copy in copies], item, instead)
        if isinstance(code, Exclusion):
            exclusions.append(code)
            continue
        path = tree.files[image].path
        yield Face(image, path, _item_name(path), code, *_NO_BOX, part=_part_above(place))
    exclusions += [
        Exclusion(folder, "no_human_label", f"{number} items in it were labelled by no person")
        for folder, number in by_machine.items()
    ]


def _agreed(tree: Tree, paths: Sequence[str], item: str, instead: dict[str, str]) -> float | Exclusion:
    """Return the code that the copies of an annotation agree on, as far as they can be read."""
    codes: dict[str, float] = {}
    faults = []
    for path in paths:
        try:
            codes[path] = _code((tree.root / path).read_bytes(), npy=path.lower().endswith(".npy"))
        except (ValueError, OSError) as error:
            faults.append(f"{path}: {error.strerror if isinstance(error, OSError) else error}")
    if not codes:
        return Exclusion(item, "label_unreadable", faults[0])
    if len(set(codes.values())) > 1:
        said = ", ".join(f"{path} says {code:g}" for path, code in codes.items())
        return Exclusion(item, "labels_disagree", f"{said}; remove all but the right one")
    used = next(iter(codes))
    if used != paths[0]:
        instead[used] = f"{faults[0]}; {used} was used instead"
    return codes[used]


def _item_name(path: str) -> str:
    """Return the name of a face of release B or C from its picture's path: ``train_12``."""
    picture = PurePosixPath(path)
    return f"{_part_above(picture.parts[:-2])}_{picture.stem}"


def _part_above(folders: Sequence[str]) -> str:
    """Return ``train`` or ``val`` from the innermost folder that says it."""
    return next((part for part in map(part_of, reversed(folders)) if part), "")


def _machine(folders: Sequence[str]) -> str:
    """Return the folder whose items nobody labelled; empty if there is none."""
    return next((folder for folder in folders if folder.lower() == _BY_MACHINE), "")


def image_key(path: str) -> str | None:
    """Return the key of an item's image; None if the path is no image of an item that a person labelled."""
    *above, kind, name = ("", *path.split("/"))
    if kind.lower() != "images" or _machine(above) or not is_image(name):
        return None
    return _key(above[1:], name.rpartition(".")[0])


def annotation_key(path: str) -> str | None:
    """Return the key of an item's annotation; None if the path is none that a person made."""
    return None if _machine(path.split("/")) else _beside(path, _ITEM)


def points_key(path: str) -> str | None:
    """Return the key of an item's 68 points; None if the path holds none."""
    return None if _machine(path.split("/")) else _beside(path, _POINTS)


def _beside(path: str, pattern: re.Pattern[str]) -> str | None:
    """Return the key of a file in a folder of annotations, by the number that a pattern finds in its name."""
    *above, kind, name = ("", *path.split("/"))
    match = pattern.fullmatch(name)
    return _key(above[1:], match[1]) if match and kind.lower() == "annotations" else None


def _key(above: Sequence[str], stem: str) -> str:
    """Return what tells items apart: their part, or the folder that has no part in its path, and their number."""
    return f"{_part_above(above) or '/'.join(above).lower()}/{stem}"


def _code(data: bytes, *, npy: bool) -> float:
    """Return the expression code of an item; numbers and strings of numbers are both found in the wild."""
    if npy:
        values = read_npy(data)
        if values.size != 1:
            raise ValueError(f"holds {values.size} values, where one expression code was expected")
        try:
            value = values.reshape(()).item()
        except Exception as error:  # a string of bytes that are no text raises a SystemError
            raise ValueError("holds a damaged value, where an expression code was expected") from error
    else:
        value = _human_label(data)
    code = as_number(str(value))
    if not code.is_integer():
        raise ValueError(f"holds {reprlib.repr(value)}, where an expression code was expected")
    return code


def _human_label(data: bytes) -> object:
    if not data:
        raise ValueError("the file is empty (0 bytes)")
    try:
        content = json.loads(data)
    except json.JSONDecodeError:
        raise
    except ValueError as error:
        raise ValueError("cannot be read as json: it holds a number of thousands of digits") from error
    except RecursionError as error:
        raise ValueError("cannot be read as json: it is nested too deep") from error
    if not isinstance(content, dict) or "human-label" not in content:
        raise ValueError("has no human-label")
    return content["human-label"]
