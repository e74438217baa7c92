"""A run's folder with small artefacts, as a training leaves them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facemotion.runs import Run, Training

CLASSES = ("anger", "fear")


def config(**changes: Any) -> dict[str, Any]:
    return {"dataset": "demo", "classes": list(CLASSES), "key": "k", "settings": {"preset": "compact"}, **changes}


def write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))


def write_training(training: Training, key: str = "k") -> None:
    write(training.curves, {"key": key, "epochs": [{"phase": "joint", "epoch": 0, "class_loss": 1.5, "rate": None}]})
    for path in (training.weights, training.scored):
        path.write_bytes(b"")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run with two finished trainings and one under way."""
    made = Run(tmp_path / "facemotion-work" / "runs" / "first")
    write(made.config_path, config())
    for variant, fold in (("cnn", 0), ("fmpn", 1)):
        write_training(Training(made.folder, variant, fold, 0))
    Training(made.folder, "fmpn", 0, 0).folder.mkdir(parents=True)
    return made


@pytest.fixture
def training(run: Run) -> Training:
    """A finished training with learned masks."""
    found = Training(run.folder, "fmpn", 1, 0)
    names = np.array(["a", "b"])
    np.savez(found.masks_kept, sample_id=names, predicted=names, mask=np.full((2, 4, 4), 51, np.uint8))
    return found
