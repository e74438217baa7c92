"""Walking a dataset's tree: every file once, in an order that does not depend on the disk, without the junk."""

import hashlib
import os
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import overload

import numpy as np

from facemotion.errors import DataError

__all__ = ["Finder", "Tree", "TreeFile", "TreeFiles"]

_JUNK_NAMES = {".ds_store", "thumbs.db", "desktop.ini"}
_JUNK_FOLDERS = {"__macosx", ".git", "$recycle.bin", "system volume information", "@eadir"}


@dataclass(frozen=True, order=True, slots=True)
class TreeFile:
    """A file under a root: POSIX path relative to it, and size in bytes."""

    path: str
    size: int

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders above it, from the root down."""
        return tuple(self.path.split("/")[:-1])


class TreeFiles(Sequence[TreeFile]):
    """Files kept as the bytes of their names: a dataset can have half a million, and objects take thrice as much.

    Parameters
    ----------
    files : iterable of TreeFile
        Files in the order to keep; one folder's files after each other take least.
    """

    def __init__(self, files: Iterable[TreeFile]) -> None:
        self._folders: list[str] = []
        self._names = bytearray()
        self._folder_of, self._ends, self._sizes = array("I"), array("Q"), array("Q")
        for file in files:
            folder = file.path[: len(file.path) - len(file.name)]
            if not self._folders or self._folders[-1] != folder:
                self._folders.append(folder)
            self._names += file.name.encode("utf-8", "surrogatepass")
            self._folder_of.append(len(self._folders) - 1)
            self._ends.append(len(self._names))
            self._sizes.append(file.size)

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, place: int) -> TreeFile: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[TreeFile, ...]: ...
    def __getitem__(self, place: int | slice) -> TreeFile | tuple[TreeFile, ...]:
        where = range(len(self))[place]
        if isinstance(where, range):
            return tuple(self[each] for each in where)
        name = self._names[self._ends[where - 1] if where else 0 : self._ends[where]].decode("utf-8", "surrogatepass")
        return TreeFile(self._folders[self._folder_of[where]] + name, self._sizes[where])


class Finder:
    """Finds files by a key of their paths, at 12 bytes a file: a dictionary of strings takes some 300.

    Parameters
    ----------
    files : sequence of TreeFile
        The files of a tree.
    key : callable
        Gives a path's key, or None if the file is not to be found.
    """

    def __init__(self, files: Sequence[TreeFile], key: Callable[[str], str | None]) -> None:
        self._files, self._key = files, key
        hashes = np.fromiter((hash(key(file.path)) for file in files), np.int64, len(files))
        order = np.argsort(hashes, kind="stable").astype(np.int32)
        self._hashes, self._order = hashes[order].data, order.data

    def find(self, key: str) -> int:
        """Return the place in `files` of the first file with this key, -1 if there is none."""
        wanted = hash(key)
        for at in range(bisect_left(self._hashes, wanted), len(self._hashes)):
            if self._hashes[at] != wanted:
                break
            if self._key(self._files[self._order[at]].path) == key:
                return self._order[at]
        return -1


@dataclass(frozen=True)
class Tree:
    """A dataset as it lies on disk: its root and all its files, sorted by path, without junk.

    Left out are resource forks (``._name``), ``.DS_Store``, ``Thumbs.db``, ``__MACOSX`` and the like. Links to
    folders are followed; a link that leads back up is not.
    """

    root: Path
    files: Sequence[TreeFile]

    @classmethod
    def read(cls, root: Path, title: str) -> "Tree":
        """List the tree below `root`.

        Parameters
        ----------
        root : Path
            A folder.
        title : str
            The dataset's full name, for messages.

        Raises
        ------
        DataError
            With what was wrong and what to do, if it cannot be listed.
        """
        try:
            there = root.exists()
        except OSError as error:
            raise DataError(
                f"{root} cannot be reached: {error.strerror}; mend its permissions and run again"
            ) from error
        if not there:
            raise DataError(f"{root} does not exist; give the folder that holds {title} with --root")
        if not root.is_dir():
            archive = root.suffix.lower() in (".zip", ".rar", ".tgz", ".gz", ".7z")
            kind = "an archive; unpack it and give the folder" if archive else "a file; give the folder"
            raise DataError(f"{root} is {kind} that holds {title}")
        return cls(root, TreeFiles(_files(root, "", frozenset())))

    @cached_property
    def digest(self) -> str:
        """A digest of paths and sizes, which tells whether the tree changed since it was ingested."""
        found = hashlib.sha256()
        for file in self.files:
            found.update(f"{file.path}\t{file.size}\n".encode("utf-8", "surrogateescape"))
        return found.hexdigest()

    def read_text(self, path: str) -> str:
        """Return a small text file of the tree, undecodable bytes replaced."""
        return (self.root / path).read_text(encoding="utf-8", errors="replace")


def _files(folder: Path, prefix: str, above: frozenset[tuple[int, int]]) -> Iterator[TreeFile]:
    """Yield what is below a folder, sorted by path."""
    try:
        status = folder.stat()
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name + "/" * entry.is_dir())
    except OSError as error:
        raise DataError(f"{folder} cannot be listed: {error.strerror}; mend its permissions and run again") from error
    here = (status.st_dev, status.st_ino)
    if here in above:
        return
    for entry in entries:
        name = entry.name
        if name.startswith("._") or name.lower() in _JUNK_NAMES:
            continue
        if entry.is_dir():
            if name.lower() not in _JUNK_FOLDERS:
                yield from _files(Path(entry.path), f"{prefix}{name}/", above | {here})
        elif entry.is_file():
            yield TreeFile(prefix + name, entry.stat().st_size)
