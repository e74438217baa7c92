import os
import subprocess
import sys
from pathlib import Path

import pytest

from facemotion.errors import EnvironmentProblem
from facemotion.execution import local


def process(number: int) -> int:
    return os.getpid()


def opencv_threads(number: int) -> int:
    import cv2

    return cv2.getNumThreads()


def test_one_worker_or_one_task_stays_in_this_process() -> None:
    assert set(local.run(process, [1, 2], workers=1)) == {os.getpid()}
    assert set(local.run(process, [1], workers=4)) == {os.getpid()}


def test_a_worker_has_one_thread_for_pictures() -> None:
    assert set(local.run(opencv_threads, [1, 2], workers=2)) == {1}


def test_errors_that_only_a_worker_can_raise_reach_the_caller() -> None:
    with pytest.raises(ValueError, match="could not convert"):
        list(local.run(float, ["2", "x", "3"], workers=2))


def test_processes_that_cannot_be_started_are_a_sentence() -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    told = 0
    for spare in range(0, 24, 3):
        resource.setrlimit(resource.RLIMIT_NOFILE, (free + spare, before[1]))
        try:
            assert list(local.run(abs, [-1, -2, -3], workers=2)) == [1, 2, 3]
        except EnvironmentProblem as error:
            told += "no further process can be started (Too many open files)" in str(error)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert told


def test_a_script_that_starts_workers_when_it_is_imported_is_told_so(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("from facemotion.execution import local\nprint(list(local.run(abs, [-1, -2], workers=2)))\n")
    ended = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert 'does so under `if __name__ == "__main__":`' in ended.stderr.splitlines()[-1]


def test_a_worker_that_died_at_work_is_named() -> None:
    with pytest.raises(EnvironmentProblem, match=r"a worker process died \(killed, or out of memory\)"):
        list(local.run(os._exit, [1, 1], workers=2))
