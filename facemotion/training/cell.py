"""One training of a run: a variant, a fold and a seed, in a folder of its own.

``model.safetensors`` has the weights of the last epoch, ``history.json`` the curves, ``predictions.parquet`` the test
faces, ``masks.npz`` some learned masks; ``state.safetensors`` is there while it is under way.
"""

import io
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from facemotion.errors import WorkspaceError
from facemotion.evaluation import predictions as tables
from facemotion.models import variants
from facemotion.models.network import Network
from facemotion.progress import Progress, silent
from facemotion.training import checkpoint
from facemotion.training.batches import Faces
from facemotion.training.curves import curves
from facemotion.training.data import Part, TrainingData
from facemotion.training.device import repeatable
from facemotion.training.distributed import ALONE, Group
from facemotion.training.loop import Journal, fit
from facemotion.training.phases import phases
from facemotion.training.scoring import Scores, score
from facemotion.training.settings import ModelSettings, TrainSettings
from facemotion.workspace import atomic_path, read_json, write_json

__all__ = ["MASKS_KEPT", "Cell", "build_model", "is_done", "load_cell", "train_cell", "training_versions"]

MASKS_KEPT = 3
"""Learned masks kept of each class, for the report."""
_MODEL, _STATE, _HISTORY, _TABLE = "model.safetensors", "state.safetensors", "history.json", "predictions.parquet"


def training_versions() -> dict[str, str]:
    """Return the versions of what computes a training."""
    import timm

    return {"python": platform.python_version(), "torch": torch.__version__, "timm": timm.__version__}


@dataclass(frozen=True)
class Cell:
    """One training.

    Attributes
    ----------
    variant : str
        See `facemotion.models.variants`.
    fold, seed : int
        The fold is 0 where the dataset has an official split.
    """

    variant: str
    fold: int
    seed: int

    def __str__(self) -> str:
        return f"{self.variant}, fold {self.fold}, seed {self.seed}"

    def folder(self, run: Path) -> Path:
        """Return the folder of this training."""
        return run / self.variant / f"fold-{self.fold}" / f"seed-{self.seed}"


def build_model(settings: ModelSettings, classes: int, variant: str, *, side: int | None = None) -> Network:
    """Return a new model for faces of a side in pixels; its random weights come from torch's seed.

    Raises
    ------
    ConfigError, EnvironmentProblem
        See `facemotion.models.variants.build`.
    """
    return variants.build(variant, classes, settings, side=side)


def load_cell(folder: Path) -> tuple[Network, dict[str, Any]]:
    """Load a trained model, in evaluation mode on the CPU, with its header: settings, classes and variant.

    Raises
    ------
    WorkspaceError
        If there is none, or it is damaged.
    """
    path = folder / _MODEL
    header = checkpoint.read_header(path)
    if not header:
        raise WorkspaceError(f"{path} is missing or damaged; train again")
    settings = TrainSettings.model_validate(header["settings"])
    own = settings.model.model_copy(update={"pretrained": False})
    with repeatable(torch.device("cpu")):
        model = build_model(own, len(header["classes"]), header["variant"], side=settings.data.crop)
    checkpoint.load_model(path, model)
    return model.eval(), header


def is_done(folder: Path, key: str) -> bool:
    """Tell whether a training is finished and was made from what `key` stands for."""
    if not all((folder / name).is_file() for name in (_MODEL, _TABLE, _HISTORY)):
        return False
    return read_json(folder / _HISTORY).get("key") == key


def train_cell(
    cell: Cell,
    data: TrainingData,
    faces: Faces,
    part: Part,
    settings: TrainSettings,
    folder: Path,
    *,
    key: str,
    generator_first: bool = True,
    group: Group = ALONE,
    progress: Progress = silent,
    say: Callable[[str], None] = lambda text: None,
    force: bool = False,
) -> float:
    """Train, score the test faces at the last epoch, write the folder; return the accuracy.

    Parameters
    ----------
    cell : Cell
        What to train.
    data, faces, part
        The faces, on the device with their prior, and their division.
    settings : TrainSettings
        Networks, sizes, phases.
    folder : Path
        Where to write; a training that was interrupted there goes on.
    key : str
        Stands for settings and inputs.
    generator_first : bool
        See `facemotion.training.phases.phases`.
    group : Group
        The processes that train together.
    progress : Progress
        Shows the epochs.
    say : callable
        Is given a line about what a person should know of how it is computed.
    force : bool
        Begin anew.
    """
    state = folder / _STATE
    if group.leads:
        stale = checkpoint.read_header(state).get("key", key) != key
        for path in (state, folder / _HISTORY):
            if force or stale:
                path.unlink(missing_ok=True)
    group.wait()
    with repeatable(faces.device, deterministic=settings.training.deterministic):
        torch.manual_seed(cell.seed)
        model = build_model(settings.model, len(data.classes), cell.variant, side=settings.data.crop)
        model = model.to(faces.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        epochs = sum(phase.epochs for phase in phases(settings, cell.variant, generator_first=generator_first))
        ticks = iter(progress(range(epochs), str(cell), total=epochs))
        with curves(folder if group.leads else None) as draw:

            def tick(record: Mapping[str, Any]) -> None:
                next(ticks, None)
                draw(record)

            history = fit(
                model,
                faces,
                part.train,
                settings,
                seed=cell.seed,
                generator_first=generator_first,
                group=group,
                journal=Journal(state, key, after_epoch=tick, say=say),
            )
        for _ in ticks:  # lets the progress bar end
            pass
        scores = score(model, faces, part.test, precision=settings.training.precision)
    table = _table(cell, data, part, scores)
    if group.leads:
        header = {"settings": settings.as_json(), "classes": list(data.classes), "variant": cell.variant}
        checkpoint.save_model(folder / _MODEL, model, header=header)
        if scores.masks is not None:
            _write_masks(folder / "masks.npz", table, scores)
        tables.write(folder / _TABLE, table, header={"key": key})
        done = {"key": key, "versions": training_versions(), "epochs": history}
        write_json(folder / _HISTORY, done)  # last: it marks the training as done
        state.unlink(missing_ok=True)
    group.wait()
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
