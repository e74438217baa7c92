"""``facemotion runs``."""

import csv
import sys
from pathlib import Path

import rich_click as click

from facemotion.workspace import Workspace
from facemotion_cli.options import work_option
from facemotion_cli.terminal import as_events, done, say, shell_line

__all__ = ["command"]


@click.command("runs")
@click.option("--csv", "as_csv", is_flag=True, help="Print a table with a row a variant, all figures and places.")
@work_option
def command(as_csv: bool, work: Path | None) -> None:
    """List the training runs of the workspace: what was trained, how far it is, figures and places."""
    from facemotion.names import printable
    from facemotion.runs import listing

    if as_csv and as_events():
        raise click.UsageError("--csv and --json are two forms: give one of them")
    workspace = Workspace(work)
    found = listing.rows(workspace)
    if as_csv:
        table = csv.DictWriter(sys.stdout, listing.COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(
            {name: printable(str(value)) for name, value in row.items() if value is not None} for row in found
        )
        return
    if not found:
        say(f"no training run in {workspace.root / 'runs'}")
        done(paths={}, figures={"runs": []}, then=[shell_line("train", "--priors", "BANK.npz")])
        return
    say(listing.as_text(found))
    done(paths={}, figures={"runs": found}, then=[shell_line("report", found[0]["run"])])
