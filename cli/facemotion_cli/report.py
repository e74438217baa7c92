"""``facemotion report``."""

from pathlib import Path

import rich_click as click

from facemotion import pipeline
from facemotion_cli import completion, endings
from facemotion_cli.options import PATH, stage_options
from facemotion_cli.terminal import done

__all__ = ["command"]


@click.command("report")
@click.argument("runs", nargs=-1, metavar="[RUN]...", shell_complete=completion.runs)
@click.option("--output", "-o", type=PATH, default=Path("report.html"), show_default=True, help="The page to write.")
@click.option("--with-faces", is_flag=True, help="Show faces of licensed datasets too; mind who gets the page.")
@stage_options
def command(context: pipeline.Context, runs: tuple[str, ...], output: Path, with_faces: bool) -> None:
    """Write one self-contained HTML page about training runs: all of the workspace's, or the ones named.

    A RUN is a name in WORK/runs, or a folder. Several are compared: the settings in which they differ, and the
    difference in accuracy on the faces that both have scored. Faces of datasets that are given under an agreement
    are left out of the page unless --with-faces is given.
    """
    page = pipeline.report(context, runs, output=output, with_faces=with_faces)
    if not endings.planned(context):
        done(paths={"report": page}, then=[f"open {page}"])
