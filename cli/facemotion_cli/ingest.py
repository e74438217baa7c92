"""``facemotion ingest``."""

from pathlib import Path
from typing import Any

import rich_click as click

from facemotion import pipeline
from facemotion_cli.options import context_options, dataset_option, links_option, root_option, selection_options

__all__ = ["command"]


@click.command("ingest")
@dataset_option()
@root_option
@selection_options
@context_options
@links_option
def command(context: pipeline.Context, dataset: str, root: Path | None, options: dict[str, Any]) -> None:
    """Find a dataset's frames and labels as they lie on disk and select the paper's.

    Writes manifest.parquet and ingest.json: the layout found, counts against the published ones, and every
    exclusion with its reason.
    """
    pipeline.ingest(context, dataset, root=root, options=options)
