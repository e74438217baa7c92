"""The stage ``report``, and the demo that runs every stage."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from facemotion.config import DemoSettings
from facemotion.errors import ConfigError, FacemotionError
from facemotion.pipeline.alignment import align
from facemotion.pipeline.context import Context
from facemotion.pipeline.dataset import demo_root, folds, ingest, render
from facemotion.pipeline.priors import build_priors
from facemotion.pipeline.training import train
from facemotion.roots import configured_root

__all__ = ["demo", "report"]


def report(
    context: Context,
    runs: Sequence[str] = (),
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
    runs : sequence of str
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

    place = context.workspace.root / "runs"
    if runs:
        folders = [Path(run) if Path(run).is_dir() else context.workspace.run(run) for run in runs]
    else:
        folders = sorted(path.parent for path in place.glob("*/config.json"))
    if not folders:
        raise ConfigError(f"there is no training run in {place}; run `facemotion train --priors FILE` first")
    gaps = write_report(
        folders,
        context.workspace,
        output,
        timings,
        with_faces=with_faces,
        root_of=lambda dataset: _root(context, dataset),
        today=date.today(),
    )
    for gap in gaps:
        context.say(f"  not in the report: {gap}")
    context.say(f"report of {', '.join(folder.name for folder in folders)} in {output}")
    return output


def _root(context: Context, dataset: str) -> Path | None:
    """Return where a dataset lies, as far as that is configured."""
    try:
        found = configured_root(dataset)[0]
    except FacemotionError:
        return None
    return demo_root(context.workspace) if found is None and dataset == "demo" else found


def demo(
    context: Context,
    settings: DemoSettings,
    *,
    only: Sequence[int],
    preset: str = "compact",
    overrides: Sequence[str] = (),
    output: Path = Path("report.html"),
) -> Path:
    """Render synthetic faces and run every stage on them; return the report's path.

    Parameters
    ----------
    context : Context
        The run; `force` does everything again.
    settings : DemoSettings
        The faces.
    only : sequence of int
        Folds to train.
    preset, overrides
        As for `train`.
    output : Path
        The page; ``demo.npz`` and ``demo.png`` go beside it.
    """
    timings: dict[str, float] = {}

    @contextmanager
    def timed(stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        timings[stage] = time.perf_counter() - start

    with timed("render"):
        render(context, settings)
    root = demo_root(context.workspace)
    with timed("ingest"):
        ingest(context, "demo", root=root)
    with timed("align"):
        align(context, "demo", root=root)
    with timed("folds"):
        folds(context, "demo", root=root)
    bank = output.with_name("demo.npz")
    with timed("priors"):
        build_priors(context, "demo", root=root, output=bank)
    with timed("train"):
        run = train(
            context, bank, root=root, preset=preset, overrides=overrides, only=only, name=f"demo-{Path(preset).stem}"
        )
    with timed("report"):
        page = report(context, [str(run)], output=output, timings=timings)
    for stage, seconds in timings.items():
        context.say(f"{stage:>8}  {seconds:6.1f} s")
    context.say(f"   total  {sum(timings.values()):6.1f} s; open {page}")
    context.say("These faces are synthetic: accuracy on them says nothing about real faces.")
    return page
