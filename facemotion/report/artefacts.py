"""Reading what a report is about: runs, and the datasets' folders in the workspace.

A piece that is missing or broken becomes a sentence in ``gaps``; the report shows the rest. So does a dataset that is
not what a run was trained on any more.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from facemotion import manifest, tables
from facemotion.errors import FacemotionError
from facemotion.evaluation import metrics, predictions
from facemotion.folds import Folds, is_split
from facemotion.priors.bank import PriorBank
from facemotion.runs import Run, RunConfig, Training
from facemotion.workspace import Workspace, digest_file, read_json

__all__ = ["DatasetFolder", "RunContents", "differences", "read_dataset", "read_run", "same_alignment"]

T = TypeVar("T")


@dataclass(frozen=True)
class RunContents:
    """What a run holds, as far as it can be read.

    Attributes
    ----------
    run : Run
        Which one.
    config : RunConfig or None
        Settings and origin.
    metrics : dict or None
        ``metrics.json``, or what follows from the predictions.
    histories : dict of Training to list of dict
        Its trainings by variant, fold and seed, with their epochs; none of a training that is not finished.
    bank : PriorBank or None
        The prior that it was trained with.
    evaluations : list of dict
        The figures on each other dataset that its models were scored on, by name.
    gaps : list of str
        What is missing, in words.
    """

    run: Run
    config: RunConfig | None
    metrics: dict[str, Any] | None
    histories: dict[Training, list[dict[str, Any]]]
    bank: PriorBank | None
    evaluations: list[dict[str, Any]] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The run's name."""
        return self.run.name

    @property
    def dataset(self) -> str | None:
        """The dataset that it was trained and tested on."""
        return None if self.config is None else self.config.dataset

    @property
    def window(self) -> float:
        """The part of a crop's height and width, at its middle, that the networks saw and a learned mask covers."""
        try:
            sizes = self.config.settings["data"] if self.config else {}
            return min(1.0, max(0.0, float(sizes["crop"]) / float(sizes["resize"])))
        except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
            return 1.0


@dataclass(frozen=True)
class DatasetFolder:
    """What the workspace holds about a dataset under one alignment.

    Attributes
    ----------
    name : str
    folder : Path
        Where its faces lie.
    ingest, manifest, faces, folds
        The artefacts; None if missing, and no folds where there is an official split.
    alignment : str
        The id of its alignment; empty if it is not known.
    digests : dict of str to str
        Of ``manifest``, ``faces`` and ``folds``, as far as they are there; as in `RunConfig.made_from`.
    gaps : list of str
        What is missing, in words.
    """

    name: str
    folder: Path
    ingest: dict[str, Any] | None
    manifest: pd.DataFrame | None
    faces: pd.DataFrame | None
    folds: Folds | None
    alignment: str = ""
    digests: dict[str, str] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)

    @property
    def synthetic(self) -> bool:
        """Whether its faces are rendered."""
        return self.name == "demo"

    @property
    def split(self) -> bool:
        """Whether it is trained on a split of its own and not in folds."""
        return self.manifest is not None and is_split(self.manifest["split"])


def _try(read: Callable[[], T], path: Path, what: str, gaps: list[str]) -> T | None:
    """Read a file; if that fails, add a sentence to `gaps` and return None."""
    if not path.is_file():
        gaps.append(f"{what}: not there")
        return None
    try:
        return read()
    except (FacemotionError, OSError, ValueError, KeyError, TypeError):
        gaps.append(f"{what}: cannot be read")
        return None


def read_run(run: Run) -> RunContents:
    """Read a run as far as it goes."""
    gaps: list[str] = []
    config = _try(lambda: run.config, run.config_path, "config.json, the settings", gaps)
    scored = _try(lambda: run.predictions, run.predictions_path, "predictions.parquet, the predictions", gaps)
    found = None
    if run.metrics_path.is_file():
        found = _try(lambda: run.metrics, run.metrics_path, "metrics.json, the figures", gaps)
    if found is None and scored is not None:
        found = metrics.summarise(scored, predictions.classes_of(scored))
    bank = _try(lambda: run.bank, run.bank_path, "prior.npz, the prior it was trained with", gaps)
    histories: dict[Training, list[dict[str, Any]]] = {}
    for training in run.begun:
        if training.curves.is_file():
            histories[training] = _try(training.history, training.curves, f"history of {training}", gaps) or []
        else:
            gaps.append(f"{training}: its training is not finished")
            histories[training] = []
    if not histories:
        gaps.append("history.json, the training curves: not there")
    evaluations = []
    for name in run.evaluated:
        try:
            evaluations.append(run.evaluation(name))
        except FacemotionError:
            gaps.append(f"the evaluation on {name}: cannot be read")
    return RunContents(run, config, found, histories, bank, evaluations, gaps)


