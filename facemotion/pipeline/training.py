"""The stage ``train``: crops, folds and a prior bank -> a run of trained and scored models."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from facemotion import datasets
from facemotion.errors import ConfigError
from facemotion.models import variants as registry
from facemotion.pipeline.alignment import align
from facemotion.pipeline.context import Context
from facemotion.pipeline.dataset import folds
from facemotion.pipeline.evaluation import picture_digests
from facemotion.progress import silent
from facemotion.runs import Run
from facemotion.workspace import digest_file, provenance, read_json

if TYPE_CHECKING:
    from facemotion.folds import Folds
    from facemotion.training.data import TrainingData

__all__ = ["describe_preset", "train"]


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
        The published variants in all folds.
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
    from facemotion.priors.bank import PriorBank
    from facemotion.runs.plan import Choice, Plan
    from facemotion.runs.protocol import train_run
    from facemotion.training.device import choose_device
    from facemotion.training.distributed import joined
    from facemotion.training.settings import load_preset

    if protocol is not None:
        variants = _protocol(protocol, only, variants, registry.PUBLISHED)
    bank = PriorBank.load(priors)
    dataset = dataset or bank.meta.dataset
    datasets.load(dataset)  # an unknown name is refused before anything is loaded
    chosen = choose_device(device)
    preset = preset or _default_preset(chosen.type)
    settings = load_preset(preset, overrides, pretrained=pretrained)
    if name is None:
        origin = "" if dataset == bank.meta.dataset else f"-from-{bank.meta.dataset}"
        name = f"{dataset}{origin}-{Path(preset).stem}"
    run = Run(context.workspace.run(name))
    with joined(chosen) as (group, _):
        if not group.leads:
            context = replace(context, progress=silent, say=_nothing)
        with group.first():
            samples, parted, inputs = _inputs(context.needed(), dataset, root)
        seen = {source: picture_digests(context, source) for source in bank.meta.sources if source != dataset}
        header = provenance("train", settings=settings.as_json(), inputs={"priors": digest_file(priors), **inputs})
        summary = settings.summary(generator_first=not parted.is_official)
        context.say(f"{dataset}: training with preset {preset} on {chosen}, {summary}")
        metrics = train_run(
            Plan(samples, bank, parted, settings, header, seen),
            run,
            Choice(None if only is None else tuple(only), tuple(seeds), tuple(variants) or (registry.DEFAULT,)),
            device=chosen,
            progress=context.progress,
            say=context.say,
            force=context.force,
        )
        if group.leads:
            context.say(results_table(metrics, dataset))
    return run.folder


def _protocol(name: str, only: Sequence[int] | None, variants: Sequence[str], every: Sequence[str]) -> Sequence[str]:
    """Return the variants of a protocol."""
    if name != "paper":
        raise ConfigError(f"unknown protocol {name!r}: expected paper, which is the published variants in all folds")
    if only is not None or variants:
        raise ConfigError(
            "--protocol paper trains the published variants in every fold: leave out --folds and --variant"
        )
    return every


def _inputs(context: Context, dataset: str, root: Path | None) -> tuple["TrainingData", "Folds", dict[str, str]]:
    """Bring a dataset up to date; return its crops, its folds and their digests."""
    from facemotion.folds import Folds, is_split
    from facemotion.training.data import load_training_data

    align(context, dataset, root=root, named=False)
    folder = context.workspace.dataset(dataset)
    samples = load_training_data(folder, read_json(folder / "ingest.json")["classes"])
    inputs = {"faces": digest_file(folder / "faces.parquet")}
    if is_split(samples.splits):
        return samples, samples.official(), inputs
    path = folds(context, dataset, root=root, named=False)
    return samples, Folds.read(path), {**inputs, "folds": digest_file(path)}


def _nothing(text: str) -> None:
    """Say nothing."""
