"""Tasks in processes of this machine; with one worker, or one task, in this process.

Processes are spawned, not forked: forking a process that has started threads (OpenCV, onnxruntime, torch) can hang.
A script that calls this at its top level therefore needs the usual ``if __name__ == "__main__":``.
"""

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from facemotion.errors import ConfigError, EnvironmentProblem

__all__ = ["run"]

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 2
"""Tasks under way per worker: one at work, one waiting."""


def run(function: Callable[[T], R], tasks: Sequence[T], *, workers: int) -> Iterator[R]:
    """Yield ``function(task)`` for each task, in order; see `facemotion.execution`.

    Parameters
    ----------
    function : callable
        Importable by name where `workers` is more than 1.
    tasks : sequence
        What it is called with.
    workers : int
        Processes, at most.

    Raises
    ------
    ConfigError
        If `workers` is less than 1.
    EnvironmentProblem
        If a worker dies (killed, or out of memory).
    """
    if workers < 1:
        raise ConfigError(f"workers is {workers}; at least 1 is needed")
    return map(function, tasks) if min(workers, len(tasks)) <= 1 else _spread(function, tasks, min(workers, len(tasks)))


def _spread(function: Callable[[T], R], tasks: Sequence[T], workers: int) -> Iterator[R]:
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_quiet_interrupt)
    waiting: deque[Future[R]] = deque()
    try:
        for task in tasks:
            if len(waiting) == AHEAD * workers:
                yield waiting.popleft().result()
            waiting.append(pool.submit(function, task))
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        message = "a worker process died (killed, or out of memory); run it again, with fewer --workers if it recurs"
        raise EnvironmentProblem(message) from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _quiet_interrupt() -> None:
    """Let Ctrl-C, which the terminal sends to every process, end a worker without a traceback of its own."""
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:  # under nohup and the like it is ignored by all
        signal.signal(signal.SIGINT, signal.SIG_DFL)
