"""By what a tree of a dataset counts as another one: its digest, and how the digest of an unchanged tree is remembered.

Labels, metadata, lists and landmarks count by their content: a label that is changed from 3 to 4 keeps its size.
Pictures and videos count by path and size; alignment takes their SHA-256. Times play no part in the digest, since it is
compared across machines, where every copy has others. They serve to remember it: a tree of which no path, size and time
has changed has the digest that it had.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from facemotion.errors import WorkspaceError
from facemotion.ingestion.walk import TreeFile
from facemotion.workspace import atomic_path, digest_file

__all__ = ["tree_digest"]

_FORM = 1
"""Grows with the form of the digest."""
_SETTLED = 2_000_000_000
"""Nanoseconds: a file that was changed more recently can change once more within the same time on some disks."""


def tree_digest(
    root: Path, files: Iterable[TreeFile], is_content: Callable[[TreeFile], bool], *, memory: Path | None = None
) -> str:
    """Return the SHA-256 of a tree's paths and sizes, and of the content of the files that count by it.

    Parameters
    ----------
    root : Path
        The tree's top.
    files : iterable of TreeFile
        Its files, in an order of their own; gone through twice.
    is_content : callable
        Tells whether a file counts by its content.
    memory : Path, optional
        A file: the digest is taken from there if nothing has changed, and else put there.
    """
    if memory is None:
        return _digest(root, files, is_content)
    stamp, newest = _stamp(root, files)
    with suppress(OSError, ValueError, TypeError, KeyError):
        known = json.loads(memory.read_text(encoding="utf-8"))
        if (known["form"], known["stamp"]) == (_FORM, stamp):
            return str(known["digest"])
    begun = time.time_ns()
    digest = _digest(root, files, is_content)
    if newest < begun - _SETTLED:
        with suppress(WorkspaceError), atomic_path(memory) as temporary:
            temporary.write_text(json.dumps({"form": _FORM, "stamp": stamp, "digest": digest}), encoding="utf-8")
    return digest


def _digest(root: Path, files: Iterable[TreeFile], is_content: Callable[[TreeFile], bool]) -> str:
    found = hashlib.sha256()
    for file in files:
        own = f"\t{_content(root / file.path)}" if is_content(file) else ""
        found.update(f"{file.path}\t{file.size}{own}\n".encode("utf-8", "surrogateescape"))
    return found.hexdigest()


def _content(path: Path) -> str:
    """Return the SHA-256 of a file; what cannot be read is told when the dataset is ingested."""
    try:
        return digest_file(path)
    except OSError:
        return "unreadable"


def _stamp(root: Path, files: Iterable[TreeFile]) -> tuple[str, int]:
    """Return what tells on this machine that nothing has changed, and when anything did last."""
    found, newest = hashlib.sha256(str(root.absolute()).encode("utf-8", "surrogateescape")), 0
    for file in files:
        found.update(f"{file.path}\t{file.size}\t{file.time}\n".encode("utf-8", "surrogateescape"))
        newest = max(newest, file.time)
    return found.hexdigest(), newest
