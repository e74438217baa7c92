"""Spreads the rendering of subjects over processes."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

import cv2

__all__ = ["in_processes"]

Task = TypeVar("Task")
Result = TypeVar("Result")


def in_processes(make: Callable[[Task], Result], tasks: Sequence[Task], workers: int) -> Iterator[Result]:
    """Yield ``make(task)`` for every task, in the order of the tasks.

    Parameters
    ----------
    make : callable
        A function of a module, which a new process can import.
    tasks : sequence
        What it is called with.
    workers : int
        Processes; with 1 everything is done in this one.
    """
    if workers == 1 or len(tasks) == 1:
        yield from map(make, tasks)
        return
    with ProcessPoolExecutor(min(workers, len(tasks)), mp_context=get_context("spawn"), initializer=_quiet) as pool:
        futures = [pool.submit(make, task) for task in tasks]
        try:
            for future in futures:
                yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _quiet() -> None:
    cv2.setNumThreads(1)  # one process a core; more threads would only contend
