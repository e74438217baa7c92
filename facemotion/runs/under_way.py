"""How far trainings in other processes have come: each tells it in its folder, and one process shows them all.

It is told by a file, so that any executor will do: all its machines see the run's folder.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from facemotion.leftovers import temporary_of
from facemotion.progress import Progress, Work, current
from facemotion.runs.training import Training

__all__ = ["telling", "told", "watching"]

T = TypeVar("T")

EVERY = 1.0
"""Seconds between two looks, and two tellings."""
_FILE = Path("epochs.txt")


def telling(folder: Path, *, every: float = EVERY) -> Progress:
    """Return a progress that tells in a folder how many items of a loop are done; see `told`.

    What it writes is named as half-written files are (`facemotion.leftovers`), so that it is swept when a process that
    was killed begins anew. A disk that is full ends the telling, not the training.
    """

    def tell(items: Iterable[T], label: str, /, *, total: int | None = None) -> Iterator[T]:
        path, last = temporary_of(folder / _FILE), -every
        try:
            for number, item in enumerate(items):
                if time.monotonic() - last >= every:
                    last = time.monotonic()
                    with suppress(OSError):
                        folder.mkdir(parents=True, exist_ok=True)
                        path.write_text(f"{number} {total or 0}", encoding="ascii")
                yield item
        finally:
            with suppress(OSError):
                path.unlink(missing_ok=True)

    return tell


def told(folder: Path) -> tuple[int, int] | None:
    """Return how many epochs of a training are done, of how many, as its process told last; None if none tells."""
    for path in _tellings(folder):
        with suppress(OSError, ValueError):
            done, total = map(int, path.read_text(encoding="ascii").split())
            return done, total
    return None


def _tellings(folder: Path) -> list[Path]:
    return list(folder.glob(f".{_FILE.stem}.*.tmp{_FILE.suffix}"))


@contextmanager
def watching(trainings: Sequence[Training], progress: Progress, *, every: float = EVERY) -> Iterator[None]:
    """Show inside how far each training has come that other processes are at, beside the loop that goes on here.

    Parameters
    ----------
    trainings : sequence of Training
        What other processes train.
    progress : Progress
        Shows them, if it shows anything.
    every : float
        Seconds between two looks.
    """
    for training in trainings:  # of processes that were killed
        for path in _tellings(training.folder):
            with suppress(OSError):
                path.unlink(missing_ok=True)
    over = threading.Event()
    thread = threading.Thread(target=_watch, args=(trainings, progress, over, every), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _watch(trainings: Sequence[Training], progress: Progress, over: threading.Event, every: float) -> None:
    works: dict[Training, Work] = {}
    while not over.wait(every):
        board = current(progress)
        if board is None:
            continue
        for training in trainings:
            found = told(training.folder)
            if found is None:
                if training in works:
                    board.leave(works.pop(training))
            elif training in works:
                board.move(works[training], found[0])
            else:
                works[training] = board.beside(f"{training}: epochs", found[1], found[0])
