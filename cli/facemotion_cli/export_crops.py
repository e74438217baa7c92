"""``facemotion export-crops``."""

from pathlib import Path
from typing import Any

import rich_click as click

from facemotion import pipeline
from facemotion_cli.options import PATH, context_options, dataset_option, place_options, root_option
from facemotion_cli.terminal import done

__all__ = ["command"]


@click.command("export-crops")
@dataset_option()
@click.option("--to", required=True, type=click.Choice(["webdataset", "imagefolder", "hf"]), help="The format.")
@click.option("--output", "-o", type=PATH, required=True, help="The folder to write.")
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
@context_options
def command(context: pipeline.Context, dataset: str, output: Path, **chosen: Any) -> None:
    """Write the faces that facemotion trains on, with labels and folds, for trainers of other people.

    webdataset: tar shards of png, cls and json. imagefolder: PART/CLASS/*.png for torchvision's ImageFolder, and
    metadata.csv. hf: parquet for the Hugging Face library datasets. A dataset with an official split is parted by it.
    """
    done(paths={"faces": pipeline.export_crops(context, dataset, output, **chosen)})