def read_dataset(workspace: Workspace, name: str, alignment: str = "") -> DatasetFolder:
    """Read a dataset's artefacts as far as they are there.

    Parameters
    ----------
    workspace : Workspace
        Where they are.
    name : str
        The dataset.
    alignment : str
        The id of the alignment that is wanted; the first one if there is none of it, or if none is named.
    """
    folder = workspace.dataset(name)
    place = next((each for each in _alignments(folder) if alignment and _id(each) == alignment), folder)
    gaps: list[str] = []
    rows = _try(lambda: manifest.read(folder / "manifest.parquet"), folder / "manifest.parquet", _MANIFEST, gaps)
    faces = _try(lambda: tables.read_table(place / "faces.parquet"), place / "faces.parquet", _FACES, gaps)
    ingest = _try(lambda: dict(read_json(folder / "ingest.json")), folder / "ingest.json", _INGEST, gaps)
    digests = {}
    if rows is not None:
        digests["manifest"] = str(rows[1].get("manifest_digest", ""))
    if faces is not None:
        digests["faces"] = digest_file(place / "faces.parquet")
    folds = None
    if rows is None or not is_split(rows[0]["split"]):
        folds = _try(lambda: Folds.read(folder / "folds.json"), folder / "folds.json", _FOLDS, gaps)
    if folds is not None:
        digests["folds"] = folds.digest
    return DatasetFolder(
        name=name,
        folder=place,
        ingest=ingest,
        manifest=None if rows is None else rows[0],
        faces=None if faces is None else faces[0],
        folds=folds,
        alignment=_id(place),
        digests=digests,
        gaps=gaps,
    )


_INGEST, _MANIFEST = "ingest.json, the counts", "manifest.parquet, the frames"
_FACES, _FOLDS = "faces.parquet, the alignment", "folds.json, the folds"


def _alignments(folder: Path) -> list[Path]:
    """Return the folders in which a dataset's alignments lie, the first one's first."""
    return [folder, *sorted(path.parent for path in folder.glob("alignments/*/faces.parquet"))]


def _id(folder: Path) -> str:
    """Return the id of the alignment that a folder holds; empty if it does not say."""
    try:
        return str(tables.read_header(folder / "faces.parquet").get("alignment", ""))
    except FacemotionError:
        return ""


def differences(found: RunContents, dataset: DatasetFolder) -> list[str]:
    """Say in what a dataset is not what a run was trained on any more."""
    config, name = found.config, dataset.name
    if config is None:
        return []
    said = []
    if not same_alignment(found, dataset):
        said.append(
            f"the faces of {name} are aligned in another way now ({dataset.alignment}) than those it was trained on "
            f"({config.alignment_id}): its learned masks are not shown on them"
        )
    then = config.origin_digests()
    changed = {each for each, digest in dataset.digests.items() if digest and then.get(each, digest) != digest}
    if "manifest" in changed:
        said.append(f"{name} was ingested again since it was trained, with other frames or labels")
    elif "faces" in changed and same_alignment(found, dataset):
        said.append(f"{name} was aligned again since it was trained: faces that are shown may not be those it saw")
    if "folds" in changed:
        said.append(f"{name} is dealt into other folds now than those it was trained in")
    return said


def same_alignment(found: RunContents, dataset: DatasetFolder) -> bool:
    """Tell whether a run was trained on faces that are aligned as a dataset's are, as far as both say."""
    ids = {found.config.alignment_id if found.config else "", dataset.alignment} - {""}
    return len(ids) < 2
