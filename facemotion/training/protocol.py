"""A run: variants x folds x seeds, each in its own folder, resumable at any point, scored at its last epoch.

``RUN/config.json`` holds the settings and the provenance, ``RUN/prior.npz`` the bank, ``RUN/predictions.parquet`` and
``RUN/metrics.json`` what came out; ``RUN/VARIANT/fold-K/seed-S/`` is one training, see `facemotion.training.cell`.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch

from facemotion.errors import ConfigError
from facemotion.evaluation import predictions as tables
from facemotion.folds import Folds
from facemotion.models import variants as registry
from facemotion.models.classifier import try_out
from facemotion.priors.bank import PriorBank
from facemotion.progress import Progress, silent
from facemotion.training.batches import Faces
from facemotion.training.cell import (
    Cell,
    build_model,
    is_done,
    train_cell,
    training_versions,
)
from facemotion.training.curves import has_tensorboard
from facemotion.training.data import TrainingData, fold_part, prior_for
from facemotion.training.device import repeatable
from facemotion.training.distributed import joined
from facemotion.training.leaks import check_prior_pictures, seen_in_training
from facemotion.training.settings import TrainSettings
from facemotion.workspace import digest_json, held, read_json, write_json

__all__ = ["train_run"]


def train_run(
    data: TrainingData,
    bank: PriorBank,
    folds: Folds,
    settings: TrainSettings,
    out: Path,
    *,
    folds_to_train: Sequence[int] | None = None,
    seeds: Sequence[int] = (0,),
    variants: Sequence[str] = ("fmpn",),
    device: torch.device,
    header: dict[str, Any],
    prior_pictures: Mapping[str, Sequence[str]] | None = None,
    progress: Progress = silent,
    say: Callable[[str], None] = lambda text: None,
    force: bool = False,
) -> dict[str, Any]:
    """Train and score every cell that is not done; merge the predictions; return ``metrics.json``'s content.

    Parameters
    ----------
    data : TrainingData
        The crops.
    bank : PriorBank
        The priors; on their own source each fold takes its own.
    folds : Folds
        Who is tested where; an official split is trained on in the joint phase only, as the paper does on AffectNet.
    settings : TrainSettings
        Networks, sizes, phases.
    out : Path
        The run's folder.
    folds_to_train : sequence of int, optional
        All folds by default; 0 is the official split.
    seeds, variants : sequence
        Seeds, and names of variants.
    device : torch.device
        Where to compute. Processes that torchrun started share each training; the first one writes.
    header : dict
        The provenance header.
    prior_pictures : mapping of str to sequence of str, optional
        SHA-256 of the pictures of the prior's other sources, by dataset, as far as they are at hand: none may be among
        the test faces.
    progress : Progress
        Shows the epochs of each training.
    say : callable
        Is given a line about each training.
    force : bool
        Train again what is done.

    Raises
    ------
    ConfigError
        If a fold or variant does not exist, or the folder holds a run with other settings.
    WorkspaceError
        If another process is training there.
    LeakageError, AlignmentError, PriorError, DataError
        If priors, folds and crops do not fit together; before anything is written.
    """
    cells = _cells(folds, folds_to_train, seeds, variants)
    parts = {fold: fold_part(data, folds, fold) for fold in dict.fromkeys(cell.fold for cell in cells)}
    priors = {fold: prior_for(data, bank, folds, fold) for fold in parts}
    for part in parts.values():
        check_prior_pictures(data, part.test, prior_pictures or {})
    with repeatable(torch.device("cpu")):  # whatever is wrong with the model shows before anything is written
        model = build_model(settings.model, len(data.classes), cells[0].variant, side=settings.data.crop)
        try_out(model.classifier, settings.model.classifier, len(data.classes), settings.data.crop)
    key = digest_json({name: header[name] for name in ("schema_version", "settings", "inputs")})
    _claim(out, key, force=force)
    with joined(device) as (group, device), held(out) if group.leads else nullcontext():
        if group.leads:
            write_json(out / "config.json", _config(data, bank, settings, header, key, device))
            bank.save(out / "prior.npz")
        else:
            progress, say = silent, _nothing
        todo = [cell for cell in cells if force or not is_done(cell.folder(out), key)]
        if todo and not has_tensorboard():
            say("tensorboard is not installed: the curves are in history.json alone")
        unguided = {name for _, known in priors.values() for name in np.array(data.classes)[~known].tolist()}
        if todo and unguided:
            say(f"the prior has no mask of {', '.join(sorted(unguided))}: those faces have no part in the mask loss")
        for fold, part in parts.items() if todo else ():
            if number := seen_in_training(data, part):
                where = "the test part" if folds.is_official else f"fold {fold}"
                say(f"{number} test pictures of {where} are training pictures too, by their content")
        for name in registry.without_effect(settings.given(), variants) if todo else ():
            say(f"{name} has no effect on {', '.join(dict.fromkeys(cell.variant for cell in cells))}")
        group.wait()
        tell = _once(say)
        for cell in todo:
            faces = Faces(data, *priors[cell.fold], settings.data, device)
            part = parts[cell.fold]
            accuracy = train_cell(
                cell,
                data,
                faces,
                part,
                settings,
                cell.folder(out),
                key=key,
                generator_first=not folds.is_official,
                group=group,
                progress=progress,
                say=tell,
                force=force,
            )
            say(f"{cell}: {accuracy:.1%} of {len(part.test)} test faces")
        if not todo:
            say(f"{out.name}: every training is up to date ({out})")
        metrics = _merge(out, data.classes, header, key) if group.leads else {}
        group.wait()
    return metrics


def _once(say: Callable[[str], None]) -> Callable[[str], None]:
    """Return a function that says each line the first time only."""
    said: set[str] = set()

    def tell(text: str) -> None:
        if text not in said:
            said.add(text)
            say(text)

    return tell


def _nothing(text: str) -> None:
    """Say nothing."""


def _config(
    data: TrainingData,
    bank: PriorBank,
    settings: TrainSettings,
    header: Mapping[str, Any],
    key: str,
    device: torch.device,
) -> dict[str, Any]:
    return {
        "provenance": dict(header),
        "key": key,
        "versions": training_versions(),
        "dataset": data.dataset,
        "classes": list(data.classes),
        "alignment": {"id": data.alignment, "settings": data.alignment_settings},
        "prior": {"dataset": bank.meta.dataset, "alignment": bank.meta.alignment, "digest": bank.digest()},
        "settings": settings.as_json(),
        "device": str(device),
    }


def _cells(folds: Folds, chosen: Sequence[int] | None, seeds: Sequence[int], variants: Sequence[str]) -> list[Cell]:
    numbers = list(range(len(folds))) if chosen is None else list(dict.fromkeys(chosen))
    for fold in numbers:
        folds.of(fold)
    for name in variants:
        registry.load(name)
    if min(seeds, default=0) < 0:
        raise ConfigError(f"seed {min(seeds)} is negative: seeds are whole numbers from 0")
    if not numbers or not seeds or not variants:
        raise ConfigError("nothing to train: at least one fold, one seed and one variant are needed")
    return [
        Cell(variant, fold, seed)
        for fold in numbers
        for seed in dict.fromkeys(seeds)
        for variant in registry.ordered(set(variants))
    ]


def _claim(out: Path, key: str, *, force: bool) -> None:
    """Refuse a folder that holds a run with other settings or inputs."""
    if force or not (out / "config.json").is_file():
        return
    found = read_json(out / "config.json")
    if found.get("key") != key:
        before = found.get("provenance", {}).get("settings", {}).get("preset", "unknown")
        message = (
            f"{out} holds a run with other settings, data or priors (preset {before}); "
            "give this one another --name, or --force to train again there"
        )
        raise ConfigError(message)


def _merge(out: Path, classes: Sequence[str], header: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Merge the predictions of all finished trainings, also of earlier calls, and derive the metrics."""
    from facemotion.evaluation.metrics import summarise

    done = [path for path in sorted(out.glob("*/fold-*/seed-*")) if is_done(path, key)]
    merged = tables.merge([tables.read(path / "predictions.parquet")[0] for path in done], classes)
    tables.write(out / "predictions.parquet", merged, header=header)
    metrics = {"provenance": dict(header), **summarise(merged, classes)}
    write_json(out / "metrics.json", metrics)
    return metrics
