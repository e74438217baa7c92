"""Options that several commands share, and the context that they make."""

import functools
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import rich_click as click
from click import get_current_context
from click.core import ParameterSource

from facemotion import datasets, execution, progress
from facemotion.pipeline import Context
from facemotion.progress import Progress, Work
from facemotion.workspace import Workspace
from facemotion_cli import completion
from facemotion_cli.fields import options_from
from facemotion_cli.terminal import as_events, emit, note, say

__all__ = [
    "cell_options",
    "context_options",
    "dataset_option",
    "dry_option",
    "executor_options",
    "links_option",
    "make_context",
    "numbers",
    "old_spelling",
    "place_options",
    "root_option",
    "selection_options",
    "size",
    "stage_options",
    "work_option",
]

PATH = click.Path(path_type=Path)

work_option = click.option("--work", type=PATH, help="Workspace [default: $FACEMOTION_WORK or ./facemotion-work].")
"""Adds ``--work`` to a command that needs nothing else of a context."""


def make_context(work: Path | None, *, quiet: bool = False, **more: Any) -> Context:
    """Return the context of a command, which says and shows as the command line does."""
    shown = progress.silent if quiet else _events() if as_events() else progress.shown
    return Context(workspace=Workspace(work), progress=shown, say=say, **more)


def _events() -> Progress:
    """Return a progress of events, at most one a second."""
    return progress.Shown(progress.Lines(_emit_progress, every=1.0))


def _emit_progress(works: Sequence[Work]) -> None:
    *around, work = works
    known = {"label": work.label, "done": work.done, "total": work.total, "seconds": round(work.seconds, 3)}
    rates = {"rate": work.rate, "seconds_left": work.left}
    within = [{"label": each.label, "done": each.done, "total": each.total} for each in around if not each.beside]
    emit("progress", **known, **rates, within=within)


def context_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--work``, ``--workers``, ``--force`` and ``--quiet``; pass a `Context` as the first argument."""

    @work_option
    @click.option(
        "--workers", type=click.IntRange(min=1), default=os.cpu_count() or 1, show_default=True, help="Processes."
    )
    @click.option("--force", is_flag=True, help="Do it again even if it is up to date.")
    @click.option("--quiet", is_flag=True, help="Print results only, no progress.")
    @functools.wraps(function)
    def wrapped(
        *args: Any, work: Path | None, workers: int, force: bool, quiet: bool, dry_run: bool = False, **kwargs: Any
    ) -> Any:
        context = make_context(work, quiet=quiet, workers=workers, force=force, dry=dry_run)
        return function(context, *args, **kwargs)

    return wrapped


def stage_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what `context_options` adds, and ``--dry-run``."""
    text = "Say which stages would run and why; write nothing."
    return click.option("--dry-run", is_flag=True, help=text)(context_options(function))


def dry_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--dry-run`` to a command that is no stage; pass a `Context` of its ``--work`` as the first argument."""

    @click.option("--dry-run", is_flag=True, help="Say what would be written and why; write nothing.")
    @functools.wraps(function)
    def wrapped(*args: Any, dry_run: bool, **kwargs: Any) -> Any:
        return function(make_context(kwargs.pop("work", None), dry=dry_run), *args, **kwargs)

    return wrapped


def executor_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--executor`` and ``--ray-address`` below `context_options`; the context then says what runs the tasks."""

    @click.option("--executor", type=click.Choice(execution.executors()), help="What runs the tasks.  [default: local]")
    @click.option("--ray-address", metavar="ADDRESS", help="A Ray cluster to use: auto, HOST:PORT or ray://HOST:PORT.")
    @functools.wraps(function)
    def wrapped(context: Context, *args: Any, executor: str | None, ray_address: str | None, **kwargs: Any) -> Any:
        if ray_address and executor not in (None, "ray"):
            raise click.UsageError(f"--ray-address is for --executor ray, not {executor}")
        if ray_address:
            os.environ["RAY_ADDRESS"] = ray_address
        chosen = executor or ("ray" if ray_address else "local")
        source = get_current_context().get_parameter_source("workers")
        if chosen != "local" and source is ParameterSource.DEFAULT:
            context = replace(context, workers=execution.load(chosen).processors())
        return function(replace(context, executor=chosen), *args, **kwargs)

    return wrapped


