"""``facemotion report``."""

from pathlib import Path

import rich_click as click

from facemotion import pipeline
from facemotion_cli import completion
from facemotion_cli.options import PATH, context_options
from facemotion_cli.terminal import done

__all__ = ["command"]


@click.command("report")
@click.argument("runs", nargs=-1, metavar="[RUN]...", shell_complete=completion.runs)
@click.option("--output", "-o", type=PATH, default=Path("report.html"), show_default=True, help="The page to write.")
@context_options
def command(context: pipeline.Context, runs: tuple[str, ...], output: Path) -> None:
    """Write one self-contained HTML page about training runs: all of the workspace's, or the ones named.

    A RUN is a name in WORK/runs, or a folder.
    """
    page = pipeline.report(context, runs, output=output)
    done(paths={"report": page}, then=[f"open {page}"])
