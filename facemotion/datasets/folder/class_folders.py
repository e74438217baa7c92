"""Which folders of a tree say what a picture shows, and which are those of a split, a subject or a wrapper.

``[train|val|test/]<label>/[<subject>/]...``, or the split below the label: ``<label>/train/[<subject>/]...``. A folder
may wrap all that, or the class folders of each split. Folders that the label map leaves out say nothing about the rest.
"""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from facemotion.expressions import named
from facemotion.ingestion.tree import TreeFile

__all__ = ["Labels", "Places", "find_places", "label_map", "listed", "split_advice", "split_named"]

Labels = Mapping[str, str | None]
"""Expression by folder, as a label map gives it; None for a folder that is left out."""

_SPLITS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "publictest": "val",  # FER2013's two test parts: the public one was for tuning, the private one for the final score
    "test": "test",
    "testing": "test",
    "privatetest": "test",
}
_STRAY = "it lies in no folder that says what it shows"
_NO_SPLIT = "it lies in a class folder, but in none of the splits' folders there; move it into that of its split"


@dataclass(frozen=True)
class Places:
    """Where in a path each kind of folder lies, counted from the root.

    Attributes
    ----------
    wrapper : tuple of str
        The folders that wrap the whole tree, from the root down.
    split : int or None
        The place of the split's folder; None if there are no splits.
    label : int
        The place of the class folder.
    """

    wrapper: tuple[str, ...]
    split: int | None
    label: int

    @property
    def top(self) -> int:
        """The number of folders that wrap the whole tree."""
        return len(self.wrapper)

    @property
    def subject(self) -> int:
        """The place of the subject's folder."""
        return self.label + 1 + int(self.split == self.label + 1)

    def split_of(self, file: TreeFile) -> str:
        """Return the split in whose folder a file lies; empty if it lies in none."""
        return "" if self.split is None else "".join(map(split_named, file.folders[self.split : self.split + 1]))

    def left_out_above(self, file: TreeFile, labels: Labels) -> str | None:
        """Return the folder above the class folders in which a file lies and that the map leaves out, or None."""
        above = file.folders[: self.label]
        above = above[self.top :] if self.wraps(file) else above
        return next((folder for folder in above if _is_left_out(folder, labels)), None)

    def wraps(self, file: TreeFile) -> bool:
        """Tell whether a file lies in what wraps the tree, not beside it."""
        return file.folders[: self.top] == self.wrapper

    def in_class(self, file: TreeFile) -> bool:
        """Tell whether a file lies in a class folder."""
        return self.wraps(file) and len(file.folders) > self.label

    def why_stray(self, file: TreeFile, labels: Labels) -> tuple[str, str] | None:
        """Return reason and detail if neither a file's folders nor the map say what it shows, or for which split."""
        if not self.in_class(file):
            return "no_class_folder", _STRAY
        known = self.split is None or len(file.folders) > self.split or _is_left_out(file.folders[self.label], labels)
        return None if known else ("no_split", _NO_SPLIT)


def find_places(files: Sequence[TreeFile], labels: Labels) -> Places:
    """Find out where the folders of splits, classes and subjects lie.

    Parameters
    ----------
    files : sequence of TreeFile
        The pictures.
    labels : mapping
        The label map.
    """
    paths = [file.folders for file in files]
    wrapper = _wrapper(paths, labels) or ()
    top = len(wrapper)
    inside = [folders for folders in _beneath(paths, wrapper) if not _is_left_out(folders[0], labels)]
    if _are_splits(folders[0] for folders in inside):
        if any(len(folders) > 1 for folders in inside):
            return Places(wrapper, top, top + 1 + int(_wrapped_in_splits(inside, labels)))
    elif _are_splits(folders[1] for folders in inside if len(folders) > 1):
        return Places(wrapper, top + 1, top)  # as `happy/train` beside `happy/test`: no person is called so
    return Places(wrapper, None, top)


def split_named(folder: str) -> str:
    """Return the split that a folder is named after, such as ``train`` for ``Training`` or ``train_set``, or nothing.

    Examples
    --------
    >>> split_named("PublicTest"), split_named("val_set"), split_named("happy")
    ('val', 'val', '')
    """
    name = re.sub(r"[ _-]", "", folder.lower())
    return _SPLITS.get(name.removeprefix("fer2013").removesuffix("set"), "")  # FERPlus calls its own FER2013Train


