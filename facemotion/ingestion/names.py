"""Names of files that no artefact can hold: they are set aside, so that one odd name does not stop a whole dataset.

Artefacts are UTF-8 and name files by POSIX paths relative to the root. Old archives leave names in other encodings;
others hold a backslash, or begin like the drive of another system.
"""

import re
from collections.abc import Callable

from facemotion.ingestion.findings import Exclusion
from facemotion.ingestion.tree import Tree

__all__ = ["printable", "remark", "set_aside"]

_DRIVE = re.compile(r"[A-Za-z]:")


def set_aside(tree: Tree, wanted: Callable[[str], object]) -> tuple[Tree, list[Exclusion]]:
    """Divide a tree into what artefacts can name, and exclusions for the rest.

    Parameters
    ----------
    tree : Tree
        As it lies on disk.
    wanted : callable
        Tells whether a file would be used, by its name; others with odd paths are left out without a word.

    Returns
    -------
    tree : Tree
        The files that can be named, in the same order; the same tree if these are all.
    exclusions : list of Exclusion
        One for each wanted file that cannot be named, with reason ``odd_name``.
    """
    odd = [file for file in tree.files if _oddity(file.path)]
    if not odd:
        return tree, []
    exclusions = [Exclusion(printable(file.path), "odd_name", _oddity(file.path)) for file in odd if wanted(file.name)]
    return tree.of(file for file in tree.files if not _oddity(file.path)), exclusions


def printable(path: str) -> str:
    r"""Return a path with the bytes that are no UTF-8 as ``\xe9``, so that it can be shown and written."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def remark(exclusions: list[Exclusion]) -> str:
    """Return what to add to the refusal of a tree of which files were set aside; empty if none were."""
    if not exclusions:
        return ""
    first = min(exclusions)
    return f" ({len(exclusions)} files were set aside, the first, {first.item}, because {first.detail})"


def _oddity(path: str) -> str:
    """Return why a path cannot be named in an artefact, and what to do; empty if it can be."""
    if printable(path) != path:
        return "its name is not UTF-8, which artefacts are; rename it, or unpack it again with the archive's encoding"
    if "\\" in path:
        return "its name holds a backslash, which separates folders elsewhere; rename it"
    if _DRIVE.match(path):
        return "its name begins like a drive of Windows; rename that folder"
    return ""
