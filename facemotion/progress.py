"""Progress of long work: bars on a terminal, a line now and then elsewhere, or events.

Library functions take ``progress: Progress`` and call it as ``for item in progress(items, "aligning frames", total=n)``
with a label that ends in what is counted; the default `silent` shows nothing. The command line passes `shown`, or
`Shown` with a view of its own. Loops can stand inside each other: the inner one is shown with the outer ones.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from typing import Protocol, TypeVar

from facemotion.progress_views import Bars, Lines, View, Work

__all__ = ["Lines", "Progress", "Shown", "View", "Work", "current", "shown", "silent"]

T = TypeVar("T")


class Progress(Protocol):
    """Wraps an iterable and reports how far it has come."""

    def __call__(self, items: Iterable[T], label: str, /, *, total: int | None = None) -> Iterator[T]:
        """Yield from `items`; `label` names the work and what is counted, `total` is their number if known."""
        ...


def silent(items: Iterable[T], label: str, /, *, total: int | None = None) -> Iterator[T]:
    """Yield from `items` and show nothing."""
    yield from items


class Shown:
    """A `Progress` that shows loops, also those inside each other, by a view.

    Parameters
    ----------
    view : View
        How.
    clock : callable
        Gives seconds.
    """

    def __init__(self, view: View, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._view, self._clock = view, clock
        self._works: list[Work] = []
        self._lock = threading.RLock()  # a thread may watch over other processes

    def __call__(self, items: Iterable[T], label: str, /, *, total: int | None = None) -> Iterator[T]:
        """Yield from `items`; see `Progress`."""
        if total is None and isinstance(items, Sized):
            total = len(items)
        work = Work(label, total, self._clock())
        self._begin(work)
        try:
            for item in items:
                yield item
                with self._lock:
                    work.done, work.now = work.done + 1, self._clock()
                    self._view.move(self._works[: self._works.index(work) + 1])
        finally:
            with self._lock:
                while work in self._works:  # and loops inside that were left, such as at an error
                    self._view.end(self._works)
                    self._works.pop()

    def _begin(self, work: Work) -> None:
        with self._lock:
            self._works.append(work)
            self._view.begin(self._works)

    def beside(self, label: str, total: int, done: int) -> Work:
        """Show a loop of another process inside those that go on here; return it for `move` and `leave`."""
        work = Work(label, total, self._clock(), done, begun=done, beside=True)
        self._begin(work)
        return work

    def move(self, work: Work, done: int) -> None:
        """Show how far a loop of another process has come."""
        with self._lock:
            if work in self._works and done != work.done:
                work.done, work.now = done, self._clock()
                self._view.move(self._with_last(work))

    def leave(self, work: Work) -> None:
        """Show a loop of another process no longer."""
        with self._lock:
            if work in self._works:
                self._view.end(self._with_last(work))
                self._works.remove(work)

    def _with_last(self, work: Work) -> list[Work]:
        return [*(each for each in self._works if each is not work), work]

    @property
    def busy(self) -> bool:
        """Whether a loop is going on."""
        return bool(self._works)


def shown(items: Iterable[T], label: str, /, *, total: int | None = None) -> Iterator[T]:
    """Yield from `items`; show bars on a terminal, at most a line every ten seconds elsewhere.

    Everything goes to the standard error stream, so that standard output stays parseable.
    """
    return _showing()(items, label, total=total)


def current(progress: Progress) -> Shown | None:
    """Return what shows the loops that a progress goes on with at present, if it shows any."""
    found = progress if isinstance(progress, Shown) else _showing() if progress is shown else None
    return found if found is not None and found.busy else None


_current: list[Shown] = []
"""The one that loops inside each other share."""


def _showing() -> Shown:
    if not _current or not _current[0].busy:
        _current[:] = [Shown(Bars() if sys.stderr.isatty() else Lines(_to_log))]
    return _current[0]


def _to_log(works: Sequence[Work]) -> None:
    print("; ".join(map(str, works)), file=sys.stderr, flush=True)
