"""``facemotion doctor``."""

from dataclasses import asdict
from pathlib import Path

import rich_click as click

from facemotion import doctor
from facemotion.workspace import Workspace
from facemotion_cli.options import work_option
from facemotion_cli.terminal import done, say, shell_line

__all__ = ["command"]


@click.command("doctor")
@work_option
@click.pass_context
def command(context: click.Context, work: Path | None) -> None:
    """Check libraries, devices, weights and folders, and tell how to repair what is wrong.

    Of onnxruntime's execution providers it tells which really work. Exits with 1 if something needs repair.
    """
    findings = []
    for finding in doctor.run(Workspace(work)):
        findings.append(finding)
        say(doctor.as_line(finding))
    say(f"\n{doctor.problems(findings)}")
    wrong = [asdict(finding) for finding in findings if finding.problem]
    then = [] if wrong else [f"{shell_line('demo', '--quick')}  tries everything on synthetic faces"]
    done(paths={}, figures={"findings": len(findings), "problems": wrong}, then=then)
    if wrong:
        context.exit(1)
