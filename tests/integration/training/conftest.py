"""A made-up dataset on disk, ingested, aligned, dealt into folds and with a prior bank."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from facemotion import manifest
from facemotion.alignment.merging import merge
from facemotion.alignment.shards import Shard, write_shard
from facemotion.alignment.store import read_faces
from facemotion.config import FoldSettings, PriorSettings
from facemotion.folds import Folds, build_folds
from facemotion.priors.bank import PriorBank
from facemotion.priors.motion import About, build_bank
from facemotion.runs import Run
from facemotion.runs.plan import Choice, Plan
from facemotion.runs.protocol import train_run
from facemotion.training.data import TrainingData, load_training_data
from facemotion.training.settings import TrainSettings, load_preset

CLASSES = ("anger", "happiness", "surprise")
ALIGNMENT = "a" * 16
SIDE = 20
SMALL = [
    "model.classifier=test_resnet",
    "model.width=2",
    "model.blocks=1",
    "model.dropout=0.0",
    "data.resize=24",
    "data.crop=20",
    "training.generator_epochs=1",
    "training.generator_batch=8",
    "training.joint_epochs=2",
    "training.joint_batch=6",
]


@dataclass
class Study:
    """What a run reads, and how it is called."""

    folder: Path
    data: TrainingData
    folds: Folds
    bank: PriorBank
    settings: TrainSettings

    def header(self) -> dict[str, Any]:
        """Return a provenance header."""
        return {"schema_version": 1, "settings": self.settings.as_json(), "inputs": {"faces": "digest"}}

    def plan(self, folds: Folds | None = None, **changes: Any) -> Plan:
        """Return what is trained."""
        folds = self.folds if folds is None else folds
        return Plan(self.data, self.bank, folds, self.settings, self.header(), **changes)

    def run(
        self, out: Path, folds: Folds | None = None, *, prior_pictures: Any = None, **options: Any
    ) -> dict[str, Any]:
        """Train."""
        named = {"folds_to_train": "folds", "seeds": "seeds", "variants": "variants", "controls": "controls"}
        choice = Choice(**{own: options.pop(name) for name, own in named.items() if name in options})
        start = {name: options.pop(name) for name in ("start", "start_pictures") if name in options}
        plan = self.plan(folds, prior_pictures=prior_pictures or {}, **start)
        return train_run(plan, Run(out), choice, **{"device": torch.device("cpu"), **options})

    def replaced(self, **changes: Any) -> "Study":
        """Return a copy with other parts."""
        return replace(self, **changes)

    def with_settings(self, *overrides: str) -> "Study":
        """Return a copy with other settings."""
        return self.replaced(settings=load_preset("compact", [*SMALL, *overrides]))


@pytest.fixture(scope="session")
def make_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Study]:
    """Return a function that writes a dataset of six subjects once and gives its study; do not write into it."""

    @cache
    def build(splits: Sequence[str], classes: tuple[str, ...], name: str) -> Study:
        folder = tmp_path_factory.mktemp("study") / name
        rows = []
        for subject in range(6):
            for number, expression in enumerate(("neutral", *CLASSES)):
                rows.append(
                    {
                        "sample_id": f"S{subject}_{number}",
                        "dataset": name,
                        "subject": f"S{subject}",
                        "sequence": str(number),
                        "frame": 1,
                        "role": "neutral" if expression == "neutral" else "expressive",
                        "expression": expression,
                        "source": f"S{subject}_{number}.png",
                        "split": splits[subject],
                    }
                )
        table = pd.DataFrame(rows)
        digest = manifest.write(folder / "manifest.parquet", table, header={})
        table, _ = manifest.read(folder / "manifest.parquet")
        random = np.random.default_rng(0)
        crops = random.integers(0, 120, (len(table), SIDE, SIDE, 3), dtype=np.uint8)
        for row, expression in zip(crops, table["expression"], strict=True):
            if expression != "neutral":
                row[CLASSES.index(expression) * 6 :][:6] += 120  # a bright band of its own
        records = [
            {
                "sample_id": sample,
                "status": "ok",
                "message": "",
                "detector": "made-up",
                "score": 1.0,
                "faces_found": 1,
                "box": [0.0] * 4,
                "landmarks": [0.0] * 10,
                "similarity": [0.0] * 6,
                "sha256": "",
                "row": index,
            }
            for index, sample in enumerate(table["sample_id"])
        ]
        write_shard(folder, 0, Shard(records, crops, crops), key="")
        merge(folder, 1, header={"alignment": ALIGNMENT, "manifest_digest": digest})
        folds = build_folds(table, FoldSettings(folds=3))
        bank = build_bank(crops, read_faces(folder)[0], table, folds, PriorSettings(), about=About(ALIGNMENT))
        return Study(folder, load_training_data(folder, classes), folds, bank, load_preset("compact", SMALL))

    return build


@pytest.fixture
def make_study(make_once: Callable[..., Study], tmp_path: Path) -> Callable[..., Study]:
    """Return a function that writes a dataset of six subjects and gives its study."""

    def build(*, splits: Sequence[str] = ("",) * 6, classes: tuple[str, ...] = CLASSES, name: str = "demo") -> Study:
        study = make_once(tuple(splits), classes, name)
        folder = Path(shutil.copytree(study.folder, tmp_path / name))
        return study.replaced(folder=folder, data=load_training_data(folder, classes))

    return build
