"""``facemotion explain``."""

from pathlib import Path
from typing import Any

import rich_click as click

from facemotion import pipeline
from facemotion_cli import completion, endings
from facemotion_cli.options import cell_options, root_option, stage_options

__all__ = ["command"]


@click.command("explain")
@click.argument("run", metavar="RUN", shell_complete=completion.runs)
@cell_options
@click.option("--stage", type=click.IntRange(1, 5), help="Of the classifier.  [default: model.guided_stage of the run]")
@click.option(
    "--method",
    type=click.Choice(["mean", "gradient"]),
    default="mean",
    show_default=True,
    help="The mean over the stage's channels, or weighted by the answer's gradients (Grad-CAM).",
)
@click.option(
    "--faces", type=click.IntRange(min=1), default=5, show_default=True, help="Test faces of each class to look at."
)
@click.option(
    "--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True, help="Where to compute."
)
@root_option
@stage_options
def command(context: pipeline.Context, run: str, root: Path | None, **given: Any) -> None:
    """Say where a run's network looks at its test faces, and how well that agrees with the prior.

    RUN is a training run, by its name in WORK/runs or its folder. Writes explained.json and explained.png beside the
    training's weights: the cosine between attention and prior by class, and the probability of the right answer while
    the pixels that are looked at most are taken away (deletion) or given back to a blurred face (insertion). The closer
    the attention is to what counts, the faster the one falls and the other rises.
    """
    content = pipeline.explain(context, pipeline.ExplainRequest(run=run, root=root, **given))
    if not endings.planned(context):
        endings.explained(context, run, content)
