"""Folders that cannot be held, what killed processes left in them, and Ctrl-C at any moment: one sentence each."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import filelock
import pytest

from facemotion import leftovers
from facemotion.errors import WorkspaceError
from facemotion.workspace import Workspace, atomic_path, held, is_held

NOBODY = 999_999_999
"""No process has this number."""


def sentence(printed: str) -> str:
    return " ".join(printed.replace("│", " ").split())


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_file_system_without_locks(run, rendered, monkeypatch, number):
    fcntl = pytest.importorskip("fcntl")

    def flock(descriptor, operation):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    if number == errno.ENOSYS:  # newer versions of filelock then use a file alone, older ones refuse
        monkeypatch.setattr(filelock.FileLock, "_acquire", lambda self: flock(0, 0))
    output = sentence(run("ingest", "--dataset", "ckplus", "--root", rendered, fails=True).output)
    assert "ckplus has no locks, so two commands could write there at once; choose a --work on another one" in output
    assert not Path("facemotion-work/ckplus/manifest.parquet").exists()


def test_a_lock_file_of_somebody_else(run, rendered, monkeypatch):
    place = Path("facemotion-work/ckplus/.lock")
    place.parent.mkdir(parents=True)
    place.touch()
    place.chmod(0)
    if os.access(place, os.R_OK):  # the superuser may open everything

        def _acquire(self):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))

        monkeypatch.setattr(filelock.FileLock, "_acquire", _acquire)
    output = sentence(run("ingest", "--dataset", "ckplus", "--root", rendered, fails=True).output)
    assert f"{place} cannot be opened (Permission denied): another user made it; let them give you the right" in output


def test_a_folder_that_is_held(tmp_path):
    assert not is_held(tmp_path)
    lock = filelock.FileLock(tmp_path / ".lock")
    with lock, pytest.raises(WorkspaceError, match="another facemotion process is working on"), held(tmp_path):
        pass
    lock.acquire()
    assert is_held(tmp_path)
    lock.release()
    assert not is_held(tmp_path)


def test_what_a_killed_process_left_is_removed_by_who_holds_the_folder_next(tmp_path):
    left = tmp_path / f".frames.{NOBODY}.tmp"
    left.mkdir()
    (left / "a.png").touch()
    others = [tmp_path / f".a.b.{NOBODY}.tmp.json", tmp_path / ".hidden.json", tmp_path / ".x.tmp.json"]
    for path in others:
        path.touch()
    with atomic_path(tmp_path / "mine.json") as mine:
        mine.touch()
        assert sorted(leftovers.leftovers(tmp_path)) == [others[0], left]
        with held(tmp_path):
            assert mine.exists()
        assert sorted(path.name for path in tmp_path.glob(".*")) == sorted(
            [".hidden.json", ".lock", ".x.tmp.json", mine.name]
        )


def test_of_a_folder_that_nobody_holds_only_the_artefact_s_own_are_removed(tmp_path):
    own, other = tmp_path / f".a.{NOBODY}.tmp.npz", tmp_path / f".b.{NOBODY}.tmp.npz"
    for path in (own, other):
        path.touch()
    leftovers.sweep(tmp_path, of=tmp_path / "a.npz")
    assert (own.exists(), other.exists()) == (False, True)


def test_trying_whether_a_workspace_can_be_written_leaves_nothing(tmp_path):
    Workspace(tmp_path / "work").check_writable()
    assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="sends the signal that a terminal sends")
@pytest.mark.parametrize(
    ("arguments", "module"),
    [
        (["doctor"], "click"),
        (["train", "--priors", "none.npz"], "numpy"),
        (["report"], "pandas"),
        (["align", "--dataset", "demo"], "facemotion.config"),
    ],
)
def test_ctrl_c_while_modules_are_imported_is_a_sentence(arguments, module):
    command = [sys.executable, "-X", "importtime", "-m", "facemotion_cli.start", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert any(line.split("|")[-1].strip() == module for line in process.stdout)  # many are left to import
        process.send_signal(signal.SIGINT)
        output = process.stdout.read()
    assert process.returncode in (130, -signal.SIGINT)
    assert "Traceback" not in output
    assert "stopped; run the same command again" in output
