"""Files that lie in a tree more than once, as merged downloads leave them: which copy counts, and what is said then."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from facemotion.ingestion.findings import Findings
from facemotion.ingestion.tree import TreeFile

__all__ = ["best_first", "first_of_each", "second_copies"]

K = TypeVar("K")


def best_first(
    files: Sequence[TreeFile], *, complete: Callable[[TreeFile], bool] = lambda file: True
) -> list[TreeFile]:
    """Return files so that of copies the one to use comes first, whatever the order of the directory.

    One that is complete, then one with content, then the shallowest, then the first in the alphabet.

    Parameters
    ----------
    files : sequence of TreeFile
        All files of a tree, in any order.
    complete : callable
        Tells whether what a file needs lies beside it.
    """
    return sorted(files, key=lambda file: (not complete(file), file.size == 0, len(file.folders), file.path))


def first_of_each(
    files: Sequence[TreeFile], key: Callable[[TreeFile], K | None], findings: Findings
) -> dict[K, TreeFile]:
    """Return the best copy of each file that is wanted; see `best_first`.

    Parameters
    ----------
    files : sequence of TreeFile
        All files of a tree, in any order.
    key : callable
        Gives what a file is, the same for copies of one; None for a file that is not wanted.
    findings : Findings
        Is told of the copies that were not used.
    """
    found: dict[K, TreeFile] = {}
    doubled: list[tuple[str, str]] = []
    for file in best_first(files):
        own = key(file)
        if own is None:
            continue
        if own in found:
            doubled.append((file.path, found[own].path))
        else:
            found[own] = file
    findings.add(notes=second_copies(doubled))
    return found


def second_copies(doubled: Iterable[tuple[str, str]]) -> list[str]:
    """Return notes on files of which another copy was used, one for each pair of top folders.

    Parameters
    ----------
    doubled : iterable of tuple of str
        The path that was not used, and the one that was.
    """
    first: dict[tuple[str, str], tuple[str, str]] = {}
    counted: Counter[tuple[str, str]] = Counter()
    for path, used in doubled:
        tops = path.partition("/")[0], used.partition("/")[0]
        first.setdefault(tops, (path, used))
        counted[tops] += 1
    return [
        f"{path} is a second copy of {used} and was not used{_and_more(counted[tops] - 1)}"
        for tops, (path, used) in first.items()
    ]


def _and_more(number: int) -> str:
    return f"; {number} more between these folders" if number else ""
