"""A small made-up dataset: crops, faces, manifest and folds, and a function that builds its bank."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from facemotion.config import FoldSettings, PriorSettings
from facemotion.folds import build_folds
from facemotion.priors.bank import PriorBank
from facemotion.priors.motion import About, build_bank

Rows = list[tuple[str, str, int, str]]


@dataclass
class Study:
    """What build_bank reads."""

    crops: np.ndarray
    faces: pd.DataFrame
    manifest: pd.DataFrame
    folds: dict[str, Any]

    def bank(self, *, neutral: str = "subject", average: str = "mean", phi: str = "ranks", **options: Any) -> PriorBank:
        """Build its bank."""
        settings = PriorSettings.model_validate({"neutral": neutral, "average": average, "phi": phi})
        names = [name for name in ("alignment", "alignment_settings", "classes", "header") if name in options]
        about = About(**{"alignment": "a" * 16, **{name: options.pop(name) for name in names}})
        return build_bank(self.crops, self.faces, self.manifest, self.folds, settings, about=about, **options)


def make_study(rows: Rows, crops: np.ndarray, *, folds: int = 2, failed: tuple[str, ...] = ()) -> Study:
    """Make a study of (subject, sequence, frame, expression) rows with one crop each; `failed` have none."""
    frame = pd.DataFrame(rows, columns=["subject", "sequence", "frame", "expression"])
    frame["sample_id"] = [f"{s}_{q}_{f:03d}" for s, q, f, _ in rows]
    frame["dataset"] = "demo"
    frame["role"] = np.where(frame["expression"] == "neutral", "neutral", "expressive")
    frame["source"] = frame["sample_id"] + ".png"
    frame["rotate"], frame["region"], frame["split"] = 0, None, ""
    ok = ~frame["sample_id"].isin(failed)
    faces = pd.DataFrame({"sample_id": frame["sample_id"], "status": np.where(ok, "ok", "no_face")})
    faces["row"] = np.where(ok, np.cumsum(ok) - 1, -1)
    settings = FoldSettings(scheme="round-robin", folds=folds)
    return Study(crops[ok.to_numpy()], faces, frame, build_folds(frame, settings))


@cache
def random_once(subjects: int, size: tuple[int, int], seed: int, folds: int) -> Study:
    rows: Rows = []
    for subject in range(subjects):
        for number, name in enumerate(("anger", "happiness", "surprise")):
            sequence = f"{number + 1:03d}"
            rows += [(f"S{subject:02d}", sequence, 1, "neutral")]
            rows += [(f"S{subject:02d}", sequence, frame, name) for frame in (8, 9)]
    crops = np.random.default_rng(seed).integers(0, 256, (len(rows), *size, 3), dtype=np.uint8)
    return make_study(rows, crops, folds=folds)


def random_study(*, subjects: int = 5, size: tuple[int, int] = (6, 5), seed: int = 0, folds: int = 2) -> Study:
    """Make a study of three expressions with two frames each, and random crops; it may be changed."""
    return deepcopy(random_once(subjects, size, seed, folds))


@pytest.fixture
def study() -> Study:
    """Return five random subjects in two folds."""
    return random_study()


@pytest.fixture
def new_study() -> Callable[..., Study]:
    """Return `random_study`."""
    return random_study


@pytest.fixture
def study_of() -> Callable[..., Study]:
    """Return `make_study`."""
    return make_study
