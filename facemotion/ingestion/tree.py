"""A dataset's tree: every file once, in an order that does not depend on the disk, without the junk."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import overload

from facemotion.errors import DataError
from facemotion.ingestion.content import tree_digest
from facemotion.ingestion.walk import Skipped, TreeFile, walk
from facemotion.spool import Spool

__all__ = ["Finder", "Tree", "TreeFile", "TreeFiles", "no_content"]


class TreeFiles(Sequence[TreeFile]):
    """Files that need not lie in memory: a dataset can have a million of them.

    Parameters
    ----------
    files : iterable of TreeFile
        Files in the order to keep.
    by_path : bool
        Sort them by path instead.
    """

    def __init__(self, files: Iterable[TreeFile], *, by_path: bool = False) -> None:
        columns = "(place INTEGER PRIMARY KEY, path BLOB, size INTEGER, time INTEGER)"
        to = "found" if by_path else "files"
        self._spool = Spool(f"CREATE TABLE {to} {columns}")
        rows = ((_bytes(file.path), file.size, file.time) for file in files)
        self._spool.fill(f"INSERT INTO {to} (path, size, time) VALUES (?, ?, ?)", rows)
        if by_path:
            self._spool.change(f"CREATE TABLE files {columns}")
            self._spool.change("INSERT INTO files (path, size, time) SELECT path, size, time FROM found ORDER BY path")
            self._spool.change("DROP TABLE found")
        (self._length,) = next(self._spool.rows("SELECT COUNT(*) FROM files"))

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[TreeFile]:
        for path, size, time in self._spool.rows("SELECT path, size, time FROM files ORDER BY place"):
            yield TreeFile(_text(path), size, time)

    @overload
    def __getitem__(self, place: int) -> TreeFile: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[TreeFile, ...]: ...
    def __getitem__(self, place: int | slice) -> TreeFile | tuple[TreeFile, ...]:
        where = range(len(self))[place]
        if isinstance(where, range):
            return tuple(self[each] for each in where)
        path, size, time = next(self._spool.rows("SELECT path, size, time FROM files WHERE place = ?", where + 1))
        return TreeFile(_text(path), size, time)


def no_content(file: TreeFile) -> bool:
    """Tell of every file that its content is not read as labels: what `Tree` takes where no dataset says more."""
    return False


class Finder:
    """Finds files by a key of their paths; the keys need not lie in memory.

    Of several files with the same key it finds one with content, then the least deep, then the first in the alphabet.

    Parameters
    ----------
    files : sequence of TreeFile
        The files of a tree.
    key : callable
        Gives a path's key, or None if the file is not to be found.
    """

    _PLACES = "SELECT place FROM keys WHERE key = ? ORDER BY empty, depth, path"

    def __init__(self, files: Sequence[TreeFile], key: Callable[[str], str | None]) -> None:
        columns = (
            "key BLOB, empty INTEGER, depth INTEGER, path BLOB, place INTEGER, PRIMARY KEY (key, empty, depth, path)"
        )
        self._spool = Spool(f"CREATE TABLE keys ({columns}) WITHOUT ROWID")
        keys = ((key(file.path), file, place) for place, file in enumerate(files))
        rows = (
            (_bytes(own), file.size == 0, file.path.count("/"), _bytes(file.path), place)
            for own, file, place in keys
            if own is not None
        )
        self._spool.fill("INSERT INTO keys VALUES (?, ?, ?, ?, ?)", rows)

    def find(self, key: str) -> int:
        """Return the place in `files` of the file with this key, -1 if there is none."""
        found = self._spool.first(self._PLACES, _bytes(key))
        return found[0] if found else -1

    def copies(self, key: str) -> list[int]:
        """Return the places of all files with this key, the one that `find` finds first."""
        return [place for (place,) in self._spool.rows(self._PLACES, _bytes(key))]

    def doubled(self) -> Iterator[tuple[str, str]]:
        """Yield, for each file that is not found since another has its key, its path and the other's."""
        last, best = None, b""
        for key, path in self._spool.rows("SELECT key, path FROM keys ORDER BY key, empty, depth, path"):
            if key == last:
                yield _text(path), _text(best)
            else:
                last, best = key, path


def _bytes(path: str) -> bytes:
    """Return a path as bytes, which sort as the paths do; names that are no UTF-8 have lone surrogates in them."""
    return path.encode("utf-8", "surrogatepass")


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogatepass")


@dataclass(frozen=True)
class Tree:
    """A dataset as it lies on disk: its root and all its files, sorted by path, without junk.

    What is walked over, and what is not, is in `facemotion.ingestion.walk`.

    Attributes
    ----------
    root : Path
        The folder.
    files : sequence of TreeFile
        All files.
    is_content : callable
        Tells whether a file counts by its content in the digest.
    memory : Path or None
        A file that remembers the digest on this machine, so that an unchanged tree is read once; None for none.
    skipped : sequence of Skipped
        What could not be looked at, sorted by path.
    """

    root: Path
    files: Sequence[TreeFile]
    is_content: Callable[[TreeFile], bool] = no_content
    memory: Path | None = None
    skipped: Sequence[Skipped] = ()

    @classmethod
    def read(
        cls,
        root: Path,
        title: str,
        *,
        is_content: Callable[[TreeFile], bool] = no_content,
        memory: Path | None = None,
        follow_links: bool = False,
    ) -> "Tree":
        """List the tree below `root`.

        Parameters
        ----------
        root : Path
            A folder.
        title : str
            The dataset's full name, for messages.
        is_content, memory
            See `Tree`.
        follow_links : bool
            Follow links to files outside the root; see `facemotion.ingestion.walk`.

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
        skipped: list[Skipped] = []
        files = TreeFiles(walk(root, skipped.append, follow_links=follow_links), by_path=True)
        return cls(root, files, is_content, memory, sorted(skipped))

    def of(self, files: Iterable[TreeFile]) -> "Tree":
        """Return the tree with some of its files only, in the order given."""
        return replace(self, files=TreeFiles(files), memory=None)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what the tree holds, by which a stage tells that it is another one; see `content`."""
        return tree_digest(self.root, self.files, self.is_content, memory=self.memory)

    def read_text(self, path: str) -> str:
        """Return a small text file of the tree without its byte order mark, undecodable bytes replaced."""
        return (self.root / path).read_text(encoding="utf-8-sig", errors="replace")
