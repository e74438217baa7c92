"""``facemotion priors``: show, transfer, merge, compare, atlas, stability, import-fmpn."""

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from facemotion_cli.bank_comparisons import atlas, compare, stability
from facemotion_cli.banks import BANK, checked, import_fmpn, merge, only_planned, picture_option, transfer
from facemotion_cli.options import dry_option, old_spelling
from facemotion_cli.terminal import done, say, shell_line

if TYPE_CHECKING:
    from facemotion.pipeline import Context

__all__ = ["command"]


@click.group("priors")
def command() -> None:
    """Look at prior banks, carry them to other classes or alignments, merge and compare them."""


@command.command("show")
@click.argument("bank", **BANK)
@picture_option
@click.option("--each-fold", "folds", is_flag=True, help="Draw all folds.")
@old_spelling("--folds", "--each-fold", "folds", is_flag=True)
@click.option("--raw", is_flag=True, help="Draw the mean differences, with a colour bar, instead of the masks.")
@dry_option
def show(context: "Context", bank: Path, output: Path | None, folds: bool, raw: bool) -> None:
    """Say what a bank is, and draw it (the paper's Figure 3)."""
    from facemotion.priors.bank import PriorBank
    from facemotion.priors.describe import describe

    if output is None and (folds or raw):
        raise click.UsageError("--each-fold and --raw are about the picture: give -o FIGURE.png")
    output = None if output is None else checked(output, ".png")
    loaded = PriorBank.load(bank)
    if only_planned(context, bank, output):
        return
    say(describe(loaded))
    if output is not None:
        from facemotion.priors.figure import draw_bank

        draw_bank(loaded, output, folds=folds, raw=raw)
        say(f"picture in {output}")
    counts = {name: int(n) for name, n in zip(loaded.classes, loaded.count[-1], strict=True)}
    figures = {
        "folds": loaded.folds,
        "pairs": counts,
        "synthetic": str(loaded.meta.synthetic),
        "digest": loaded.digest(),
    }
    done(paths={"picture": output}, figures=figures, then=[shell_line("train", "--priors", bank)])


for below in (compare, atlas, stability, transfer, merge, import_fmpn):
    command.add_command(below)
