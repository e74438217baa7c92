"""The stage ``report``: training runs -> one page."""

from collections.abc import Sequence
from pathlib import Path

from facemotion.errors import ConfigError
from facemotion.pipeline.context import Context
from facemotion.runs import Run

__all__ = ["report"]


def report(
    context: Context,
    runs: Sequence[Path | str] = (),
    *,
    output: Path = Path("report.html"),
    timings: dict | None = None,
) -> Path:
    """Write one HTML page about runs; return its path.

    Parameters
    ----------
    context : Context
        The run.
    runs : sequence of Path or str
        Names in the workspace, or folders; all of the workspace's by default.
    output : Path
        The page.
    timings : dict, optional
        Seconds by stage.

    Raises
    ------
    ConfigError
        If there is no run.
    WorkspaceError
        If a folder is not a run.
    """
    from facemotion.report.page import write_report

    found = [Run.find(context.workspace, run) for run in runs] if runs else Run.all(context.workspace)
    if not found:
        place = context.workspace.root / "runs"
        raise ConfigError(f"there is no training run in {place}; run `facemotion train --priors FILE` first")
    for gap in write_report(found, context.workspace, output, timings):
        context.say(f"  not in the report: {gap}")
    context.say(f"report of {', '.join(run.name for run in found)} in {output}")
    return output
