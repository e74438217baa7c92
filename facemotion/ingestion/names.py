"""What of a tree no dataset can use, whichever it is: it is set aside and told, so that it does not stop the rest.

Artefacts are UTF-8 and name files by POSIX paths relative to the root: old archives leave names in other encodings;
others hold a backslash, or begin like the drive of another system. Other things cannot be looked at, or are pictures
and videos in a format that is not read here.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable

from facemotion import suffixes
from facemotion.ingestion.findings import Exclusion
from facemotion.ingestion.tree import Tree
from facemotion.ingestion.walk import TreeFile
from facemotion.names import printable

__all__ = ["by_kind", "remark", "set_aside"]

_DRIVE = re.compile(r"[A-Za-z]:")
_EACH = 20
"""Exclusions of a kind that are listed each; more are one with their number."""


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
        One for each wanted file that cannot be named, with reason ``odd_name``; for each that was not looked at, with
        the reasons of `facemotion.ingestion.walk`; and for each picture or video of a format that is not read, with
        reason ``unsupported_format``. Of more than 20 for one reason and in the same words, one counts them.
    """
    odd: list[TreeFile] = []
    kinds: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in tree.skipped:
        kinds[each.reason, each.detail].append(each.path)
    for file in tree.files:
        if why := suffixes.lacking(file.name):
            kinds["unsupported_format", why].append(file.path)
        if _oddity(file.path):
            odd.append(file)
    exclusions = [Exclusion(printable(file.path), "odd_name", _oddity(file.path)) for file in odd if wanted(file.name)]
    for (reason, detail), paths in sorted(kinds.items()):
        if len(paths) > _EACH:
            exclusions.append(Exclusion(printable(paths[0]), reason, f"{detail} ({len(paths)} like this)"))
        else:
            exclusions += (Exclusion(printable(path), reason, detail) for path in paths)
    return tree.of(file for file in tree.files if not _oddity(file.path)) if odd else tree, exclusions


def by_kind(exclusions: Iterable[Exclusion]) -> list[str]:
    """Return one sentence for each reason that something was set aside for, with its number and the first of them."""
    kinds: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in sorted(exclusions):
        kinds[each.reason, each.detail].append(each.item)
    return [
        f"left out, {reason}: {items[0]}{f' and {len(items) - 1} more' * (len(items) > 1)}: {detail}"
        for (reason, detail), items in sorted(kinds.items())
    ]


def remark(exclusions: list[Exclusion]) -> str:
    """Return what to add to the refusal of a tree of which files were set aside; empty if none were."""
    if not exclusions:
        return ""
    first = min(exclusions)
    return f" ({len(exclusions)} files were set aside, the first, {first.item}, because {first.detail})"


def _oddity(path: str) -> str:
    """Return why a path cannot be named in an artefact, and what to do; empty if it can be."""
    if not _is_utf_8(path):
        return "its name is not UTF-8, which artefacts are; rename it, or unpack it again with the archive's encoding"
    if "\\" in path:
        return "its name holds a backslash, which separates folders elsewhere; rename it"
    if _DRIVE.match(path):
        return "its name begins like a drive of Windows; rename that folder"
    return ""


def _is_utf_8(path: str) -> bool:
    return path.isascii() or path.encode("utf-8", "replace").decode("utf-8") == path
