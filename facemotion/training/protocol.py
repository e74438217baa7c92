"""A run: variants x folds x seeds, each in its own folder, resumable at any point, scored at its last epoch.

``RUN/config.json`` holds the settings and the provenance, ``RUN/prior.npz`` the bank, ``RUN/predictions.parquet`` and
``RUN/metrics.json`` what came out; ``RUN/VARIANT/fold-K/seed-S/`` the weights, curves, predictions and some masks of
one training.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from facemotion.errors import ConfigError
from facemotion.evaluation import predictions as tables
from facemotion.models.fmpn import FMPN, VARIANTS, Variant
from facemotion.priors.bank import PriorBank
from facemotion.progress import Progress, silent
from facemotion.training import checkpoint
from facemotion.training.batches import Faces
from facemotion.training.data import Part, TrainingData, fold_part, prior_for
from facemotion.training.loop import Scores, fit, score
from facemotion.training.settings import TrainSettings
from facemotion.workspace import atomic_path, digest_json, read_json, write_json

__all__ = ["MASKS_KEPT", "Cell", "train_run"]

MASKS_KEPT = 3
"""Learned masks kept of each class, for the report."""


@dataclass(frozen=True)
class Cell:
    """One training: a variant, a fold and a seed."""

    variant: Variant
    fold: int
    seed: int

    def folder(self, run: Path) -> Path:
        """Return the folder of this training."""
        return run / self.variant / f"fold-{self.fold}" / f"seed-{self.seed}"


def train_run(
    data: TrainingData,
    bank: PriorBank,
    folds: Mapping[str, Any],
    settings: TrainSettings,
    out: Path,
    *,
    folds_to_train: Sequence[int] | None = None,
    seeds: Sequence[int] = (0,),
    variants: Sequence[str] = ("fmpn",),
    device: torch.device,
    header: dict[str, Any],
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
    folds : mapping
        The content of ``folds.json``.
    settings : TrainSettings
        Networks, sizes, phases.
    out : Path
        The run's folder.
    folds_to_train : sequence of int, optional
        All folds by default.
    seeds, variants : sequence
        Seeds, and names of variants.
    device : torch.device
        Where to compute.
    header : dict
        The provenance header.
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
    LeakageError, AlignmentError, PriorError, DataError
        If priors, folds and crops do not fit together; before anything is written.
    """
    cells = _cells(folds, folds_to_train, seeds, variants)
    parts = {fold: fold_part(data, folds, fold) for fold in dict.fromkeys(cell.fold for cell in cells)}
    priors = {fold: prior_for(data, bank, folds, fold) for fold in parts}
    key = digest_json({name: header[name] for name in ("schema_version", "settings", "inputs")})
    _claim(out, header, key, force=force)
    write_json(
        out / "config.json",
        {
            "provenance": header,
            "key": key,
            "dataset": data.dataset,
            "classes": list(data.classes),
            "prior": {"dataset": bank.meta.dataset, "alignment": bank.meta.alignment, "digest": bank.digest()},
            "settings": settings.as_json(),
            "device": str(device),
        },
    )
    bank.save(out / "prior.npz")
    todo = [cell for cell in cells if force or not _done(cell.folder(out), key)]
    for cell in todo:
        faces = Faces(data, *priors[cell.fold], settings.data, device)
        accuracy = _train_cell(
            cell, data, faces, parts[cell.fold], settings, out, key=key, device=device, progress=progress, force=force
        )
        tested = len(parts[cell.fold].test)
        say(f"{cell.variant}, fold {cell.fold}, seed {cell.seed}: {accuracy:.1%} of {tested} test faces")
    if not todo:
        say(f"{out.name}: every training is up to date ({out})")
    return _merge(out, data.classes, header)


def _cells(
    folds: Mapping[str, Any], chosen: Sequence[int] | None, seeds: Sequence[int], variants: Sequence[str]
) -> list[Cell]:
    number = len(folds["folds"])
    numbers = list(range(number)) if chosen is None else list(dict.fromkeys(chosen))
    for fold in numbers:
        if not 0 <= fold < number:
            raise ConfigError(f"there is no fold {fold}: {folds['dataset']} has {number} folds, counted from 0")
    for name in variants:
        if name not in VARIANTS:
            raise ConfigError(f"unknown variant {name!r}: expected one of {', '.join(VARIANTS)}")
    return [
        Cell(variant, fold, seed)
        for fold in numbers
        for seed in dict.fromkeys(seeds)
        for variant in VARIANTS
        if variant in variants
    ]


def _claim(out: Path, header: Mapping[str, Any], key: str, *, force: bool) -> None:
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


def _done(folder: Path, key: str) -> bool:
    names = ("model.safetensors", "history.json", "predictions.parquet")
    if not all((folder / name).is_file() for name in names):
        return False
    return read_json(folder / "history.json").get("key") == key