def dataset_option(*names: str, help: str = "") -> Any:
    """Return the ``--dataset`` option, under the given names, required; its help lists the datasets unless given."""
    text = help or f"Dataset: {', '.join(datasets.names()[:-1])} or {datasets.names()[-1]}."
    spellings = (*(names or ("--dataset",)), "dataset")
    return click.option(*spellings, required=True, metavar="NAME", help=text, shell_complete=completion.datasets)


def selection_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options by which datasets are selected from; pass those given as the mapping ``options``."""
    return options_from({name: datasets.load(name).options for name in datasets.names()}, "options")(function)


def cell_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--variant``, ``--fold`` and ``--seed``, which choose one training of a run."""
    for option in reversed(
        (
            click.option("--variant", metavar="NAME", help="Of the run's trainings, this variant."),
            click.option("--fold", type=int, metavar="K", help="Likewise, this fold."),
            click.option("--seed", type=int, metavar="S", help="Likewise, this seed."),
        )
    ):
        function = option(function)
    return function


def root_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--root``."""
    text = "The dataset as downloaded [default: $FACEMOTION_<NAME>_ROOT, or roots in facemotion.toml]."
    return click.option("--root", type=PATH, help=text)(function)


def links_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--follow-links``, which belongs to the context; it goes below `context_options`."""

    @click.option(
        "--follow-links/--no-follow-links",
        default=None,
        help="Follow links to files outside the folder.  [default: as last time, at first not]",
    )
    @functools.wraps(function)
    def wrapped(context: Context, *args: Any, follow_links: bool | None, **kwargs: Any) -> Any:
        return function(replace(context, follow_links=follow_links), *args, **kwargs)

    return wrapped


def place_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--selection`` and ``--alignment``, which choose one where a dataset has several."""
    for option in reversed(
        (
            click.option("--selection", metavar="NAME", help="Of several selections of the dataset, this one."),
            click.option("--alignment", metavar="NAME", help="Of several alignments of it, this one."),
        )
    ):
        function = option(function)
    return function


def old_spelling(old: str, new: str, into: str, **kind: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator by which an option's old spelling goes on working, with a note.

    Parameters
    ----------
    old, new : str
        The spellings, such as ``--folds`` and ``--fold``.
    into : str
        The keyword argument of the new option, which takes the old one's value.
    **kind
        Click's settings of the option.
    """
    parameter = f"old_{into}"

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def taking(*args: Any, **kwargs: Any) -> Any:
            if value := kwargs.pop(parameter):
                if kwargs[into]:
                    raise click.UsageError(f"{old} is the old spelling of {new}: give one of them")
                note(f"{old} is called {new} now; the old spelling goes on working")
                kwargs[into] = value
            return function(*args, **kwargs)

        return click.option(old, parameter, hidden=True, **kind)(taking)

    return decorate


def numbers(values: tuple[str, ...]) -> list[int] | None:
    """Return whole numbers from options such as ``--fold 0,1 --fold 3``; None if there are none."""
    parts = [part for value in values for part in value.split(",") if part.strip()]
    try:
        return [int(part) for part in parts] or None
    except ValueError:
        raise click.BadParameter(f"{','.join(values)!r}: expected whole numbers such as 0,1,2") from None


def size(text: str | None, option: str) -> tuple[int, int] | None:
    """Return (height, width) from ``320x245``, which is width x height, as sizes are written everywhere."""
    if text is None:
        return None
    width, cross, height = text.lower().partition("x")
    if not cross or not width.isdigit() or not height.isdigit():
        raise click.BadParameter(f"{option} {text}: expected width x height, such as 320x245")
    return int(height), int(width)
