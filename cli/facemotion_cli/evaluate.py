"""``facemotion evaluate``."""

from typing import Any

import rich_click as click

from facemotion import pipeline
from facemotion_cli.options import context_options, dataset_option, place_options, root_option

__all__ = ["command"]


@click.command("evaluate")
@click.argument("run")
@dataset_option(help="The dataset to score; not the one that the run was trained on.")
@root_option
@place_options
@click.option("--device", help="cpu, cuda or another torch device.  [default: cuda if there is one, else cpu]")
@context_options
def command(context: pipeline.Context, run: str, dataset: str, **more: Any) -> None:
    """Score a run's models on another dataset, aligned in the same way.

    RUN is a name in WORK/runs, or a folder. Faces of classes that the models do not know are left out, and the
    models answer among the classes in common. Writes RUN/evaluations/DATASET: predictions.parquet, metrics.json.
    """
    pipeline.evaluate(context, run, dataset, **more)
