"""``facemotion ingest``."""

from pathlib import Path
from typing import Any

import rich_click as click

from facemotion import pipeline
from facemotion_cli import endings
from facemotion_cli.options import dataset_option, links_option, root_option, selection_options, stage_options

__all__ = ["command"]


@click.command("ingest")
@dataset_option()
@root_option
@selection_options
@stage_options
@links_option
def command(context: pipeline.Context, dataset: str, root: Path | None, options: dict[str, Any]) -> None:
    """Find a dataset's frames and labels as they lie on disk and select the paper's.

    Writes manifest.parquet and ingest.json: the layout found, counts against the published ones, and every
    exclusion with its reason.
    """
    selection = pipeline.ingest(context, dataset, root=root, options=options)
    if not endings.planned(context):
        endings.ingested(selection)
