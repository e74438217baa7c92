"""``facemotion manifest``: export, verify, accept."""

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click
from click import get_current_context

from facemotion.synthetic import is_synthetic
from facemotion_cli import endings
from facemotion_cli.options import PATH, dataset_option, dry_option, root_option, work_option
from facemotion_cli.terminal import done, shell_line

if TYPE_CHECKING:
    from facemotion.pipeline import Context

__all__ = ["command"]


@click.group("manifest")
def command() -> None:
    """Share which frames were selected, without pictures; compare what others share with your own copy."""


@command.command("export")
@dataset_option()
@click.option(
    "--output", "-o", type=PATH, help="File to write: .csv, .jsonl or .parquet.  [default: DATASET-manifest.csv]"
)
@click.option("--with-labels", is_flag=True, help="Include the labels (and face boxes) of a gated dataset.")
@root_option
@work_option
@dry_option
def export(context: "Context", dataset: str, output: Path | None, with_labels: bool, root: Path | None) -> None:
    """Write a manifest for others: relative paths, subjects, folds, checksums; no pictures, no absolute paths.

    Labels that a dataset gives under an agreement are left out unless --with-labels. Folds and checksums are included
    where `facemotion folds` and `facemotion align` have run. The header says what it is and holds digests by which
    others can verify their own copy.
    """
    from facemotion import pipeline

    output = output or Path(f"{dataset}-manifest.csv")
    shared = pipeline.export_manifest(context, dataset, output, root=root, with_labels=with_labels)
    if endings.planned(context):
        return
    figures = {"rows": len(shared.rows), "synthetic": is_synthetic(dataset, shared.header)}
    done(paths={"manifest": output}, figures=figures, then=[shell_line("manifest", "verify", output)])


@command.command("verify")
@click.argument("file", type=PATH)
@click.option("--dataset", metavar="NAME", help="Dataset.  [default: the one that FILE names]")
@root_option
@work_option
@dry_option
def verify(context: "Context", file: Path, dataset: str | None, root: Path | None) -> None:
    """Compare a shared manifest with your own ingest: rows missing, additional or different.

    Ends with exit code 1 if something differs.
    """
    from facemotion import pipeline

    found = pipeline.verify_manifest(context, file, dataset, root=root)
    if endings.planned(context):
        return
    figures = {name: len(getattr(found, name)) for name in ("missing", "additional", "different")}
    done(paths={"manifest": file}, figures={"ok": found.ok, "rows": found.rows, **figures})  # the verdict stands last
    if not found.ok:
        get_current_context().exit(1)


@command.command("accept")
@dataset_option()
@click.option("--selection", metavar="NAME", help="Of several selections of the dataset, this one.")
@work_option
@dry_option
def accept(context: "Context", dataset: str, selection: str | None) -> None:
    """Take a manifest.parquet that was edited by hand as it is; the stages after it are then made again from it.

    Without this, an edited manifest stops every command that needs it: rows that nobody meant to change are not used.
    """
    from facemotion import pipeline

    chosen = pipeline.accept(context, dataset, selection=selection)
    if endings.planned(context):
        return
    done(paths={"manifest": chosen.manifest}, then=[shell_line("align", "--dataset", dataset)])
