"""``facemotion verify``."""

from dataclasses import asdict
from pathlib import Path

import rich_click as click

from facemotion import pipeline
from facemotion_cli.options import make_context, work_option
from facemotion_cli.terminal import done, shell_line

__all__ = ["command"]


@click.command("verify")
@click.option("--sources", is_flag=True, help="Read every source file too and compare its SHA-256: takes long.")
@work_option
@click.pass_context
def command(called: click.Context, sources: bool, work: Path | None) -> None:
    """Check that a workspace's artefacts are whole, belong together, and follow from their sources.

    Changes nothing. Each thing that is wrong is a line that says what to run again; ends with exit code 1 if there is
    one. A manifest that somebody shares is checked by `facemotion manifest verify`.
    """
    findings = pipeline.verify(make_context(work), sources=sources)
    figures = {"seen": findings.seen, "problems": [asdict(each) for each in findings.wrong]}
    after = shell_line("runs") if any(findings.seen.values()) else shell_line("demo", "--quick")
    then = [after] if findings.ok else []  # each finding names the command that mends it
    done(paths={}, figures=figures, then=then)
    if not findings.ok:
        called.exit(1)
