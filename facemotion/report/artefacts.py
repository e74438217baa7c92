"""Reading what a report is about: run folders and the dataset's folder in the workspace.

A piece that is missing or broken becomes a sentence in ``gaps``; the report shows the rest.
"""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from facemotion import manifest, tables
from facemotion.errors import FacemotionError, WorkspaceError
from facemotion.evaluation import metrics, predictions
from facemotion.models import variants
from facemotion.priors.bank import PriorBank
from facemotion.workspace import Workspace, read_json

__all__ = ["Cell", "DatasetFolder", "Run", "read_dataset", "read_run"]

T = TypeVar("T")


@dataclass(frozen=True)
class Cell:
    """One trained model of a run: its place and its history.

    Attributes
    ----------
    variant, fold, seed
        Which one it is.
    folder : Path
        Its folder.
    history : list of dict
        Its epochs; empty if none were kept.
    """

    variant: str
    fold: int
    seed: int
    folder: Path
    history: list[dict[str, Any]]

    def masks(self) -> dict[str, np.ndarray]:
        """Return the learned masks kept of its test faces.

        Returns
        -------
        dict
            ``sample_id`` and ``predicted``, text of shape (n,); ``mask``, float32 of shape (n, H, W) in [0, 1].

        Raises
        ------
        OSError, ValueError, KeyError
            If the file is not there or is something else.
        """
        try:
            with np.load(self.folder / "masks.npz", allow_pickle=False) as archive:
                found = {name: archive[name] for name in ("sample_id", "mask", "predicted")}
        except zipfile.BadZipFile as error:
            raise ValueError(str(error)) from None
        scale = 255 if found["mask"].dtype == np.uint8 else 1
        mask = (found["mask"] / scale).astype(np.float32)
        return {**found, "mask": mask.reshape(len(mask), *mask.shape[-2:])}


@dataclass(frozen=True)
class Run:
    """What a run folder holds.

    Attributes
    ----------
    name : str
        The folder's name.
    config : dict
        ``config.json``, empty if missing.
    metrics : dict or None
        ``metrics.json``, or what follows from the predictions.
    predictions : pandas.DataFrame or None
        The table of predictions.
    cells : list of Cell
        Its models, by variant, fold and seed.
    bank : PriorBank or None
        The prior that it was trained with.
    evaluations : list of dict
        The ``metrics.json`` of each other dataset that its models were scored on, by name.
    gaps : list of str
        What is missing, in words.
    """

    name: str
    config: dict[str, Any]
    metrics: dict[str, Any] | None
    predictions: pd.DataFrame | None
    cells: list[Cell]
    bank: PriorBank | None
    evaluations: list[dict[str, Any]] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)

    @property
    def dataset(self) -> str | None:
        """The dataset that it was trained and tested on."""
        for place in (self.config, self.config.get("provenance", {}), self.config.get("settings", {})):
            if isinstance(place, dict) and isinstance(place.get("dataset"), str):
                return place["dataset"]
        return None

    @property
    def window(self) -> float:
        """The part of a crop's height and width, at its middle, that the networks saw and a learned mask covers."""
        try:
            sizes = self.config["settings"]["data"]
            return min(1.0, float(sizes["crop"]) / float(sizes["resize"]))
        except (KeyError, TypeError, ValueError, ZeroDivisionError):
            return 1.0


@dataclass(frozen=True)
class DatasetFolder:
    """What the workspace holds about a dataset."""

    name: str
    folder: Path
    ingest: dict[str, Any] | None
    manifest: pd.DataFrame | None
    faces: pd.DataFrame | None
    folds: dict[str, Any] | None
    gaps: list[str] = field(default_factory=list)

    @property
    def synthetic(self) -> bool:
        """Whether its faces are rendered."""
        return self.name == "demo"

    @property
    def split(self) -> bool:
        """Whether it is trained on a split of its own and not in folds."""
        return self.manifest is not None and bool((self.manifest["split"] != "").all())


