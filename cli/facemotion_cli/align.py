"""``facemotion align``."""

from dataclasses import replace
from typing import Any

import rich_click as click

from facemotion import landmarks, pipeline
from facemotion.landmarks.settings import DEFAULT, FOR_CROPS
from facemotion_cli import endings
from facemotion_cli.fields import options_from
from facemotion_cli.options import (
    dataset_option,
    executor_options,
    links_option,
    root_option,
    selection_options,
    stage_options,
)

__all__ = ["command"]

SOURCES = {name: landmarks.settings_model(name) for name in landmarks.sources()}


@click.command("align")
@dataset_option()
@root_option
@click.option(
    "--landmarks",
    "source",
    metavar="SOURCE",
    help=f"{', '.join(SOURCES)}.  [default: {DEFAULT}, {FOR_CROPS} for datasets of crops]",
)
@options_from(SOURCES, "located", leave_out=("source",))
@click.option("--fit", metavar="POINTS", help="five-points or eyes-nose.  [default: five-points]")
@click.option("--crop-centre", metavar="WHERE", help="nose or template.  [default: nose]")
@click.option("--decode", metavar="HOW", help="Large JPEG pictures: reduced or full.  [default: reduced]")
@click.option(
    "--device", type=click.Choice(landmarks.DEVICES), default="cpu", show_default=True, help="Where faces are located."
)
@click.option("--selection", metavar="NAME", help="Of several selections of the dataset, this one.")
@click.option(
    "--max-failures", type=click.IntRange(min=0), metavar="N", help="Exit with 1 if more than N frames have no crop."
)
@selection_options
@stage_options
@links_option
@executor_options
def command(
    context: pipeline.Context,
    dataset: str,
    options: dict[str, Any],
    source: str | None,
    located: dict[str, Any],
    fit: str | None,
    crop_centre: str | None,
    decode: str | None,
    **more: Any,
) -> None:
    """Locate each frame's face and write the 96x112 aligned face and the 70x70 crop.

    Writes faces.parquet (a row a frame, with a status), aligned/, crops/ and contact-sheet.png. A frame that
    cannot be used is a row with its reason, never an abort; see --max-failures. Other settings than those of the
    first alignment make another one beside it.
    """
    context = replace(context, device=more.pop("device"))
    chosen = {**({"source": source} if source else landmarks.implied(located)), **located}
    settings = {"landmarks": chosen or None, "fit": fit, "crop_centre": crop_centre, "decode": decode}
    place = pipeline.align(context, dataset, options=options or pipeline.AS_LAST, settings=settings, **more)
    if not endings.planned(context):
        endings.aligned(place)
