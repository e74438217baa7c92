"""Options that several commands share, and the context that they make."""

import functools
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import rich_click as click
from click import get_current_context
from click.core import ParameterSource

from facemotion import datasets, execution, progress
from facemotion.pipeline import Context
from facemotion.workspace import Workspace
from facemotion_cli.fields import options_from
from facemotion_cli.terminal import say

__all__ = [
    "cell_options",
    "context_options",
    "dataset_option",
    "executor_options",
    "links_option",
    "numbers",
    "place_options",
    "root_option",
    "selection_options",
]

PATH = click.Path(path_type=Path)


def context_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--work``, ``--workers``, ``--force`` and ``--quiet``; pass a `Context` as the first argument."""

    @click.option("--work", type=PATH, help="Workspace [default: $FACEMOTION_WORK or ./facemotion-work].")
    @click.option(
        "--workers", type=click.IntRange(min=1), default=os.cpu_count() or 1, show_default=True, help="Processes."
    )
    @click.option("--force", is_flag=True, help="Do it again even if it is up to date.")
    @click.option("--quiet", is_flag=True, help="Print results only, no progress.")
    @functools.wraps(function)
    def wrapped(*args: Any, work: Path | None, workers: int, force: bool, quiet: bool, **kwargs: Any) -> Any:
        context = Context(
            workspace=Workspace(work),
            workers=workers,
            force=force,
            progress=progress.silent if quiet else progress.shown,
            say=say,
        )
        return function(context, *args, **kwargs)

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
    return click.option(*(names or ("--dataset",)), "dataset", required=True, metavar="NAME", help=text)


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


def numbers(values: tuple[str, ...]) -> list[int] | None:
    """Return whole numbers from options such as ``--folds 0,1 --folds 3``; None if there are none."""
    parts = [part for value in values for part in value.split(",") if part.strip()]
    try:
        return [int(part) for part in parts] or None
    except ValueError:
        raise click.BadParameter(f"{','.join(values)!r}: expected whole numbers such as 0,1,2") from None
