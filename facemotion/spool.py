"""Tables too long for memory: a private SQLite database that keeps a few megabytes and leaves the rest on disk.

Its file lies in the system's temporary folder (``SQLITE_TMPDIR``, else ``TMPDIR``), has no name that anybody could
find, is made only when the kept megabytes are full, and goes with the object.
"""

import os
import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from facemotion.errors import WorkspaceError

__all__ = ["KEPT_BYTES", "Spool"]

KEPT_BYTES = 4 << 20
"""Memory that a spool takes at most for its pages, and as much again while it sorts."""

_SETTINGS = (
    f"cache_size = -{KEPT_BYTES >> 10}",
    "temp_store = FILE",
    "journal_mode = OFF",  # nobody reads it after a crash
    "synchronous = OFF",
)


_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)


class Spool:
    """Tables that are filled, sorted and searched without lying in memory.

    Parameters
    ----------
    *tables : str
        Statements that create the tables.

    Raises
    ------
    WorkspaceError
        If ``SQLITE_TMPDIR`` names no folder: SQLite would take another without a word.
    """

    def __init__(self, *tables: str) -> None:
        named = os.environ.get("SQLITE_TMPDIR")
        if named and not os.path.isdir(named):
            message = (
                f"the environment variable SQLITE_TMPDIR names {named}, which is no folder; make it, name another, or "
                "unset the variable"
            )
            raise WorkspaceError(message)
        # "" is a temporary database; the thread that drops the object last closes it, which may be another one
        self._connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._connection.close)
        for statement in (*(f"PRAGMA {setting}" for setting in _SETTINGS), "BEGIN", *tables):
            self._connection.execute(statement)

    def fill(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run an ``INSERT`` for each row, read one at a time.

        Raises
        ------
        WorkspaceError
            If the temporary folder is full or cannot be written.
        """
        with _told():
            self._connection.executemany(statement, rows)

    def change(self, statement: str, *values: Any) -> int:
        """Run a statement that changes tables; return how many rows it changed.

        Raises
        ------
        WorkspaceError
            If the temporary folder is full or cannot be written.
        """
        with _told():
            return self._connection.execute(statement, values).rowcount

    def rows(self, query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a ``SELECT``, read as they are asked for.

        Raises
        ------
        WorkspaceError
            If the temporary folder is full or cannot be written, where the rows must be sorted.
        """
        with _told():
            yield from self._connection.execute(query, values)

    def first(self, query: str, *values: Any) -> tuple[Any, ...] | None:
        """Return the first row of a ``SELECT``, None if there is none."""
        with _told():
            return self._connection.execute(query, values).fetchone()


@contextmanager
def _told() -> Iterator[None]:
    """Say in a person's words what keeps a spool from growing."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in _NO_ROOM:
            raise
        message = (
            f"the temporary folder cannot hold this work ({error}); make room there, or name another folder in the "
            "environment variable SQLITE_TMPDIR and run again"
        )
        raise WorkspaceError(message) from error