def _train_cell(
    cell: Cell,
    data: TrainingData,
    faces: Faces,
    part: Part,
    settings: TrainSettings,
    out: Path,
    *,
    key: str,
    device: torch.device,
    progress: Progress,
    force: bool,
) -> float:
    """Train one cell, score it at its last epoch, write its folder; return its accuracy."""
    folder = cell.folder(out)
    state = folder / "state.safetensors"
    if force:
        for path in (state, folder / "history.json"):
            path.unlink(missing_ok=True)
    if checkpoint.read_header(state).get("key", key) != key:
        state.unlink()
    torch.manual_seed(cell.seed)
    own = settings.model
    model = FMPN(
        len(data.classes),
        classifier=own.classifier,
        variant=cell.variant,
        width=own.width,
        blocks=own.blocks,
        input_range=own.input_range,
        dropout=own.dropout,
        pretrained=own.pretrained,
    ).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    epochs = settings.training.joint_epochs + settings.training.generator_epochs * (cell.variant == "fmpn")
    ticks = iter(progress(range(epochs), f"{cell.variant}, fold {cell.fold}, seed {cell.seed}", total=epochs))

    def tick(record: Mapping[str, Any]) -> None:
        next(ticks, None)

    history = fit(
        model,
        faces,
        part.train,
        settings,
        seed=cell.seed,
        state=state,
        key=key,
        after_epoch=tick,
    )
    for _ in ticks:  # lets the progress bar end
        pass
    scores = score(model, faces, part.test)
    table = _table(cell, data, part, scores)
    checkpoint.save_model(
        folder / "model.safetensors",
        model,
        header={"settings": settings.as_json(), "classes": list(data.classes), "variant": cell.variant},
    )
    _write_events(folder, history)
    if scores.masks is not None:
        _write_masks(folder / "masks.npz", table, scores)
    tables.write(folder / "predictions.parquet", table, header={"key": key})
    write_json(folder / "history.json", {"key": key, "epochs": history})  # last: it marks the cell as done
    state.unlink(missing_ok=True)
    return float((table["expression"] == table["predicted"]).mean())


def _table(cell: Cell, data: TrainingData, part: Part, scores: Scores) -> pd.DataFrame:
    names = np.array(data.classes)
    frame = pd.DataFrame(
        {
            "sample_id": data.sample_ids[part.test],
            "subject": data.subjects[part.test],
            "fold": np.int32(cell.fold),
            "seed": np.int32(cell.seed),
            "variant": cell.variant,
            "expression": names[data.labels[part.test]],
            "predicted": names[scores.probabilities.argmax(axis=1)],
        }
    )
    for index, name in enumerate(data.classes):
        frame[f"p_{name}"] = scores.probabilities[:, index]
    return frame


def _write_masks(path: Path, table: pd.DataFrame, scores: Scores) -> None:
    """Keep the learned masks of the first few test faces of each class, as bytes."""
    assert scores.masks is not None
    kept = table.groupby("expression").head(MASKS_KEPT).index.to_numpy()
    buffer = io.BytesIO()
    np.savez(
        buffer,
        sample_id=table["sample_id"].to_numpy(str)[kept],
        predicted=table["predicted"].to_numpy(str)[kept],
        mask=np.round(scores.masks[kept] * 255).astype(np.uint8),
    )
    with atomic_path(path) as temporary:
        temporary.write_bytes(buffer.getvalue())


def _write_events(folder: Path, history: Sequence[Mapping[str, Any]]) -> None:
    """Write the curves for TensorBoard too, where it is installed; ``history.json`` has them in any case."""
    try:
        from torch.utils.tensorboard.writer import SummaryWriter
    except ImportError:
        return
    for old in folder.glob("events.out.tfevents.*"):
        old.unlink()
    with SummaryWriter(str(folder)) as writer:
        for step, record in enumerate(history):
            for name in ("mask_loss", "class_loss", "train_accuracy", "rate"):
                if record[name] is not None:
                    writer.add_scalar(f"{record['phase']}/{name}", record[name], step)


def _merge(out: Path, classes: Sequence[str], header: Mapping[str, Any]) -> dict[str, Any]:
    """Merge the predictions of all finished cells, also of earlier calls, and derive the metrics."""
    from facemotion.evaluation.metrics import summarise

    paths = sorted(out.glob("*/fold-*/seed-*/predictions.parquet"))
    merged = tables.merge([tables.read(path)[0] for path in paths], classes)
    tables.write(out / "predictions.parquet", merged, header=header)
    metrics = {"provenance": dict(header), **summarise(merged, classes)}
    write_json(out / "metrics.json", metrics)
    return metrics
