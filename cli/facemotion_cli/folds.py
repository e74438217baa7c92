"""``facemotion folds``."""

from pathlib import Path

import rich_click as click

from facemotion import pipeline
from facemotion.config import FoldSettings, make
from facemotion_cli import endings
from facemotion_cli.options import dataset_option, root_option, stage_options
from facemotion_cli.terminal import done, say, shell_line

__all__ = ["command"]


@click.command("folds")
@dataset_option()
@root_option
@click.option("--selection", metavar="NAME", help="Of several selections of the dataset, this one.")
@click.option("--scheme", metavar="NAME", help="fmpn, round-robin or stratified.  [default: fmpn]")
@click.option("--folds", type=int, help="How many.  [default: 10, or as many as there are subjects]")
@click.option("--seed", type=int, help="For stratified.  [default: 0]")
@stage_options
def command(
    context: pipeline.Context,
    dataset: str,
    root: Path | None,
    selection: str | None,
    scheme: str | None,
    folds: int | None,
    seed: int | None,
) -> None:
    """Deal subjects into person-independent folds and write folds.json.

    fmpn is the authors' rule: sorted subjects cut into contiguous blocks, numbered backwards.
    """
    fewer = None if folds is None else False  # a number that is asked for is meant
    given = {"scheme": scheme, "folds": folds, "fewer": fewer, "seed": seed}
    settings = make(FoldSettings, given, where="folds")
    path = pipeline.folds(context, dataset, root=root, settings=settings, selection=selection)
    if not endings.planned(context):
        say(f"folds in {path}")
        where = ["--selection", selection] if selection else []
        done(paths={"folds": path}, then=[shell_line("build-priors", "--source", dataset, *where)])
