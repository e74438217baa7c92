"""Which folders of a tree say what a picture shows, and which are those of a split, a subject or a wrapper.

``[train|val|test/]<label>/[<subject>/]...``, or the split below the label: ``<label>/train/[<subject>/]...``. Folders
that the label map leaves out say nothing about the rest.
"""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from facemotion.errors import ConfigError
from facemotion.expressions import canonical
from facemotion.ingestion.tree import TreeFile

__all__ = ["Labels", "Places", "find_places", "label_map", "split_advice", "split_named"]

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


@dataclass(frozen=True)
class Places:
    """Where in a path each kind of folder lies, counted from the root.

    Attributes
    ----------
    top : int
        The number of folders that wrap the whole tree.
    split : int or None
        The place of the split's folder; None if there are no splits.
    """

    top: int
    split: int | None = None

    @property
    def label(self) -> int:
        """The place of the class folder."""
        return self.top + int(self.split == self.top)

    @property
    def subject(self) -> int:
        """The place of the subject's folder."""
        return self.label + 1 + int(self.split == self.label + 1)

    def split_of(self, file: TreeFile) -> str:
        """Return the split in whose folder a file lies; empty if it lies in none."""
        return "" if self.split is None else "".join(map(split_named, file.folders[self.split : self.split + 1]))

    def left_out_above(self, file: TreeFile, labels: Labels) -> str | None:
        """Return the folder above the class folders in which a file lies and that the map leaves out, or None."""
        return next((folder for folder in file.folders[: self.label] if _is_left_out(folder, labels)), None)


def find_places(files: Sequence[TreeFile], labels: Labels) -> Places:
    """Find out where the folders of splits, classes and subjects lie.

    Parameters
    ----------
    files : sequence of TreeFile
        The pictures.
    labels : mapping
        The label map.
    """
    paths = [file.folders for file in files if file.folders]
    top = _top(paths, labels)
    paths = [folders for folders in paths if not any(_is_left_out(folder, labels) for folder in folders[: top + 1])]
    if _are_splits(folders[top] for folders in paths if len(folders) > top):
        if any(len(folders) > top + 1 for folders in paths):
            return Places(top, top)
    elif _are_splits(folders[top + 1] for folders in paths if len(folders) > top + 1):
        return Places(top, top + 1)  # as `happy/train` beside `happy/test`: no person is called so
    return Places(top)


def split_named(folder: str) -> str:
    """Return the split that a folder is named after, such as ``train`` for ``Training`` or ``train_set``, or nothing.

    Examples
    --------
    >>> split_named("PublicTest"), split_named("val_set"), split_named("happy")
    ('val', 'val', '')
    """
    return _SPLITS.get(re.sub(r"[ _-]", "", folder.lower()).removesuffix("set"), "")


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
        shown = ", ".join(others[:8]) + ", ..." * (len(others) > 8)
        return (
            f"class folders lie in those of splits ({', '.join(splits)}), but beside these lies what is no split "
            f"({shown}); leave that out with {label_map(others[:8])}, or the splits with {without}"
        )
    return (
        f"what lies where class folders are expected is named after splits ({', '.join(splits)}); class folders lie "
        "right below a split or right above it: give the folder that holds one folder per expression, or leave the "
        f"splits out with {without}"
    )


def label_map(folders: Sequence[str], word: str = "-") -> str:
    """Return the option that maps folders to a word, as a shell takes it."""
    return f"--label-map {shlex.quote(','.join(f'{folder}={word}' for folder in folders))}"


def _is_left_out(folder: str, labels: Labels) -> bool:
    return labels.get(folder, "") is None


def _are_splits(folders: Iterable[str]) -> bool:
    """Tell whether there are folders, and all are named after splits."""
    names = set(folders)
    return bool(names) and all(map(split_named, names))


def _top(paths: Sequence[tuple[str, ...]], labels: Labels) -> int:
    """Return how many folders wrap the whole tree: those that all pictures share, above the first that says something.

    Where nothing below them says anything either, none do, so that a refusal names the folders of the root.
    """
    depth = 0
    while True:
        kept = [folders for folders in paths if len(folders) <= depth or not _is_left_out(folders[depth], labels)]
        at = {folders[depth] for folders in kept if len(folders) > depth}
        if not kept or any(_says_something(folder, labels) for folder in at):
            return depth
        if len(at) != 1 or any(len(folders) <= depth for folders in kept):
            return 0
        paths, depth = kept, depth + 1


def _says_something(folder: str, labels: Labels) -> bool:
    """Tell whether a folder can be that of a class or of a split."""
    if folder in labels or split_named(folder) or re.fullmatch(r"\d+", folder):
        return True
    try:
        return bool(canonical(folder))
    except ConfigError:
        return False
