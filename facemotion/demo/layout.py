"""A dataset's layout: how synthetic people are written as a tree of files, whichever dataset's.

A tree is written part by part, mostly a person each, in other processes; then what belongs to the whole is added, such
as lists and the quirks of real copies, and ``demo.json`` marks it as rendered.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import facemotion
from facemotion import execution
from facemotion.config import DemoSettings
from facemotion.errors import ConfigError
from facemotion.progress import Progress, silent
from facemotion.workspace import atomic_path, write_json

__all__ = ["NOTICE", "Layout", "Part", "Whole", "people"]

NOTICE = (
    "Synthetic faces, rendered from CC0 head data. No real person is shown. Accuracy on them says nothing about "
    "real faces, nor about CK+, MMI, Oulu-CASIA or AffectNet."
)


class Whole(NamedTuple):
    """A tree that is being written."""

    root: Path
    settings: DemoSettings
    clean: bool
    """Whether the junk and the quirks of real copies are left out."""


class Part(NamedTuple):
    """What one process writes of a tree: one person."""

    root: Path
    number: int
    """The person's, from 0."""
    settings: DemoSettings
    clean: bool = False

    @property
    def seed(self) -> int:
        """The person; see `facemotion.demo.identity.build_subject`."""
        return self.settings.seed * 1000 + self.number


def people(whole: Whole) -> list[Part]:
    """Return a part for each person."""
    return [Part(whole.root, number, whole.settings, whole.clean) for number in range(whole.settings.subjects)]


def _nothing(whole: Whole, results: list[Any]) -> None:
    return None


@dataclass(frozen=True)
class Layout:
    """One layout; calling it writes a tree, as `facemotion.ingestion.dataset.Renderer` says.

    Attributes
    ----------
    name : str
        Of the layout, in ``demo.json`` and in messages.
    write : callable
        Writes one part's files; it runs in another process. What it returns is passed to `last`.
    last : callable
        Is called with the whole and all results, in order, once all parts are there: it writes lists, and the quirks of
        real copies unless the tree is to be clean. What it returns stands in ``demo.json`` in place of the name.
    parts : callable
        Returns the parts of a whole; a person each.
    shown : str
        What the parts are, for the progress.
    most : int or None
        The people that the dataset has; no more can be rendered as it.
    """

    name: str
    write: Callable[[Any], Any]
    last: Callable[[Whole, list[Any]], Mapping[str, Any] | None] = _nothing
    parts: Callable[[Whole], Sequence[Any]] = people
    shown: str = "people"
    most: int | None = None

    def __call__(
        self,
        out: Path,
        settings: DemoSettings,
        *,
        workers: int | None = None,
        executor: str = "local",
        clean: bool = False,
        progress: Progress = silent,
        dry: bool = False,
    ) -> None:
        """Write a tree of synthetic faces; an older one is replaced once the new one is complete.

        Parameters
        ----------
        out : Path
            The root.
        settings : DemoSettings
            Subjects, frames, size, intensity, seed and the share who wear glasses, as far as the dataset has them.
        workers : int, optional
            Processes, all processors by default. The bytes do not depend on it.
        executor : str
            A module of `facemotion.execution`.
        clean : bool
            Leave out the junk and the quirks of real copies.
        progress : Progress
            Shows the work.
        dry : bool
            Only see that it can be done; nothing is written.

        Raises
        ------
        ConfigError
            For more people than the dataset has.
        """
        if self.most is not None and settings.subjects > self.most:
            raise ConfigError(
                f"{self.name} has {self.most} people, so that at most {self.most} subjects can be rendered as it"
            )
        if dry:
            return
        with atomic_path(out) as temporary:
            temporary.mkdir(parents=True)
            whole = Whole(temporary, settings, clean)
            parts = self.parts(whole)
            engine = execution.load(executor)
            done = engine.run(self.write, parts, workers=workers or engine.processors(), paths=[temporary])
            results = list(progress(done, f"rendering {self.shown}", total=len(parts)))
            content = {
                "notice": NOTICE,
                "facemotion": facemotion.__version__,
                **(self.last(whole, results) or {"layout": self.name}),
                "settings": settings.as_json(),
                "clean": clean,
            }
            write_json(temporary / "demo.json", content)
