"""Tables that need not lie in memory: what was put in comes out, and a full disk is told."""

import sqlite3
import subprocess
import sys

import pytest

from facemotion.errors import WorkspaceError
from facemotion.spool import KEPT_BYTES, Spool

LONG = "x" * 1000


def numbered(count: int) -> Spool:
    spool = Spool("CREATE TABLE t (number INTEGER, text TEXT)")
    spool.fill("INSERT INTO t VALUES (?, ?)", ((number * 7919 % count, LONG) for number in range(count)))
    return spool


def test_more_than_it_keeps_comes_out_sorted():
    count = 3 * KEPT_BYTES // len(LONG)
    found = numbered(count).rows("SELECT number, text FROM t ORDER BY number")
    assert all(row == (place, LONG) for place, row in enumerate(found))


def test_rows_can_be_read_while_others_are_put_in():
    spool = numbered(1000)
    spool.change("CREATE TABLE twice (number INTEGER)")
    spool.fill("INSERT INTO twice VALUES (?)", ((2 * number,) for (number,) in spool.rows("SELECT number FROM t")))
    assert spool.first("SELECT SUM(number) FROM twice") == (999 * 1000,)


def test_a_change_tells_how_many_rows_it_changed():
    assert numbered(10).change("DELETE FROM t WHERE number < ?", 3) == 3


def test_the_first_row_of_none_is_none():
    assert numbered(10).first("SELECT number FROM t WHERE number > ?", 10) is None


def test_nan_is_null():
    spool = Spool("CREATE TABLE t (value REAL)")
    spool.fill("INSERT INTO t VALUES (?)", [(float("nan"),), (1.5,)])
    assert list(spool.rows("SELECT value IS NULL FROM t")) == [(1,), (0,)]


@pytest.mark.skipif(sys.platform == "win32", reason="it has no limit of a file's length")
def test_a_full_disk_is_told_in_words():
    program = (
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"  # no file may be longer
        "from facemotion.spool import Spool\n"
        "spool = Spool('CREATE TABLE t (text TEXT)')\n"
        "spool.fill('INSERT INTO t VALUES (?)', (('x' * 1000,) for _ in range(20_000)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert "WorkspaceError: the temporary folder cannot hold this work (" in done.stderr
    assert "make room there, or name another folder in the environment variable SQLITE_TMPDIR" in done.stderr


def test_a_temporary_folder_that_is_none_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path / "none"))
    with pytest.raises(WorkspaceError, match=r"SQLITE_TMPDIR names .*none, which is no folder; make it"):
        numbered(1)


def test_a_wrong_statement_is_not_taken_for_a_full_disk():
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        Spool().change("DELETE FROM t")
