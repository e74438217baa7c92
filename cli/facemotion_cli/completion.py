"""What the shell completes: names of datasets, of presets, of runs and of variants."""

from collections.abc import Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

__all__ = ["datasets", "presets", "runs", "variants"]


def _of(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def datasets(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the datasets."""
    from facemotion import datasets as registry

    return _of(registry.names(), incomplete)


def presets(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the presets, and the TOML files."""
    from facemotion.training.settings import presets as known

    return [*_of(known(), incomplete), CompletionItem(incomplete, type="file")]


def variants(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the variants of the model."""
    from facemotion.models import variants as registry

    return _of(registry.names(), incomplete)


def runs(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the runs of the workspace, and files and folders."""
    from facemotion.runs import Run
    from facemotion.workspace import Workspace

    work = context.params.get("work")
    names = [run.name for run in Run.all(Workspace(work if isinstance(work, (str, Path)) else None))]
    return [*_of(names, incomplete), CompletionItem(incomplete, type="file")]
