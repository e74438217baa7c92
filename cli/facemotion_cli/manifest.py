"""``facemotion manifest``: export, verify, accept."""

from pathlib import Path

import rich_click as click

from facemotion_cli.options import PATH, dataset_option, root_option
from facemotion_cli.terminal import say

__all__ = ["command"]

work_option = click.option("--work", type=PATH, help="Workspace [default: $FACEMOTION_WORK or ./facemotion-work].")


@click.group("manifest")
def command() -> None:
    """Share which frames were selected, without pictures; compare what others share with your own copy."""


@command.command("export")
@dataset_option()
@click.option("--output", "-o", type=PATH, required=True, help="File to write: .csv, .jsonl or .parquet.")
@click.option("--with-labels", is_flag=True, help="Include the labels (and face boxes) of a gated dataset.")
@root_option
@work_option
def export(dataset: str, output: Path, with_labels: bool, root: Path | None, work: Path | None) -> None:
    """Write a manifest for others: relative paths, subjects, folds, checksums; no pictures, no absolute paths.

    Labels that a dataset gives under an agreement are left out unless --with-labels. Folds and checksums are included
    where `facemotion folds` and `facemotion align` have run. The header says what it is and holds digests by which
    others can verify their own copy.
    """
    from facemotion import pipeline, progress, sharing
    from facemotion.workspace import Workspace

    context = pipeline.Context(workspace=Workspace(work), progress=progress.shown, say=say)
    sharing.export(context, dataset, output, root=root, with_labels=with_labels)


@command.command("verify")
@click.argument("file", type=PATH)
@click.option("--dataset", metavar="NAME", help="Dataset.  [default: the one that FILE names]")
@root_option
@work_option
@click.pass_context
def verify(called: click.Context, file: Path, dataset: str | None, root: Path | None, work: Path | None) -> None:
    """Compare a shared manifest with your own ingest: rows missing, additional or different.

    Ends with exit code 1 if something differs.
    """
    from facemotion import pipeline, progress, sharing
    from facemotion.workspace import Workspace

    context = pipeline.Context(workspace=Workspace(work), progress=progress.shown, say=say)
    if not sharing.verify(context, file, dataset, root=root).ok:
        called.exit(1)


@command.command("accept")
@dataset_option()
@click.option("--selection", metavar="NAME", help="Of several selections of the dataset, this one.")
@work_option
def accept(dataset: str, selection: str | None, work: Path | None) -> None:
    """Take a manifest.parquet that was edited by hand as it is; the stages after it are then made again from it.

    Without this, an edited manifest stops every command that needs it: rows that nobody meant to change are not used.
    """
    from facemotion import pipeline
    from facemotion.workspace import Workspace

    pipeline.accept(pipeline.Context(workspace=Workspace(work), say=say), dataset, selection=selection)
