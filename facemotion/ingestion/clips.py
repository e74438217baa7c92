"""Finding the clips of people who speak: by their names, one copy of each, and what to say where there are none."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from facemotion.errors import DataError
from facemotion.ingestion import names
from facemotion.ingestion.copies import first_of_each
from facemotion.ingestion.findings import Findings
from facemotion.ingestion.tree import Tree, TreeFile
from facemotion.suffixes import is_video, suffix

__all__ = ["Named", "find", "readable"]

K = TypeVar("K")
_SOUNDS = frozenset("aac flac m4a mp3 ogg wav".split())
_STUB = b"version https://git-lfs"
_LARGEST_STUB = 1024
"""Bytes; a stub has about 130."""


@dataclass(frozen=True)
class Named:
    """How a dataset names its clips, and what is told to whoever gives another folder.

    Attributes
    ----------
    title : str
        The dataset's.
    stem : re.Pattern
        The whole name of a clip without its suffix.
    example : str
        A clip's name.
    folder : str
        What to give, as in ``give the folder that holds VideoFlash``.
    videos : str
        How to get the videos, for those who have the sound alone.
    strange : callable
        Returns a sentence on files that are something else which people take for the dataset; empty if they are not.
    """

    title: str
    stem: re.Pattern[str]
    example: str
    folder: str
    videos: str
    strange: Callable[[Sequence[TreeFile]], str] = lambda files: ""

    def parts(self, name: str) -> tuple[str, ...] | None:
        """Return the groups of the stem of a video's name; None if it is no clip of the dataset."""
        match = self.stem.fullmatch(name.rpartition(".")[0]) if is_video(name) else None
        return match.groups() if match else None

    def is_sound(self, name: str) -> bool:
        """Tell whether a file is named like a clip and holds sound alone."""
        return suffix(name) in _SOUNDS and self.stem.fullmatch(name.rpartition(".")[0]) is not None

    def refusal(self, tree: Tree) -> str:
        """Return why a tree without a clip is refused."""
        if strange := self.strange(tree.files):
            return f"{tree.root} {strange}"
        if sounds := sum(self.is_sound(file.name) for file in tree.files):
            return (
                f"{tree.root} holds {sounds} sound files of {self.title} and no video, as mirrors that are about "
                f"speech do: faces are needed; {self.videos} and {self.folder}"
            )
        return (
            f"{tree.root} is not {self.title}: none of its {len(tree.files)} files is named like {self.example}; "
            f"{self.folder}"
        )


def find(
    tree: Tree, named: Named, key: Callable[[TreeFile], K | None]
) -> tuple[dict[K, TreeFile], dict[K, TreeFile], Findings]:
    """Return the clips of a tree, one copy of each.

    Parameters
    ----------
    tree : Tree
        The dataset.
    named : Named
        How clips are called.
    key : callable
        Gives what a file is, the same for copies of one; None for one that is no clip.

    Returns
    -------
    found : dict
        Every clip that is named, by its key.
    usable : dict
        Those that are no stubs of Git LFS.
    findings : Findings
        What was left out so far, and which copies were not used.

    Raises
    ------
    DataError
        If there is no clip, or stubs alone.
    """
    tree, odd = names.set_aside(tree, named.parts)
    findings = Findings(exclusions=list(odd))
    found = first_of_each(tree.files, key, findings)
    if not found:
        raise DataError(named.refusal(tree) + names.remark(odd))
    good = {file.path for file in readable(tree, list(found.values()), findings)}
    return found, {own: file for own, file in found.items() if file.path in good}, findings


def readable(tree: Tree, files: Sequence[TreeFile], findings: Findings) -> list[TreeFile]:
    """Return the videos that are no stubs of Git LFS.

    Raises
    ------
    DataError
        If all are stubs, as a download without Git LFS leaves them.
    """
    stubs = {file.path for file in files if file.size < _LARGEST_STUB and _starts(tree, file) == _STUB}
    if stubs and len(stubs) == len(files):
        raise DataError(
            f"{tree.root} holds {len(stubs)} stubs of Git LFS and no videos, as {min(stubs)}: clone the repository "
            "with git-lfs installed and run `git lfs pull` in it"
        )
    for path in sorted(stubs):
        findings.exclude(path, "lfs_stub", "it is a stub of Git LFS; run `git lfs pull` in the clone")
    return [file for file in files if file.path not in stubs]


def _starts(tree: Tree, file: TreeFile) -> bytes:
    try:
        with (tree.root / file.path).open("rb") as opened:
            return opened.read(len(_STUB))
    except OSError:
        return b""