def _try(read: Callable[[Path], T], path: Path, what: str, gaps: list[str]) -> T | None:
    """Read a file; if that fails, add a sentence to `gaps` and return None."""
    if not path.is_file():
        gaps.append(f"{what}: not there")
        return None
    try:
        return read(path)
    except (FacemotionError, OSError, ValueError, KeyError, TypeError):
        gaps.append(f"{what}: cannot be read")
        return None


def read_run(folder: Path) -> Run:
    """Read a run folder as far as it goes.

    Raises
    ------
    WorkspaceError
        If it is not a run folder: neither ``config.json`` nor ``predictions.parquet`` is in it.
    """
    if not any((folder / name).is_file() for name in ("config.json", "predictions.parquet", "metrics.json")):
        message = f"{folder} is not a training run: it has neither config.json nor predictions.parquet; train first"
        raise WorkspaceError(message)
    gaps: list[str] = []
    config = _try(lambda path: dict(read_json(path)), folder / "config.json", "config.json, the settings", gaps)
    scored = _try(_predictions, folder / "predictions.parquet", "predictions.parquet, the predictions", gaps)
    found = None
    if (folder / "metrics.json").is_file():
        found = _try(_metrics, folder / "metrics.json", "metrics.json, the figures", gaps)
    if found is None and scored is not None:
        found = metrics.summarise(scored, predictions.classes_of(scored))
    bank = _try(PriorBank.load, folder / "prior.npz", "prior.npz, the prior it was trained with", gaps)
    cells = _cells(folder, gaps)
    if not cells:
        gaps.append("history.json, the training curves: not there")
    paths = sorted((folder / "evaluations").glob("*/metrics.json"))
    others = [_try(_metrics, path, f"the evaluation on {path.parent.name}", gaps) for path in paths]
    evaluations = [content for content in others if content]
    return Run(folder.resolve().name, config or {}, found, scored, cells, bank, evaluations, gaps)


def _predictions(path: Path) -> pd.DataFrame:
    return predictions.read(path)[0]


def _metrics(path: Path) -> dict[str, Any]:
    content = read_json(path)
    if not content["variants"] or not content["classes"]:
        raise ValueError("no variants")
    return content


def _cells(folder: Path, gaps: list[str]) -> list[Cell]:
    cells = []
    for path in folder.glob("*/fold-*/seed-*"):
        try:
            fold, seed = int(path.parent.name.removeprefix("fold-")), int(path.name.removeprefix("seed-"))
        except ValueError:
            continue
        variant = path.parent.parent.name
        history: list[dict[str, Any]] = []
        if (path / "history.json").is_file():
            what = f"history of {variant}, fold {fold}, seed {seed}"
            read = _try(read_json, path / "history.json", what, gaps)
            epochs = read.get("epochs", []) if isinstance(read, dict) else read
            history = [epoch for epoch in epochs or [] if isinstance(epoch, dict)]
        else:
            gaps.append(f"{variant}, fold {fold}, seed {seed}: its training is not finished")
        cells.append(Cell(variant, fold, seed, path, history))
    order = variants.ordered({cell.variant for cell in cells})
    return sorted(cells, key=lambda cell: (order.index(cell.variant), cell.fold, cell.seed))


def read_dataset(workspace: Workspace, name: str) -> DatasetFolder:
    """Read a dataset's artefacts as far as they are there."""
    folder = workspace.dataset(name)
    gaps: list[str] = []
    found = DatasetFolder(
        name=name,
        folder=folder,
        ingest=_try(lambda path: dict(read_json(path)), folder / "ingest.json", "ingest.json, the counts", gaps),
        manifest=_try(
            lambda path: manifest.read(path)[0], folder / "manifest.parquet", "manifest.parquet, the frames", gaps
        ),
        faces=_try(
            lambda path: tables.read_table(path)[0], folder / "faces.parquet", "faces.parquet, the alignment", gaps
        ),
        folds=None,
        gaps=gaps,
    )
    if found.split:
        return found
    folds = _try(lambda path: dict(read_json(path)), folder / "folds.json", "folds.json, the folds", gaps)
    return replace(found, folds=folds)
