"""The stage ``report``: training runs -> one page."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from facemotion.errors import ConfigError, FacemotionError
from facemotion.pipeline.context import Context
from facemotion.pipeline.explaining import refresh
from facemotion.pipeline.rendering import frames_of
from facemotion.places import Selection
from facemotion.report.naming import check_page
from facemotion.roots import root_of
from facemotion.runs import Run
from facemotion.runs.synthetic import trained_on_synthetic
from facemotion.synthetic import named

__all__ = ["report"]


def report(
    context: Context,
    runs: Sequence[Path | str] = (),
    *,
    output: Path = Path("report.html"),
    timings: dict | None = None,
    with_faces: bool = False,
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
    with_faces : bool
        Show faces of datasets too whose pictures are given under an agreement.

    Raises
    ------
    ConfigError
        If there is no run.
    WorkspaceError
        If a folder is not a run.
    """
    from facemotion.report.page import write_report

    check_page(output)
    found = [Run.find(context.workspace, run) for run in runs] if runs else Run.all(context.workspace)
    if not found:
        place = context.workspace.root / "runs"
        raise ConfigError(f"there is no training run in {place}; run `facemotion train --priors FILE` first")
    found = list({run.folder.resolve(): run for run in found}.values())  # one that is named twice is not compared
    if context.dry:
        context.plan(", ".join(run.name for run in found), "report", "it is always written anew", output)
        return output
    for run in found:
        refresh(context, run)
    gaps = write_report(
        found,
        context.workspace,
        output,
        timings,
        with_faces=with_faces,
        root_of=lambda dataset: _root(context, dataset),
        today=date.today(),
    )
    for gap in gaps:
        context.say(f"  not in the report: {gap}")
    context.say(f"report of {', '.join(map(_named, found))} in {output}")
    return output


def _named(run: Run) -> str:
    try:
        return named(run.name, trained_on_synthetic(run))
    except FacemotionError:  # the report says what is amiss with it
        return run.name


def _root(context: Context, dataset: str) -> Path | None:
    """Return where a dataset lies, as far as that is known."""
    selection = Selection(context.workspace, dataset)
    try:
        found = root_of(selection)[0]
    except FacemotionError:
        return None
    return frames_of(selection) if found is None and dataset == "demo" else found
