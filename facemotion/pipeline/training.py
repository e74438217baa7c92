"""The stages after the priors: train and report, and the demo that runs them all."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from facemotion import datasets
from facemotion.config import DemoSettings, configured_root
from facemotion.errors import ConfigError
from facemotion.pipeline.context import Context
from facemotion.pipeline.dataset import align, demo_root, folds, render
from facemotion.pipeline.priors import build_priors
from facemotion.workspace import digest_file, provenance

__all__ = ["demo", "report", "train"]


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
    info = datasets.load(dataset).INFO
    chosen = choose_device(device)
    preset = preset or ("paper" if chosen.type == "cuda" else "compact")
    settings = load_preset(preset, overrides)
    if name is None:
        origin = "" if dataset == bank.meta.dataset else f"-from-{bank.meta.dataset}"
        name = f"{dataset}{origin}-{Path(preset).stem}"
    out = context.workspace.run(name)
    align(context.needed(), dataset, root=root, named=False)
    folder = context.workspace.dataset(dataset)
    fold_path = folds(context.needed(), dataset, root=root, named=False)
    samples = data.load_training_data(folder, info.classes)
    header = provenance(
        "train",
        settings=settings.as_json(),
        inputs={
            "priors": digest_file(priors),
            "faces": digest_file(folder / "faces.parquet"),
            "folds": digest_file(fold_path),
        },
    )
    context.say(f"{dataset}: training with preset {preset} on {chosen}, {settings.summary()}")
    protocol.train_run(
        samples,
        bank,
        read_folds(fold_path),
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
