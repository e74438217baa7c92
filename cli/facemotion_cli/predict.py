"""``facemotion predict``."""

from pathlib import Path
from typing import Any

import rich_click as click

from facemotion import pipeline
from facemotion_cli import completion, endings
from facemotion_cli.options import PATH, cell_options, links_option, stage_options

__all__ = ["command"]


@click.command("predict")
@click.argument("run", metavar="RUN", shell_complete=completion.runs)
@click.argument("path", type=PATH, metavar="IMAGE|VIDEO|FOLDER")
@click.option(
    "--output",
    "-o",
    type=PATH,
    default=Path("predictions"),
    show_default=True,
    help="The folder to write into, or a .json file.",
)
@click.option("--every", type=click.IntRange(min=1), default=1, show_default=True, help="Of videos, one frame in N.")
@click.option("--csv", is_flag=True, help="Write the rows of all frames as csv too.")
@click.option("--masks", is_flag=True, help="Write the masks of all faces too, as masks.npz.")
@click.option("--ensemble", is_flag=True, help="The mean of the run's folds (and seeds), instead of one training.")
@click.option("--model-pack", type=PATH, help="For models whose faces were located with insightface.")
@click.option(
    "--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True, help="Where the network computes."
)
@cell_options
@stage_options
@links_option
def command(context: pipeline.Context, **given: Any) -> None:
    """Say which expression a picture, the frames of a video or the files of a folder show, and where the model looked.

    RUN is a training run, by its name in WORK/runs or its folder, or a .onnx file of `facemotion export`, which needs
    no torch. Writes predictions.json, a row a frame, and predictions.png. A face that lies is found, and its row says
    so.
    """
    found = pipeline.predict(context, pipeline.PredictRequest(**given))
    if not endings.planned(context):
        endings.predicted(found)
