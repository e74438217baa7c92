"""What of a tree no dataset can use, whichever it is: it is set aside and told, so that it does not stop the rest.

Artefacts are UTF-8 and name files by POSIX paths relative to the root: old archives leave names in other encodings;
others hold a backslash, or begin like the drive of another system. Other things cannot be looked at, or are pictures
and videos in a format that is not read here.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable

from facemotion import suffixes
from facemotion.ingestion.findings import Exclusion, grouped
from facemotion.ingestion.tree import Tree
from facemotion.names import printable

__all__ = ["by_kind", "remark", "set_aside"]

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
        One for each wanted file that cannot be named, with reason ``odd_name``; for each that was not looked at, with
        the reasons of `facemotion.ingestion.walk`; and for each picture or video of a format that is not read, with
        reason ``unsupported_format``. Thousands of a kind are one, see `facemotion.ingestion.findings.grouped`.
    """
    odd = [file for file in tree.files if _oddity(file.path)]
    found = [Exclusion(printable(each.path), each.reason, each.detail) for each in tree.skipped]
    found += (
        Exclusion(printable(file.path), "unsupported_format", why)
        for file in tree.files
        if (why := suffixes.lacking(file.name))
    )
    found += (Exclusion(printable(file.path), "odd_name", _oddity(file.path)) for file in odd if wanted(file.name))
    return tree.of(file for file in tree.files if not _oddity(file.path)) if odd else tree, grouped(found)


def by_kind(exclusions: Iterable[Exclusion]) -> list[str]:
    """Return one sentence for each reason that something was left out for, with its number and the first of them."""
    kinds: dict[tuple[str, str], list[Exclusion]] = defaultdict(list)
    for each in sorted(exclusions):
        kinds[each.reason, each.detail].append(each)
    numbers = {kind: sum(each.number for each in alike) for kind, alike in kinds.items()}
    return [
        f"left out, {kind[0]}: {alike[0].item}{f' and {numbers[kind] - 1} more' * (numbers[kind] > 1)}: {kind[1]}"
        for kind, alike in sorted(kinds.items())
    ]


def remark(exclusions: list[Exclusion]) -> str:
    """Return what to add to the refusal of a tree of which files were set aside; empty if none were."""
    if not exclusions:
        return ""
    first, number = min(exclusions), sum(each.number for each in exclusions)
    return f" ({number} files were set aside, the first, {first.item}, because {first.detail})"


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
