"""The one walk over files: what lies below a folder, for datasets and for new pictures alike.

Left out without a word is what systems and tools put there: resource forks (``._name``), ``.DS_Store``, ``Thumbs.db``,
``__MACOSX`` and the like. Links to folders are followed. Links to files are followed if the file lies below the root,
or below a folder that is linked, and else only if that is asked for: a stranger's tree can hold a link to any file of
this machine. What is not looked at is told: such links, those that lead to nothing or back up, folders that may not be
listed, and what is neither file nor folder.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from facemotion.errors import DataError

__all__ = ["Skipped", "TreeFile", "walk"]

OUTSIDE = "it is a link to a file outside the folder; such links are followed with --follow-links"

_JUNK_NAMES = {".ds_store", "thumbs.db", "desktop.ini"}
_JUNK_FOLDERS = {
    *("__macosx", ".trashes", ".fseventsd", ".spotlight-v100", ".appledouble"),
    *("$recycle.bin", "system volume information", "@eadir", "#recycle"),
    *(".git", ".svn", ".hg", ".dvc", ".cache", ".ipynb_checkpoints", "__pycache__", ".thumbnails"),
}


@dataclass(frozen=True, order=True, slots=True)
class TreeFile:
    """A file under a root: POSIX path relative to it, and size in bytes.

    ``time`` is when it was last changed on this disk, in nanoseconds since 1970, 0 if that is not known; files that
    differ in nothing else are equal.
    """

    path: str
    size: int
    time: int = field(default=0, compare=False)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders above it, from the root down."""
        return tuple(self.path.split("/")[:-1])


@dataclass(frozen=True, order=True, slots=True)
class Skipped:
    """What was not looked at: its POSIX path relative to the root, a reason code, and a sentence."""

    path: str
    reason: str
    detail: str


def walk(root: Path, skip: Callable[[Skipped], object], *, follow_links: bool = False) -> Iterator[TreeFile]:
    """Yield the files below a folder, in no order: a folder of AffectNet's release B has over a million files.

    Parameters
    ----------
    root : Path
        The folder.
    skip : callable
        Is called with what cannot be looked at.
    follow_links : bool
        Follow links to files that lie elsewhere.

    Raises
    ------
    DataError
        If the root may not be listed, or the disk fails.
    """
    inside = None if follow_links else (os.path.realpath(root),)
    yield from _below(root, "", frozenset(), skip, inside)


def _below(
    folder: Path,
    prefix: str,
    above: frozenset[tuple[int, int]],
    skip: Callable[[Skipped], object],
    inside: tuple[str, ...] | None,
) -> Iterator[TreeFile]:
    """Yield the files below a folder; `inside` are the folders that links may lead into, None for any."""
    folders = []
    try:
        status = folder.stat()
        here = (status.st_dev, status.st_ino)
        if here in above:
            skip(Skipped(prefix.rstrip("/"), "link_back", "it is a link that leads back up, to a folder that holds it"))
            return
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("._") or entry.name.lower() in _JUNK_NAMES:
                    continue
                if _is_folder(entry):
                    folders.append((entry.name, entry.is_symlink()))
                elif (found := _status(entry)) is None:
                    skip(Skipped(prefix + entry.name, "dangling_link", "it is a link that leads to nothing"))
                elif inside is not None and entry.is_symlink() and not _within(entry.path, inside):
                    skip(Skipped(prefix + entry.name, "link_outside", OUTSIDE))
                elif stat.S_ISREG(found.st_mode):
                    yield TreeFile(prefix + entry.name, found.st_size, max(found.st_mtime_ns, found.st_ctime_ns))
                else:
                    skip(Skipped(prefix + entry.name, "no_file", "it is neither a file nor a folder"))
    except OSError as error:
        if not prefix or error.errno not in (errno.EACCES, errno.EPERM):
            message = f"{folder} cannot be listed: {error.strerror}; mend its permissions and run again"
            raise DataError(message) from error
        skip(Skipped(prefix.rstrip("/"), "unreadable_folder", f"it cannot be listed: {error.strerror}"))
    for name, linked in sorted(folders):
        if name.lower() not in _JUNK_FOLDERS:
            path = folder / name
            wider = (*inside, os.path.realpath(path)) if linked and inside is not None else inside
            yield from _below(path, f"{prefix}{name}/", above | {here}, skip, wider)


def _within(path: str, folders: tuple[str, ...]) -> bool:
    """Tell whether a link leads to what lies below one of some folders, which are given without links."""
    place = os.path.realpath(path)
    return any(place.startswith(folder.rstrip(os.sep) + os.sep) for folder in folders)


def _is_folder(entry: os.DirEntry) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        if not entry.is_symlink():
            raise
        return False  # a link to itself is as good as one to nothing


def _status(entry: os.DirEntry) -> os.stat_result | None:
    """Return what the system knows of a file; None for a link that leads to nothing."""
    try:
        return entry.stat()
    except OSError:
        if not entry.is_symlink():
            raise
        return None
