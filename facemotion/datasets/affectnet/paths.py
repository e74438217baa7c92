"""What the files of AffectNet are by their paths: lists, pictures and annotations, and the names that they share."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from facemotion.ingestion.tree import TreeFile
from facemotion.suffixes import is_image

__all__ = [
    "annotation_key",
    "by_machine",
    "face_name",
    "image_key",
    "is_content",
    "is_list",
    "item_key",
    "item_name",
    "listed_path",
    "part_above",
    "part_of",
    "points_key",
]

_PARTS = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "test": "val"}
_BY_MACHINE = "no_human_annotated"
"""The part of release C that nobody labelled."""
_POINTS = re.compile(r"(\d+)_lnd\.npy", re.IGNORECASE)
_ITEM = re.compile(r"(\d+)(_exp\.npy|\.json)", re.IGNORECASE)


def is_list(file: TreeFile) -> bool:
    """Tell whether a file can be a csv list of faces that people annotated."""
    if not file.name.lower().endswith(".csv"):
        return False
    return not any("automatic" in name.lower() for name in (file.name, *file.folders[-1:]))


def is_content(file: TreeFile) -> bool:
    """Tell whether a file is read as a list, as an item's annotation or as its landmarks."""
    *above, kind, name = ("", *file.path.split("/"))
    if kind.lower() != "annotations":
        return is_list(file)
    return not by_machine(above) and bool(_ITEM.fullmatch(name) or _POINTS.fullmatch(name))


def part_of(name: str) -> str:
    """Return ``train`` or ``val`` from a file's or folder's name; empty if it says neither."""
    words = (word.removesuffix("set") for word in re.split(r"[^a-z]+", name.lower()))
    return next((_PARTS[word] for word in words if word in _PARTS), "")


def part_above(folders: Sequence[str]) -> str:
    """Return ``train`` or ``val`` from the innermost folder that says it."""
    return next((part for part in map(part_of, reversed(folders)) if part), "")


def by_machine(folders: Sequence[str]) -> str:
    """Return the folder whose items nobody labelled; empty if there is none."""
    return next((folder for folder in folders if folder.lower() == _BY_MACHINE), "")


def listed_path(path: str) -> str | None:
    """Return how a list of release A names a file of the tree, ``689/<hash>.jpg``; None if it is no picture of it."""
    folder, _, name = path.rpartition("/")
    folder = folder.rpartition("/")[2]
    return f"{folder.lstrip('0')}/{name}" if folder.isdecimal() else None


def face_name(path: str) -> str:
    """Return the name of a face from its path in a list: ``0689_<hash>`` from ``689/<hash>.jpg``."""
    folder, _, name = path.rpartition("/")
    return f"{folder.rpartition('/')[2].lstrip('0').zfill(4)}_{name.rpartition('.')[0]}"


def item_name(path: str) -> str:
    """Return the name of a face of release B or C from its picture's path: ``train_12``."""
    picture = PurePosixPath(path)
    return f"{part_above(picture.parts[:-2])}_{picture.stem}"


def image_key(path: str) -> str | None:
    """Return the key of an item's image; None if the path is no image of an item that a person labelled."""
    *above, kind, name = ("", *path.split("/"))
    if kind.lower() != "images" or by_machine(above) or not is_image(name):
        return None
    return _key(above[1:], name.rpartition(".")[0])


def item_key(path: str) -> str | None:
    """Return the key of an item's annotation, whoever made it; None if the path is none."""
    return _beside(path, _ITEM)


def annotation_key(path: str) -> str | None:
    """Return the key of an item's annotation; None if the path is none that a person made."""
    return None if by_machine(path.split("/")) else item_key(path)


def points_key(path: str) -> str | None:
    """Return the key of an item's 68 points; None if the path holds none."""
    return None if by_machine(path.split("/")) else _beside(path, _POINTS)


def _beside(path: str, pattern: re.Pattern[str]) -> str | None:
    """Return the key of a file in a folder of annotations, by the number that a pattern finds in its name."""
    *above, kind, name = ("", *path.split("/"))
    match = pattern.fullmatch(name)
    return _key(above[1:], match[1]) if match and kind.lower() == "annotations" else None


def _key(above: Sequence[str], stem: str) -> str:
    """Return what tells items apart: their part, or the folder that has no part in its path, and their number."""
    return f"{part_above(above) or '/'.join(above).lower()}/{stem}"
