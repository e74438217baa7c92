"""Walking a dataset's tree: every file once, in an order that does not depend on the disk, without the junk."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from facemotion.errors import DataError

__all__ = ["Tree", "TreeFile"]

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
        return PurePosixPath(self.path).name

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders above it, from the root down."""
        return PurePosixPath(self.path).parts[:-1]


@dataclass(frozen=True)
class Tree:
    """A dataset as it lies on disk: its root and all its files, sorted by path, without junk.

    Left out are resource forks (``._name``), ``.DS_Store``, ``Thumbs.db``, ``__MACOSX`` and the like. Links to
    folders are followed; a link that leads back up is not.
    """

    root: Path
    files: tuple[TreeFile, ...]

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
        if not root.exists():
            raise DataError(f"{root} does not exist; give the folder that holds {title} with --root")
        if not root.is_dir():
            archive = root.suffix.lower() in (".zip", ".rar", ".tgz", ".gz", ".7z")
            kind = "an archive; unpack it and give the folder" if archive else "a file; give the folder"
            raise DataError(f"{root} is {kind} that holds {title}")
        return cls(root, tuple(sorted(_files(root, "", frozenset()))))

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
    status = folder.stat()
    here = (status.st_dev, status.st_ino)
    if here in above:
        return
    try:
        entries = list(os.scandir(folder))
    except PermissionError as error:
        raise DataError(f"{folder} cannot be listed: {error.strerror}; mend its permissions and run again") from error
    for entry in entries:
        name = entry.name
        if name.startswith("._") or name.lower() in _JUNK_NAMES:
            continue
        if entry.is_dir():
            if name.lower() not in _JUNK_FOLDERS:
                yield from _files(Path(entry.path), f"{prefix}{name}/", above | {here})
        elif entry.is_file():
            yield TreeFile(prefix + name, entry.stat().st_size)
