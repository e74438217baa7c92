"""Options that several commands share, and the context that they make."""

import functools
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rich_click as click

from facemotion import progress
from facemotion.pipeline import Context
from facemotion.workspace import Workspace

__all__ = [
    "cell_options",
    "context_options",
    "dataset_option",
    "numbers",
    "place_options",
    "root_option",
    "selection_options",
]

PATH = click.Path(path_type=Path)
_PARTS = re.compile(r'\s*(?:"(?:[^"]|"")*"[^,]*|[^,\s][^,]*)')
"""What stands between commas that are in no quotes."""
_PAIR = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^"\s].*?))\s*=\s*([^=]*[^=\s])\s*')


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
            say=click.echo,
        )
        return function(context, *args, **kwargs)

    return wrapped


def dataset_option(*names: str, help: str = "Dataset: ckplus, mmi, oulu-casia, affectnet, folder or demo.") -> Any:
    """Return the ``--dataset`` option, under the given names, required."""
    return click.option(*(names or ("--dataset",)), "dataset", required=True, metavar="NAME", help=help)


def selection_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options by which datasets are selected from; pass those given as the mapping ``options``."""

    @click.option("--label-space", metavar="NAME", help="affectnet, folder: basic7 (the paper's), affectnet7, ...")
    @click.option("--protocol", metavar="NAME", help="affectnet: paper or official.  [default: paper]")
    @click.option("--faces", type=int, metavar="N", help="affectnet: faces that the paper's protocol draws in all.")
    @click.option("--draw-seed", type=int, metavar="N", help="affectnet: seed of the draw.  [default: 0]")
    @click.option("--ids", nargs=2, type=PATH, metavar="TRAIN TEST", help="affectnet: lists of 0689_<hash>.jpg.")
    @click.option("--camera", metavar="NAME", help="oulu-casia: VL or NI.  [default: VL]")
    @click.option("--light", metavar="NAME", help="oulu-casia: Strong, Weak or Dark.  [default: Strong]")
    @click.option("--labels", type=PATH, metavar="CSV", help="mmi: sequence and expression, for extracted frames.")
    @click.option("--sides", type=PATH, metavar="CSV", help="mmi: name and side (left, right) of dual-view clips.")
    @click.option(
        "--label-map", multiple=True, metavar="FOLDER=NAME", help="folder: what a class folder shows; - leaves it out."
    )
    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        names = ("label_space", "protocol", "faces", "ids", "camera", "light", "labels", "sides", "label_map")
        found = {field: kwargs.pop(option) for option, field in {**{n: n for n in names}, "draw_seed": "seed"}.items()}
        found["label_map"] = _pairs(found["label_map"])
        options = {field: value for field, value in found.items() if value is not None}
        for name in {"ids", "labels", "sides"} & set(options):
            value = options[name]
            options[name] = str(value) if isinstance(value, Path) else [str(path) for path in value]
        return function(*args, options=options, **kwargs)

    return wrapped


def _pairs(values: tuple[str, ...]) -> dict[str, str] | None:
    """Return a mapping from options such as ``--label-map 0=anger,1=fear --label-map 2=-``; None if there are none.

    A folder whose name has commas, quotes or outer blanks stands in double quotes: ``"happy, joyful"=happy``.
    """
    found: dict[str, str] = {}
    for part in (part for value in values for part in _PARTS.findall(value)):
        pair = _PAIR.fullmatch(part)
        if not pair:
            message = (
                f"{part.strip()!r}: expected FOLDER=EXPRESSION, such as 0=anger; a FOLDER with a comma in its name "
                "stands in double quotes, such as '\"a, b\"=anger'"
            )
            raise click.BadParameter(message, param_hint="--label-map")
        inner, plain, name = pair.groups()
        folder = plain if inner is None else inner.replace('""', '"')
        if found.setdefault(folder, name) != name:
            message = f"folder {folder!r} is both {found[folder]} and {name}"
            raise click.BadParameter(message, param_hint="--label-map")
    return found or None


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
