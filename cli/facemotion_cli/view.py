"""``facemotion view``."""

from pathlib import Path
from typing import Any

import rich_click as click

from facemotion import pipeline
from facemotion.errors import Status
from facemotion.synthetic import named
from facemotion_cli import endings
from facemotion_cli.choices import Name, listed
from facemotion_cli.options import PATH, dataset_option, make_context, place_options, root_option, work_option
from facemotion_cli.terminal import done, say

__all__ = ["command"]

STATUSES = [str(status) for status in Status]


@click.command("view")
@click.argument("stage", type=Name(["ingest", "align"]))
@dataset_option()
@click.option("--status", type=Name(STATUSES), help=f"Frames of which this became: {listed(STATUSES)}.")
@click.option("--subject", metavar="NAME", help="Frames of this person, as the manifest names them.")
@click.option("--class", "expression", metavar="NAME", help="Frames of this expression; neutral is one too.")
@click.option("--most", type=click.IntRange(1, 2000), default=140, show_default=True, help="Show at most so many.")
@click.option("--output", "-o", type=PATH, help="The picture to write.  [default: DATASET-STAGE.png]")
@root_option
@place_options
@work_option
@click.option("--dry-run", is_flag=True, help="Say what would be drawn; write nothing.")
def command(
    stage: str,
    dataset: str,
    status: str | None,
    subject: str | None,
    expression: str | None,
    most: int,
    work: Path | None,
    dry_run: bool,
    **where: Any,
) -> None:
    """Draw a contact sheet of frames as they are (STAGE ingest), or of aligned faces and failures (STAGE align).

    Of a frame without an aligned face the frame itself is shown, with its status. More frames than --most are thinned
    out evenly. Nothing is made again: what the stage wrote last is what is shown.
    """
    wanted = pipeline.Wanted(status=status, subject=subject, expression=expression, most=most)
    context = make_context(work, dry=dry_run)
    viewed = pipeline.view(context, dataset, stage, wanted=wanted, **where)
    if endings.planned(context):
        return
    say(f"{viewed.shown} of {viewed.of} frames in {named(str(viewed.path), viewed.synthetic)}")
    then = [f"look at {viewed.path}"]
    if viewed.shown < viewed.of:
        then.append(f"the same with --most {min(viewed.of, 2000)} shows more")
    figures = {"shown": viewed.shown, "of": viewed.of, "synthetic": viewed.synthetic}
    done(paths={"picture": viewed.path}, figures=figures, then=then)
