"""``facemotion export-crops``."""

from pathlib import Path
from typing import Any

import rich_click as click

from facemotion import pipeline
from facemotion.synthetic import is_synthetic
from facemotion.workspace import read_json
from facemotion_cli import endings
from facemotion_cli.choices import Name, listed
from facemotion_cli.options import PATH, dataset_option, place_options, root_option, stage_options
from facemotion_cli.terminal import done

__all__ = ["command"]

FORMATS = {
    "webdataset": "the library webdataset",
    "imagefolder": "torchvision.datasets.ImageFolder",
    "hf": "load_dataset of the library datasets",
}
"""Formats, and what reads them."""


@click.command("export-crops")
@dataset_option()
@click.option("--to", required=True, type=Name(list(FORMATS)), help=f"The format: {listed(list(FORMATS))}.")
@click.option("--output", "-o", type=PATH, help="The folder to write.  [default: DATASET-FORMAT]")
@click.option(
    "--pictures",
    type=click.Choice(["crops", "aligned"]),
    default="crops",
    show_default=True,
    help="The 70x70 crops, or the 96x112 aligned faces.",
)
@click.option("--fold", type=int, metavar="K", help="Part into train and test by this fold.  [default: one part, all]")
@root_option
@place_options
@stage_options
def command(context: pipeline.Context, dataset: str, output: Path | None, **chosen: Any) -> None:
    """Write the faces that facemotion trains on, with labels and folds, for trainers of other people.

    webdataset: tar shards of png, cls and json. imagefolder: PART/CLASS/*.png for torchvision's ImageFolder, and
    metadata.csv. hf: parquet for the Hugging Face library datasets. A dataset with an official split is parted by it.
    """
    output = output or Path(f"{dataset}-{chosen['to']}")
    folder = pipeline.export_crops(context, dataset, output, **chosen)
    if not endings.planned(context):
        figures = {"synthetic": is_synthetic(dataset, read_json(folder / "facemotion.json"))}
        done(paths={"faces": folder}, figures=figures, then=[f"read {folder} with {FORMATS[chosen['to']]}"])
