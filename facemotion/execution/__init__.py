"""Executors, one file each: run one function over many tasks, somewhere.

An executor is a module of this package with ``processors()``, how many it can use, and
``run(function, tasks, *, workers, paths=()) -> iterator``. The contract:

- `function` is importable by name and tasks and results can be pickled; it may be called in any process, in any order,
  and must not depend on which.
- Results come in the order of the tasks, each as soon as it and all before it are done. Only a few tasks per worker are
  under way at once, so that memory does not grow with their number.
- An exception in `function` is raised in the caller; tasks not yet begun are dropped then, and those under way are
  broken off, as on an interrupt or when the caller takes no further result.
- A worker that dies is an `EnvironmentProblem`, at the latest when its task has been tried again in vain.
- `paths` are the files and folders that tasks read and write: if a machine that is to run tasks does not see one of
  them, that is an `EnvironmentProblem` with the machine's name, before the first task.
- No worker outlives the process that called `run`, however that one ends: it would go on writing.

Adding an executor is adding a file.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from facemotion.errors import ConfigError

__all__ = ["Executor", "Tasks", "executors", "load"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
R = TypeVar("R")


class Tasks(Protocol[T_co]):
    """How many tasks there are, and one after the other: they need not lie in memory all at once."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[T_co]: ...


class Executor(Protocol):
    """A module that can run tasks."""

    def processors(self) -> int:
        """Return how many tasks can be run at a time."""
        ...

    def run(
        self, function: Callable[[T], R], tasks: Tasks[T], *, workers: int, paths: Sequence[Path] = ()
    ) -> Iterator[R]:
        """Yield ``function(task)`` for each task, in order."""
        ...


def executors() -> list[str]:
    """Return the names of all executors, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


def load(name: str = "local") -> Executor:
    """Import an executor.

    Raises
    ------
    ConfigError
        If there is none of that name.
    """
    if name not in executors():
        raise ConfigError(f"unknown executor {name!r}: expected one of {', '.join(executors())}")
    return importlib.import_module(f"{__name__}.{name}")  # type: ignore[return-value]
