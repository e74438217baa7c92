"""``facemotion ingest``."""

from pathlib import Path

import rich_click as click

from facemotion import pipeline
from facemotion_cli.options import context_options, dataset_option, root_option

__all__ = ["command"]


@click.command("ingest")
@dataset_option()
@root_option
@context_options
def command(context: pipeline.Context, dataset: str, root: Path | None) -> None:
    """Find a dataset's frames and labels as they lie on disk and select the paper's.

    Writes manifest.parquet and ingest.json: the layout found, counts against the published ones, and every
    exclusion with its reason.
    """
    pipeline.ingest(context, dataset, root=root)