def split_advice(files: Sequence[TreeFile], place: int, splits: Sequence[str], others: Sequence[str]) -> str:
    """Return what is wrong with folders that are named after splits but lie among the class folders, and what to do.

    Parameters
    ----------
    files : sequence of TreeFile
        The pictures.
    place : int
        Where the class folders lie.
    splits, others : sequence of str
        The folders that are named after splits, and those beside them that would be used.
    """
    without = label_map(splits)
    if others and any(len(file.folders) > place + 1 and file.folders[place] in splits for file in files):
        return (
            f"class folders lie in those of splits ({', '.join(splits)}), but beside these lies what is no split "
            f"({listed(others)}); leave that out with {label_map(others[:8])}, or the splits with {without}"
        )
    return (
        f"what lies where class folders are expected is named after splits ({', '.join(splits)}); class folders lie "
        "right below a split or right above it: give the folder that holds one folder per expression"
        f", or {f'leave the splits out with {without}' if others else 'sort the pictures into such folders'}"
    )


def label_map(folders: Sequence[str], word: str = "-") -> str:
    """Return the option that maps folders to a word, as a shell takes it."""
    return f"--label-map {shlex.quote(','.join(f'{_quoted(folder)}={word}' for folder in folders))}"


def _quoted(folder: str) -> str:
    """Return a folder as a label map takes it: in double quotes if it holds what would end it there.

    Examples
    --------
    >>> _quoted("my faces"), _quoted("happy, joyful"), _quoted("grin ")
    ('my faces', '"happy, joyful"', '"grin "')
    """
    return '"' + folder.replace('"', '""') + '"' if re.search(r'[,="]|^\s|\s$', folder) else folder


def listed(folders: Sequence[str]) -> str:
    """Return the first folders for a message."""
    return ", ".join(map(_quoted, folders[:8])) + ", ..." * (len(folders) > 8)


def _is_left_out(folder: str, labels: Labels) -> bool:
    return labels.get(folder, "") is None


def _are_splits(folders: Iterable[str]) -> bool:
    """Tell whether there are folders, and all are named after splits."""
    names = set(folders)
    return bool(names) and all(map(split_named, names))


def _beneath(paths: Iterable[tuple[str, ...]], wrapper: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return what follows a wrapper in the paths that go on below it."""
    top = len(wrapper)
    return [folders[top:] for folders in paths if len(folders) > top and folders[:top] == wrapper]


def _wrapper(paths: Sequence[tuple[str, ...]], labels: Labels) -> tuple[str, ...] | None:
    """Return the folders that wrap all folders of classes or splits, from the root down; None if there are none such.

    Pictures may lie beside a wrapper, and folders that say nothing, as long as most pictures lie in it.
    """
    below: dict[str, list[tuple[str, ...]]] = {}
    for folders in filter(None, paths):
        below.setdefault(folders[0], []).append(folders[1:])
    kept = {folder for folder in below if not _is_left_out(folder, labels)}
    only = kept | set(filter(_is_number, below))  # a number beside one that is left out is a class, as that one is
    for folder in only if len(only) == 1 else ():
        inner = _wrapper(below[folder], labels) if _is_number(folder) or split_named(folder) else None
        if inner is not None and _wraps(folder, _beneath(below[folder], inner), labels):
            return (folder, *inner)
    if below and (not kept or any(_is_class(folder, labels) or split_named(folder) for folder in kept)):
        return ()
    found = {folder: wrapper for folder in kept if (wrapper := _wrapper(below[folder], labels)) is not None}
    for folder, wrapper in found.items() if len(found) == 1 else ():
        if len(kept) == 1 or 2 * len(below[folder]) > sum(len(below[each]) for each in kept):
            return (folder, *wrapper)
    return None


def _wraps(folder: str, paths: Sequence[tuple[str, ...]], labels: Labels) -> bool:
    """Tell by the paths below whether a number or a split's name is a wrapper's, as in ``versions/1/train/happy``."""
    if any(split_named(folders[0]) and _is_class(folders[1], labels) for folders in paths if len(folders) > 1):
        return True
    if _are_splits(folders[0] for folders in paths) and _wrapped_in_splits(paths, labels):
        return True
    beneath = {first for first, *_ in paths} - {folder}
    classes = {first for first in beneath if first in labels or named(first)}
    return _is_number(folder) and 2 * len(classes) > len(beneath)  # a subject may be called Joy


def _wrapped_in_splits(paths: Sequence[tuple[str, ...]], labels: Labels) -> bool:
    """Tell whether a folder in each split wraps its class folders, as ``train/images/happy`` and ``train/train``."""
    deep = [folders for folders in paths if len(folders) > 1 and not _is_left_out(folders[1], labels)]
    doubled = all(split_named(folders[0]) == split_named(folders[1]) for folders in deep)
    shared = {folders[1] for folders in deep}
    if not doubled and (len(shared) > 1 or any(_is_class(folder, labels) or split_named(folder) for folder in shared)):
        return False
    return any(_is_class(folders[2], labels) for folders in deep if len(folders) > 2)


def _is_number(folder: str) -> bool:
    return re.fullmatch(r"\d+", folder) is not None


def _is_class(folder: str, labels: Labels) -> bool:
    """Tell whether a folder can be that of a class."""
    return folder in labels or _is_number(folder) or bool(named(folder))
