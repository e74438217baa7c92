"""The stages after the priors: train and report, and the demo that runs them all."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facemotion import datasets
from facemotion.config import DemoSettings
from facemotion.errors import ConfigError
from facemotion.pipeline.context import Context
from facemotion.pipeline.dataset import align, demo_root, folds, ingest, render
from facemotion.pipeline.priors import build_priors
from facemotion.progress import silent
from facemotion.workspace import digest_file, provenance, read_json

if TYPE_CHECKING:
    from facemotion.training.data import TrainingData

__all__ = ["demo", "describe_preset", "report", "train"]


def describe_preset(
    preset: str | None,
    overrides: Sequence[str] = (),
    *,
    pretrained: bool | Path | None = None,
    device: str | None = None,
) -> str:
    """Return the resolved settings of a preset as JSON text; see `train` for the default."""
    from facemotion.training.device import choose_device
    from facemotion.training.settings import load_preset

    preset = preset or _default_preset(choose_device(device).type)
    return json.dumps(load_preset(preset, overrides, pretrained=pretrained).as_json(), indent=1)


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
    pretrained: bool | Path | None = None,
    protocol: str | None = None,
    name: str | None = None,
    only: Sequence[int] | None = None,
    seeds: Sequence[int] = (0,),
    variants: Sequence[str] = (),
    device: str | None = None,
) -> Path:
    """Train on a dataset with a prior bank; say the table of results; return the run's folder.

    Processes that torchrun started train together; the first one brings the dataset up to date.

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
    pretrained : bool or Path, optional
        ImageNet weights of the classifier: from timm's hub, or from a local file. As the preset says by default.
    protocol : {"paper"}, optional
        All variants in all folds.
    name : str, optional
        The run's name; ``DATASET-PRESET`` by default, ``DATASET-from-SOURCE-PRESET`` with another dataset's prior.
    only : sequence of int, optional
        The folds to train; all by default.
    seeds, variants : sequence
        Seeds, and variants of the model; ``fmpn`` by default.
    device : str, optional
        A torch device.

    Raises
    ------
    FacemotionError
        If a setting, the prior or the data do not fit together; nothing has been written then.
    """
    from facemotion.evaluation.table import results_table
    from facemotion.models.fmpn import VARIANTS
    from facemotion.priors.bank import PriorBank
    from facemotion.training.device import choose_device
    from facemotion.training.distributed import joined
    from facemotion.training.protocol import train_run
    from facemotion.training.settings import load_preset

    if protocol is not None:
        variants = _protocol(protocol, only, variants, VARIANTS)
    bank = PriorBank.load(priors)
    dataset = dataset or bank.meta.dataset
    datasets.load(dataset)  # an unknown name is refused before anything is loaded
    chosen = choose_device(device)
    preset = preset or _default_preset(chosen.type)
    settings = load_preset(preset, overrides, pretrained=pretrained)
    if name is None:
        origin = "" if dataset == bank.meta.dataset else f"-from-{bank.meta.dataset}"
        name = f"{dataset}{origin}-{Path(preset).stem}"
    out = context.workspace.run(name)
    with joined(chosen) as (group, _):
        if not group.leads:
            context = replace(context, progress=silent, say=_nothing)
        with group.first():
            samples, parted, inputs = _inputs(context.needed(), dataset, root)
        header = provenance("train", settings=settings.as_json(), inputs={"priors": digest_file(priors), **inputs})
        context.say(f"{dataset}: training with preset {preset} on {chosen}, {settings.summary()}")
        metrics = train_run(
            samples,
            bank,
            parted,
            settings,
            out,
            folds_to_train=only,
            seeds=tuple(seeds),
            variants=tuple(variants) or ("fmpn",),
            device=chosen,
            header=header,
            progress=context.progress,
            say=context.say,
            force=context.force,
        )
        if group.leads:
            context.say(results_table(metrics, dataset))
    return out


def _protocol(name: str, only: Sequence[int] | None, variants: Sequence[str], every: Sequence[str]) -> Sequence[str]:
    """Return the variants of a protocol."""
    if name != "paper":
        raise ConfigError(f"unknown protocol {name!r}: expected paper, which is all variants in all folds")
    if only is not None or variants:
        raise ConfigError("--protocol paper trains every variant in every fold: leave out --folds and --variant")
    return every


def _inputs(
    context: Context, dataset: str, root: Path | None
) -> tuple["TrainingData", dict[str, Any] | None, dict[str, str]]:
    """Bring a dataset up to date; return its crops, its folds (None with an official split) and their digests."""
    from facemotion.folds import read_folds
    from facemotion.training.data import load_training_data

    align(context, dataset, root=root, named=False)
    folder = context.workspace.dataset(dataset)
    samples = load_training_data(folder, read_json(folder / "ingest.json")["classes"])
    inputs = {"faces": digest_file(folder / "faces.parquet")}
    if all(samples.splits):
        return samples, None, inputs
    path = folds(context, dataset, root=root, named=False)
    return samples, read_folds(path), {**inputs, "folds": digest_file(path)}


def _nothing(text: str) -> None:
    """Say nothing."""


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
