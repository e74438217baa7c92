"""``facemotion build-priors``."""

from pathlib import Path

import rich_click as click

from facemotion import datasets, pipeline
from facemotion_cli import endings
from facemotion_cli.options import PATH, dataset_option, place_options, root_option, stage_options

__all__ = ["command"]


@click.command("build-priors")
@dataset_option("--source", help=f"Dataset with neutral faces: {', '.join(datasets.with_neutral())}.")
@root_option
@place_options
@click.option("--output", "-o", type=PATH, help="The bank to write; its picture goes beside it.  [default: SOURCE.npz]")
@click.option(
    "--neutral",
    metavar="RULE",
    help="One neutral face per subject, or per sequence.  [default: as the dataset has them, mostly subject]",
)
@click.option(
    "--difference",
    metavar="KIND",
    help="Of luma: absolute, or relative to the local contrast, which is robust to glasses.  [default: absolute]",
)
@click.option("--average", metavar="KIND", help="Over a class's pairs: mean or median.  [default: mean]")
@click.option(
    "--phi",
    metavar="KIND",
    help="From means to masks: ranks, histogram (8 bits, as the authors') or none.  [default: ranks]",
)
@stage_options
def command(
    context: pipeline.Context,
    dataset: str,
    root: Path | None,
    output: Path | None,
    selection: str | None,
    alignment: str | None,
    **rule: str | None,
) -> None:
    """Build mask priors: the mean difference between expressive and neutral faces, equalised (Eq. 1 of the paper).

    Writes SOURCE.npz, a small file with a mask per class, for each fold and for all subjects, and SOURCE.png, the
    paper's Figure 3 for it. Runs ingest, align and folds first where they are not up to date. The defaults are the
    paper's; which other settings give cleaner masks is measured in docs/priors.md.
    """
    bank = pipeline.build_priors(
        context, dataset, root=root, settings=rule, output=output, selection=selection, alignment=alignment
    )
    if not endings.planned(context):
        endings.built(bank)
