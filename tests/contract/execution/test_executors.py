"""What every executor promises; parametrised over the files of `facemotion.execution`.

Processes are told to end by their kind of signal, and a test knows that all have ended when the pipes that they write
to, a named one and the standard output that most of them inherit, have no writer left.
"""

import importlib.util
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pytest

from facemotion import execution
from facemotion.errors import ConfigError, EnvironmentProblem
from facemotion.execution import Executor

PATIENCE = 60
"""Seconds until a process that does not end is a failure."""

BUSY = """
import os, sys, threading
from facemotion import execution

def work(number):
    if number < {quick}:
        return number
    os.write(os.open({pipe!r}, os.O_WRONLY), b"%d\\n" % os.getpid())
    threading.Event().wait()

if __name__ == "__main__":
    pipe = os.open({pipe!r}, os.O_WRONLY)
    for result in execution.load({name!r}).run(work, range(8), workers=2):
        os.write(pipe, b"result %d\\n" % result)
        if {stop}:
            sys.exit(0)
"""


NEEDS_RAY = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")


@pytest.fixture(
    params=[pytest.param(name, marks=[NEEDS_RAY] if name == "ray" else []) for name in execution.executors()]
)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def executor(name: str) -> Executor:
    return execution.load(name)


class Counted(Sequence):
    """Numbers that know how many of them were taken."""

    def __init__(self, length: int) -> None:
        self.length, self.taken = length, 0

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, place: int) -> int:  # type: ignore[override]
        if place >= self.length:
            raise IndexError(place)
        self.taken = max(self.taken, place + 1)
        return -place


def square(number: int) -> int:
    if number < 0:
        raise ConfigError(f"{number} is negative")
    return number * number


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_results_come_in_the_order_of_the_tasks(executor: Executor, workers: int) -> None:
    assert list(executor.run(abs, [-3, 1, -2], workers=workers)) == [3, 1, 2]
    assert list(executor.run(abs, [], workers=workers)) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_few_tasks_are_under_way_at_once(executor: Executor, workers: int) -> None:
    tasks = Counted(50)
    results = executor.run(abs, tasks, workers=workers)
    for number in range(10):
        assert next(results) == number
        assert tasks.taken <= number + 1 + 4 * workers
    assert [*results] == list(range(10, 50))


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_a_task_reaches_the_caller_after_the_results_before_it(executor: Executor, workers: int) -> None:
    tasks = Counted(50)
    results = executor.run(square, tasks, workers=workers)
    assert next(results) == 0
    with pytest.raises(ConfigError, match="-1 is negative"):
        next(results)
    assert tasks.taken <= 2 + 4 * workers


def test_workers_must_be_positive(executor: Executor) -> None:
    with pytest.raises(ConfigError, match="workers is 0"):
        executor.run(abs, [1], workers=0)


def test_a_worker_that_dies_is_a_sentence(executor: Executor) -> None:
    with pytest.raises(EnvironmentProblem, match=r"a worker process died .* run it again"):
        list(executor.run(os._exit, [3, 3, 3], workers=2))


def begun(name: str, tmp_path: Path, *, quick: int = 0, stop: bool = False) -> tuple[subprocess.Popen, BinaryIO]:
    """Start a script whose two workers write a line and then never end by themselves; return it and what is written."""
    script, pipe = tmp_path / "busy.py", tmp_path / "pipe"
    os.mkfifo(pipe)
    script.write_text(BUSY.format(name=name, quick=quick, stop=stop, pipe=str(pipe)))
    process = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    STARTED.append(process)
    return process, pipe.open("rb", buffering=0)


STARTED: list[subprocess.Popen] = []


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Kill what a test that failed has left."""
    yield
    while STARTED:
        STARTED.pop().kill()


def lines(written: BinaryIO, count: int) -> list[str]:
    return [written.readline().decode().strip() for _ in range(count)]


def ended(process: subprocess.Popen, written: BinaryIO) -> None:
    """Wait until nobody can write to the pipes any more: neither the process nor a worker of it."""
    try:
        process.communicate(timeout=PATIENCE)
        while select.select([written], [], [], PATIENCE)[0]:
            if not written.read(100):
                return
        pytest.fail("a worker lives on")
    except subprocess.TimeoutExpired:
        pytest.fail("a worker lives on")
    finally:
        process.kill()
        written.close()


@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_workers_end_with_the_process_that_wanted_them(name: str, tmp_path: Path, how: str) -> None:
    process, written = begun(name, tmp_path)
    workers = lines(written, 2)
    assert str(process.pid) not in workers
    process.send_signal(getattr(signal, how))  # to this process alone, not to its workers as Ctrl-C would
    ended(process, written)
    assert process.returncode != 0


def test_workers_end_while_they_are_still_starting(name: str, tmp_path: Path) -> None:
    process, written = begun(name, tmp_path, quick=1)
    lines(written, 1)  # a result, or the number of one worker: the other may not have begun
    process.kill()
    ended(process, written)


def test_workers_are_broken_off_when_no_further_result_is_taken(name: str, tmp_path: Path) -> None:
    process, written = begun(name, tmp_path, quick=1, stop=True)
    ended(process, written)
    assert process.returncode == 0


def test_what_the_tasks_need_is_seen_by_the_workers(executor: Executor, tmp_path: Path) -> None:
    assert list(executor.run(abs, [-1, -2], workers=2, paths=[tmp_path])) == [1, 2]


def test_an_executor_of_another_name_is_refused() -> None:
    assert execution.load() is execution.load("local")
    with pytest.raises(ConfigError, match="unknown executor 'slurm': expected one of local, ray"):
        execution.load("slurm")
