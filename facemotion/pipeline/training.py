"""The stages after the priors: train and report, and the demo that runs them all."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from facemotion import datasets
from facemotion.config import DemoSettings
from facemotion.errors import ConfigError
from facemotion.pipeline.context import Context
from facemotion.pipeline.dataset import align, demo_root, folds, ingest, render
from facemotion.pipeline.priors import build_priors
from facemotion.workspace import digest_file, provenance, read_json

__all__ = ["demo", "describe_preset", "report", "train"]


def describe_preset(preset: str | None, overrides: Sequence[str] = (), *, device: str | None = None) -> str:
    """Return the resolved settings of a preset as JSON text; see `train` for the default."""
    from facemotion.training.device import choose_device
    from facemotion.training.settings import load_preset

    return json.dumps(load_preset(preset or _default_preset(choose_device(device).type), overrides).as_json(), indent=1)


def _default_preset(device: str) -> str:
    return "paper" if device == "cuda" else "compact"


def train(
    context: Context,
    priors: Path,
    *,
    dataset: str | None = None,
    root: Path | None = None,
    preset: str | None = None,
    overrides: Sequence[str] = (),
    name: str | None = None,
    only: Sequence[int] | None = None,
    seeds: Sequence[int] = (0,),
    variants: Sequence[str] = ("fmpn",),
    device: str | None = None,
) -> Path:
    """Train on a dataset with a prior bank; return the run's folder.

    Parameters
    ----------
    context, root
        As for `facemotion.pipeline.ingest`.
    priors : Path
        The prior bank.
    dataset : str, optional
        The dataset to train on; the prior's own source by default.
    preset : str, optional
        A preset's name or a TOML file; ``paper`` on a CUDA device and ``compact`` on a CPU by default.
    overrides : sequence of str
        ``section.field=value``.
    name : str, optional
        The run's name; ``DATASET-PRESET`` by default, ``DATASET-from-SOURCE-PRESET`` with another dataset's prior.
    only : sequence of int, optional
        The folds to train; all by default.
    seeds, variants : sequence
        Seeds, and variants of the model.
    device : str, optional
        A torch device.

    Raises
    ------
    FacemotionError
        If a setting, the prior or the data do not fit together; nothing has been written then.
    """
    from facemotion.folds import read_folds
    from facemotion.priors.bank import PriorBank
    from facemotion.training import data, protocol
    from facemotion.training.device import choose_device
    from facemotion.training.settings import load_preset

    bank = PriorBank.load(priors)
    dataset = dataset or bank.meta.dataset
    datasets.load(dataset)  # an unknown name is refused before anything is loaded
    chosen = choose_device(device)
    preset = preset or _default_preset(chosen.type)
    settings = load_preset(preset, overrides)
    if name is None:
        origin = "" if dataset == bank.meta.dataset else f"-from-{bank.meta.dataset}"
        name = f"{dataset}{origin}-{Path(preset).stem}"
    out = context.workspace.run(name)
    align(context.needed(), dataset, root=root, named=False)
    folder = context.workspace.dataset(dataset)
    samples = data.load_training_data(folder, read_json(folder / "ingest.json")["classes"])
    inputs = {"priors": digest_file(priors), "faces": digest_file(folder / "faces.parquet")}
    split = bool(all(samples.splits))
    if split:
        parted = None
    else:
        fold_path = folds(context.needed(), dataset, root=root, named=False)
        inputs["folds"] = digest_file(fold_path)
        parted = read_folds(fold_path)
    header = provenance(
        "train",
        settings=settings.as_json(),
        inputs=inputs,
    )
    context.say(f"{dataset}: training with preset {preset} on {chosen}, {settings.summary()}")
    protocol.train_run(
        samples,
        bank,
        parted,
        settings,
        out,
        folds_to_train=only,
        seeds=tuple(seeds),
        variants=tuple(variants),
        device=chosen,
        header=header,
        progress=context.progress,
        say=context.say,
        force=context.force,
    )
    return out


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
