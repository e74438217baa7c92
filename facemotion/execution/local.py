"""Tasks in processes of this machine; with one worker, or one task, in this process.

Processes are spawned, not forked: forking a process that has started threads (OpenCV, onnxruntime, torch) can hang.
A script that calls this at its top level therefore needs the usual ``if __name__ == "__main__":``.

Each worker holds one end of a pipe whose other end is in this process alone. When that is closed, because the work was
broken off or because this process is gone, however it ended, the worker ends at once: one that lived on would
overwrite what a later run makes.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.synchronize import Semaphore
from pathlib import Path
from typing import TypeVar

from facemotion.errors import ConfigError, EnvironmentProblem
from facemotion.execution import Tasks

__all__ = ["processors", "run"]

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 4
"""Tasks under way per worker, at most: one at work, and others that wait for it or for an earlier one."""
DIED = "a worker process died (killed, or out of memory); run it again, with fewer --workers if it recurs"
NONE_BEGAN = (
    "no worker process came as far as its first task, see above; a script that starts workers does so under "
    '`if __name__ == "__main__":`, as each of them imports it, or asks for workers=1'
)


def run(function: Callable[[T], R], tasks: Tasks[T], *, workers: int, paths: Sequence[Path] = ()) -> Iterator[R]:
    """Yield ``function(task)`` for each task, in order; see `facemotion.execution`.

    Parameters
    ----------
    function : callable
        Importable by name where `workers` is more than 1.
    tasks : Tasks
        What it is called with.
    workers : int
        Processes, at most.
    paths : sequence of Path
        What all processes must see; those of this machine see what the caller sees.

    Raises
    ------
    ConfigError
        If `workers` is less than 1.
    EnvironmentProblem
        If a worker dies (killed, or out of memory), or none can be started.
    """
    if workers < 1:
        raise ConfigError(f"workers is {workers}; at least 1 is needed")
    return map(function, tasks) if min(workers, len(tasks)) <= 1 else _spread(function, tasks, min(workers, len(tasks)))


def processors() -> int:
    """Return the processors of this machine."""
    return os.cpu_count() or 1


def _spread(function: Callable[[T], R], tasks: Tasks[T], workers: int) -> Iterator[R]:
    context = multiprocessing.get_context("spawn")
    with _told():
        theirs, ours = context.Pipe(duplex=False)
        begun = context.Semaphore(0)
        pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(theirs, begun))
    waiting: deque[Future[R]] = deque()
    try:
        for task in tasks:
            if len(waiting) == AHEAD * workers:
                yield waiting.popleft().result()
            with _told():  # a process is started with the first tasks
                waiting.append(pool.submit(function, task))
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        raise EnvironmentProblem(DIED if begun.acquire(block=False) else NONE_BEGAN) from None
    except BaseException:
        ours.close()  # what is under way is broken off
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        ours.close()
        theirs.close()


@contextmanager
def _told() -> Iterator[None]:
    """Say in a person's words that no process can be started."""
    try:
        yield
    except OSError as error:
        message = f"no further process can be started ({error.strerror}); run it again, with fewer --workers"
        raise EnvironmentProblem(message) from error


def _begin(theirs: Connection, begun: Semaphore) -> None:
    """Make a worker end with its parent, leave Ctrl-C to it, and keep OpenCV, once imported, to one thread."""
    begun.release()
    threading.Thread(target=_end_with_parent, args=(theirs,), daemon=True).start()
    os.environ["OPENCV_FOR_THREADS_NUM"] = "1"  # the processes share the cores; more threads would only contend
    # The terminal sends it to every process: end without a traceback. Under nohup and the like it is ignored by all.
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _end_with_parent(theirs: Connection) -> None:
    wait([theirs])  # ready when the other end is closed: nothing is ever sent
    os._exit(1)
