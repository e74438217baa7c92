"""The stage ``report``: training runs -> one page."""

from collections.abc import Sequence
from pathlib import Path

from facemotion.errors import ConfigError
from facemotion.pipeline.context import Context

__all__ = ["report"]


def report(
    context: Context, runs: Sequence[str] = (), *, output: Path = Path("report.html"), timings: dict | None = None
) -> Path:
    """Write one HTML page about runs; return its path.

    Parameters
    ----------
    context : Context
        The run.
    runs : sequence of str
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

    place = context.workspace.root / "runs"
    if runs:
        folders = [Path(run) if Path(run).is_dir() else context.workspace.run(run) for run in runs]
    else:
        folders = sorted(path.parent for path in place.glob("*/config.json"))
    if not folders:
        raise ConfigError(f"there is no training run in {place}; run `facemotion train --priors FILE` first")
    for gap in write_report(folders, context.workspace, output, timings):
        context.say(f"  not in the report: {gap}")
    context.say(f"report of {', '.join(folder.name for folder in folders)} in {output}")
    return output
