"""``facemotion evaluate``."""

from typing import Any

import rich_click as click

from facemotion import pipeline
from facemotion_cli import completion, endings
from facemotion_cli.options import dataset_option, place_options, root_option, stage_options

__all__ = ["command"]


@click.command("evaluate")
@click.argument("run", metavar="RUN", shell_complete=completion.runs)
@dataset_option(help="The dataset to score; not the one that the run was trained on.")
@root_option
@place_options
@click.option("--device", help="cpu, cuda or another torch device.  [default: cuda if there is one, else cpu]")
@click.option(
    "--part",
    type=click.Choice(["test", "all"]),
    default="test",
    show_default=True,
    help="Of a dataset with an official split: its test part, or every face.",
)
@stage_options
def command(context: pipeline.Context, run: str, dataset: str, **more: Any) -> None:
    """Score a run's models on another dataset, aligned in the same way; crops that cannot be aligned as they are.

    RUN is a name in WORK/runs, or a folder. Faces of classes that the models do not know are left out, and the
    models answer among the classes in common. Writes RUN/evaluations/DATASET: predictions.parquet, metrics.json.
    """
    folder = pipeline.evaluate(context, run, dataset, **more)
    if not endings.planned(context):
        endings.evaluated(folder, run)
