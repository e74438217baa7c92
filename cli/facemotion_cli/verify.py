"""``facemotion verify``."""

from pathlib import Path

import rich_click as click

from facemotion import pipeline
from facemotion.workspace import Workspace
from facemotion_cli.options import PATH
from facemotion_cli.terminal import say

__all__ = ["command"]


@click.command("verify")
@click.option("--sources", is_flag=True, help="Read every source file too and compare its SHA-256: takes long.")
@click.option("--work", type=PATH, help="Workspace [default: $FACEMOTION_WORK or ./facemotion-work].")
@click.pass_context
def command(called: click.Context, sources: bool, work: Path | None) -> None:
    """Check that a workspace's artefacts are whole, belong together, and follow from their sources.

    Changes nothing. Each thing that is wrong is a line that says what to run again; ends with exit code 1 if there is
    one. A manifest that somebody shares is checked by `facemotion manifest verify`.
    """
    from facemotion import progress

    context = pipeline.Context(workspace=Workspace(work), progress=progress.shown, say=say)
    if not pipeline.verify(context, sources=sources).ok:
        called.exit(1)
