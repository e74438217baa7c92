"""The demo: every stage, on synthetic faces."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from facemotion.alignment.settings import AlignSettings
from facemotion.config import DemoSettings, FoldSettings, Settings
from facemotion.errors import ConfigError
from facemotion.pipeline.alignment import Align
from facemotion.pipeline.context import Context
from facemotion.pipeline.folding import Fold
from facemotion.pipeline.ingestion import Ingest
from facemotion.pipeline.priors import build_priors
from facemotion.pipeline.rendering import Render, demo_selection
from facemotion.pipeline.reporting import report
from facemotion.pipeline.request import TrainRequest
from facemotion.pipeline.stage import bring
from facemotion.pipeline.training import train
from facemotion.places import Alignment
from facemotion.report.naming import check_page
from facemotion.training.settings import load_preset

__all__ = ["demo"]


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

    Other faces than those of the first demo in the workspace lie beside them, in a selection of their own.

    Parameters
    ----------
    context : Context
        The command; `force` does everything again.
    settings : DemoSettings
        The faces.
    only : sequence of int
        Folds to train.
    preset, overrides
        As for `facemotion.pipeline.train`.
    output : Path
        The page; ``demo.npz`` and ``demo.png`` go beside it.
    """
    load_preset(preset, overrides)  # what is wrong with the options shows before anything is done
    check_page(output)
    for fold in only:
        if not 0 <= fold < FoldSettings().folds:
            raise ConfigError(f"there is no fold {fold}: the demo has folds 0 to {FoldSettings().folds - 1}")
    timings: dict[str, float] = {}

    @contextmanager
    def timed(stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        timings[stage] = time.perf_counter() - start

    selection = demo_selection(context, settings)
    with timed("render"):
        bring(context, Render(selection), settings)
    with timed("ingest"):
        bring(context, Ingest(selection, frames := Render(selection).path.parent), Settings())
    with timed("align"):
        bring(context, Align(Alignment(selection), frames, AlignSettings()), AlignSettings())
    with timed("folds"):
        bring(context, Fold(selection, frames), FoldSettings())
    bank = output.with_name("demo.npz")
    with timed("priors"):
        build_priors(context, "demo", root=frames, output=bank, selection=selection.name)
    request = TrainRequest(
        priors=bank, root=frames, selection=selection.name, preset=preset, overrides=overrides, only=only
    )
    if context.dry:
        if context.memory.planned:
            context.plan(str(selection), "train", "its priors may be made before", context.workspace.root / "runs")
        else:
            train(context, request)
        context.plan(str(selection), "report", "it is always written anew", output)
        return output
    with timed("train"):
        run = train(context, request)
    with timed("report"):
        page = report(context, [str(run)], output=output, timings=timings)
    for stage, seconds in timings.items():
        context.say(f"{stage:>8}  {seconds:6.1f} s")
    context.say(f"   total  {sum(timings.values()):6.1f} s; open {page}")
    context.say("These faces are synthetic: accuracy on them says nothing about real faces.")
    return page
