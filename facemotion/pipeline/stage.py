"""What a stage is, and the one function that brings a stage up to date.

A stage knows what it needs, what it reads (as digests, from headers), what it writes, the model of its settings, its
own version, and how its artefact is made. Nobody else compares headers.

A stage that the user named runs with the settings given. One that is only needed runs with `AS_LAST`: the settings that
its artefact was made with, or the defaults where there is none.
"""

import abc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, ClassVar, Final

from facemotion import leftovers, tables
from facemotion.config import Settings, make
from facemotion.errors import ConfigError, ManifestError
from facemotion.pipeline.context import Context
from facemotion.provenance import difference, header_of, provenance

__all__ = ["AS_LAST", "AsLast", "Stage", "bring", "outdated"]


class AsLast(Enum):
    """The type of `AS_LAST`."""

    AS_LAST = "as last time"


AS_LAST: Final = AsLast.AS_LAST
"""In place of settings: those that the artefact was made with, or the defaults."""


@dataclass(frozen=True)
class Stage(abc.ABC):
    """One stage of the pipeline at one place; see the module.

    A subclass is a frozen dataclass whose fields say which artefact it is about.
    """

    name: ClassVar[str]
    """In headers and messages."""
    version: ClassVar[int] = 1
    """Grows when the stage makes something else of the same settings and inputs."""
    model: ClassVar[type[Settings]]
    """Of its settings."""

    @property
    @abc.abstractmethod
    def path(self) -> Path:
        """The artefact whose header says what the stage was made from; it is written last."""

    @property
    @abc.abstractmethod
    def title(self) -> str:
        """What it is about, in messages: ``ckplus``, or ``ckplus, alignment NAME``."""

    @property
    def written(self) -> tuple[Path, ...]:
        """Other artefacts that must be there."""
        return ()

    @property
    def locked(self) -> Path:
        """The folder that is held while the stage is made."""
        return self.path.parent

    def needs(self, context: Context) -> "Sequence[Stage]":
        """Return the stages before it, which are brought up to date first."""
        return ()

    @abc.abstractmethod
    def inputs(self, context: Context) -> Mapping[str, str] | None:
        """Return digests of what it reads, by name; None if that cannot be told and what is there is taken as it is."""

    @abc.abstractmethod
    def make(self, context: Context, settings: Any, header: dict[str, Any]) -> None:
        """Make and write its artefacts, `path` with `header` last, and say what came out."""

    def header(self) -> dict[str, Any]:
        """Return the header of what is there; empty if there is nothing."""
        return header_of(self.path)

    def amiss(self, context: Context) -> str:
        """Say what is amiss with artefacts whose header is as it should be; empty if nothing is."""
        return next((f"{path.name} is not there" for path in self.written if not path.exists()), "")

    def settled(self) -> None:
        """Take note that the stage is up to date; most have nothing to note."""
        return

    def as_last(self, found: Mapping[str, Any]) -> Settings:
        """Return the settings in a header, or the defaults where there is none.

        Raises
        ------
        ConfigError
            If they cannot be read: another version of facemotion wrote them.
        """
        kept = found.get("settings") or {}
        try:
            return make(self.model, kept, where=self.name)
        except ConfigError as error:
            message = f"{self.path} was made with settings that this version cannot read ({error})"
            raise ConfigError(f"{message}; run `facemotion {self.name}` again with those that you want") from error

    def seed(self, settings: Any) -> int | None:
        """Return the seed of what it draws; None if it draws nothing."""
        return getattr(settings, "seed", None)


def bring(context: Context, stage: Stage, settings: Settings | AsLast = AS_LAST) -> dict[str, Any]:
    """Bring a stage up to date, after the stages that it needs; return its header.

    Parameters
    ----------
    context : Context
        The command. With `force` a named stage is made in any case; with `dry` none is, and `Context.plan` is told
        which would be.
    stage : Stage
        What to bring up to date.
    settings : Settings
        What it should be made with; `AS_LAST` for a stage that is only needed.

    Raises
    ------
    FacemotionError
        If it cannot be made. What is there is then still whole.
    """
    named = settings is not AS_LAST
    seen = (stage.name, stage.path)
    if not named and seen in context.memory.current:
        return stage.header()
    needs = stage.needs(context)
    for need in needs:
        bring(context.needed(), need)
    if context.dry and (before := _planned(context, needs)):
        context.plan(stage.title, stage.name, f"{before} would run before it", stage.path)
        return stage.header()
    found = stage.header()
    edited = not found and stage.path.suffix == ".parquet" and tables.is_edited(stage.path)
    if edited and not named:
        raise ManifestError(f"{stage.path} was changed after it was written; {tables.REDO}")
    chosen = stage.as_last(found) if isinstance(settings, AsLast) else settings
    wanted = _wanted(context, stage, chosen)
    if wanted is None:
        return found
    reason = difference(found, wanted, stage.model) or stage.amiss(context)
    reason = "it was changed after it was written" if edited else reason
    if context.dry:
        if reason or context.force:
            reason = reason if found or edited or not reason else "there is none yet"
            context.plan(stage.title, stage.name, reason or "--force asks for it", stage.path)
        elif named:
            context.say(f"{stage.title}: {stage.name} is up to date ({stage.path})")
        return found
    if reason or context.force:
        if (found or edited) and reason:
            context.say(f"{stage.title}: {stage.name} again, since {reason}")
        with context.workspace.lock(stage.locked):
            for path in (stage.path, *stage.written):
                leftovers.sweep(path.parent, of=path)
            stage.make(context, chosen, wanted)
        found = stage.header()
    elif named:
        context.say(f"{stage.title}: {stage.name} is up to date ({stage.path})")
    stage.settled()
    context.memory.current.add(seen)
    return found


def outdated(context: Context, stage: Stage) -> str:
    """Say why a stage would be made again with the settings that it was made with; empty if it would not.

    Nothing is made. Of a stage whose inputs cannot be told, what is there is taken as it is.

    Raises
    ------
    FacemotionError
        If its settings or inputs cannot be read.
    """
    found = stage.header()
    wanted = _wanted(context, stage, stage.as_last(found))
    return "" if wanted is None else difference(found, wanted, stage.model) or stage.amiss(context)


def _wanted(context: Context, stage: Stage, settings: Settings) -> dict[str, Any] | None:
    """Return the header that a stage would be made with now; None if its inputs cannot be told."""
    inputs = stage.inputs(context)
    if inputs is None:
        return None
    return provenance(stage.name, settings=settings, inputs=inputs, seed=stage.seed(settings), version=stage.version)


def _planned(context: Context, needs: Sequence[Stage]) -> str:
    """Return the names of the needed stages that would be made, with `Context.dry`."""
    return " and ".join(need.name for need in needs if (need.name, need.path) in context.memory.planned)
