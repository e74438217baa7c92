"""Progress of long work: a bar on a terminal, plain lines elsewhere.

Library functions take ``progress: Progress`` and call it as ``for item in progress(items, "aligning", total=n)``;
the default `silent` shows nothing. The command line passes `shown`.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import Protocol, TypeVar

__all__ = ["Progress", "shown", "silent"]

T = TypeVar("T")


class Progress(Protocol):
    """Wraps an iterable and reports how far it has come."""

    def __call__(self, items: Iterable[T], label: str, /, *, total: int | None = None) -> Iterator[T]:
        """Yield from `items`; `label` names the work, `total` is the number of items if known."""
        ...


def silent(items: Iterable[T], label: str, /, *, total: int | None = None) -> Iterator[T]:
    """Yield from `items` and show nothing."""
    yield from items


def shown(items: Iterable[T], label: str, /, *, total: int | None = None) -> Iterator[T]:
    """Yield from `items`; show a bar on a terminal, at most a line every ten seconds elsewhere.

    Everything goes to the standard error stream, so that standard output stays parseable.
    """
    if total is None and isinstance(items, Sized):
        total = len(items)
    wrap = _bar if sys.stderr.isatty() else _lines
    yield from wrap(items, label, total)


def _bar(items: Iterable[T], label: str, total: int | None) -> Iterator[T]:
    from rich.console import Console
    from rich.progress import track

    yield from track(items, description=label, total=total, console=Console(stderr=True), transient=True)


def _lines(
    items: Iterable[T], label: str, total: int | None, clock: Callable[[], float] = time.monotonic
) -> Iterator[T]:
    start = last = clock()
    done = 0
    for item in items:
        yield item
        done += 1
        now = clock()
        if now - last >= 10:
            last = now
            print(f"{label}: {done}{f' of {total}' if total else ''} after {now - start:.0f} s", file=sys.stderr)
