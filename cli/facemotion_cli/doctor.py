"""``facemotion doctor``."""

from pathlib import Path

import rich_click as click

from facemotion import doctor
from facemotion.workspace import Workspace
from facemotion_cli.options import PATH
from facemotion_cli.terminal import say

__all__ = ["command"]


@click.command("doctor")
@click.option("--work", type=PATH, help="Workspace [default: $FACEMOTION_WORK or ./facemotion-work].")
@click.pass_context
def command(context: click.Context, work: Path | None) -> None:
    """Check libraries, devices, weights and folders, and tell how to repair what is wrong.

    Of onnxruntime's execution providers it tells which really work. Exits with 1 if something needs repair.
    """
    findings = doctor.run(Workspace(work))
    say(doctor.as_text(findings))
    if any(finding.problem for finding in findings):
        context.exit(1)
