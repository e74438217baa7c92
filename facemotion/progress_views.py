"""How far loops have come, and views that show it: a line every so often, or bars on a terminal."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

__all__ = ["Bars", "Lines", "View", "Work"]

MANY = 10
"""Loops of more items tell no time left after the first one, which pays for all that is loaded before it."""


@dataclass(eq=False)
class Work:
    """How far a loop has come.

    Attributes
    ----------
    label : str
        The work, and what is counted.
    total : int or None
        Their number, if known.
    start : float
        When it began, in seconds of the clock.
    done : int
        How many are done.
    now : float
        When the last one was done.
    begun : int
        How many were done when it began.
    beside : bool
        Whether it is of another process, and stands beside others of its kind rather than inside them.
    """

    label: str
    total: int | None
    start: float
    done: int = 0
    now: float = 0.0
    begun: int = 0
    beside: bool = False

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return max(self.now - self.start, 0.0)

    @property
    def rate(self) -> float | None:
        """Items a second; None before the first."""
        done = self.done - self.begun
        return done / self.seconds if done and self.seconds else None

    @property
    def left(self) -> float | None:
        """Seconds that are left at this rate; None if that cannot be told.

        Nor after the first of many, which pays for all that is loaded before it.
        """
        if self.total is None or self.rate is None or (self.done == 1 and self.total > MANY):
            return None
        return (self.total - self.done) / self.rate

    def __str__(self) -> str:
        """Say it in words: ``aligning frames: 120 of 981, 31 a second, 28 s left``."""
        parts = [f"{self.done}{f' of {self.total}' if self.total else ''}"]
        if self.rate is not None:
            parts.append(f"{self.rate:.3g} a second" if self.rate >= 1 else f"{1 / self.rate:.3g} s each")
        if self.left is not None:
            parts.append(f"{_duration(self.left)} left")
        return f"{self.label}: {', '.join(parts)}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"


class View(Protocol):
    """Shows the loops that are going on, the outermost first; the last one is that which began, moved or ended."""

    def begin(self, works: Sequence[Work]) -> None:
        """Take note of a new loop."""

    def move(self, works: Sequence[Work]) -> None:
        """Take note of an item that is done."""

    def end(self, works: Sequence[Work]) -> None:
        """Take note of a loop that ends; it is still among `works`."""


class Lines:
    """A line every so often.

    Parameters
    ----------
    write : callable
        Takes the loops that are going on, when it is time for a line.
    every : float
        Seconds between lines.
    """

    def __init__(self, write: Callable[[Sequence[Work]], None], *, every: float = 10.0) -> None:
        self._write, self._every = write, every
        self._last: float | None = None

    def begin(self, works: Sequence[Work]) -> None:
        """Count from the beginning of the outermost loop."""
        if len(works) == 1:
            self._last = works[0].start

    def move(self, works: Sequence[Work]) -> None:
        """Write if it is time to."""
        now = works[-1].now
        if self._last is None or now - self._last >= self._every:
            self._last = now
            self._write(works)

    def end(self, works: Sequence[Work]) -> None:
        """Write nothing: what came out is said by others."""


class Bars:
    """Bars on a terminal, one for each loop, which vanish when the outermost ends."""

    def __init__(self) -> None:
        self._bars: Any = None
        self._tasks: dict[Work, Any] = {}

    def begin(self, works: Sequence[Work]) -> None:
        """Draw another bar."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        if self._bars is None:
            columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), TextColumn("{task.fields[words]}"))
            whole = sys.stdout.isatty()  # else results would go to the terminal, and not where they are piped to
            self._bars = Progress(
                *columns, console=Console(stderr=True), transient=True, redirect_stdout=whole, redirect_stderr=whole
            )
            self._bars.start()
        work = works[-1]
        words = f"{work.done} of {work.total}" if work.total else ""
        self._tasks[work] = self._bars.add_task(work.label, total=work.total, completed=work.done, words=words)

    def move(self, works: Sequence[Work]) -> None:
        """Move the last bar on."""
        work = works[-1]
        words = str(work).removeprefix(f"{work.label}: ")
        self._bars.update(self._tasks[work], completed=work.done, words=words)

    def end(self, works: Sequence[Work]) -> None:
        """Remove the last bar."""
        self._bars.remove_task(self._tasks.pop(works[-1]))
        if not self._tasks:
            self._bars.stop()
            self._bars = None
