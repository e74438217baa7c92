"""Reading what a report is about: runs, and the datasets' folders in the workspace.

A piece that is missing or broken becomes a sentence in ``gaps``; the report shows the rest. So does a dataset that is
not what a run was trained on any more.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from facemotion import manifest
from facemotion.alignment import store
from facemotion.errors import FacemotionError
from facemotion.evaluation import metrics, predictions
from facemotion.folds import Folds, is_split
from facemotion.places import Alignment, Selection
from facemotion.priors.bank import PriorBank
from facemotion.runs import Run, RunConfig, Training
from facemotion.runs.explanation import Explanation
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
    predictions : pandas.DataFrame or None
        The table of predictions.
    explanations : dict of Training to Explanation
        Where its networks look, of the trainings that `facemotion explain` was asked about.
    """

    run: Run
    config: RunConfig | None
    metrics: dict[str, Any] | None
    histories: dict[Training, list[dict[str, Any]]]
    bank: PriorBank | None
    evaluations: list[dict[str, Any]] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    predictions: pd.DataFrame | None = None
    explanations: dict[Training, Explanation] = field(default_factory=dict)

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
        Of ``manifest``, ``faces`` and ``folds``, as in `RunConfig.made_from`; empty where they are not there.
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
    explanations = {}
    for training in histories:
        if training.explained.is_file():
            try:
                explanations[training] = training.explanation()
            except FacemotionError:
                gaps.append(
                    f"explained.json of {training}: cannot be read, or is of other weights than those there now"
                )
    return RunContents(run, config, found, histories, bank, evaluations, gaps, scored, explanations)


def read_dataset(workspace: Workspace, name: str, config: RunConfig | None = None) -> DatasetFolder:
    """Read a dataset's artefacts as far as they are there.

    Parameters
    ----------
    workspace : Workspace
        Where they are.
    name : str
        The dataset.
    config : RunConfig, optional
        A run that was trained on it: of the dataset's selections and alignments the one is read that it was trained
        on, if that is still there, else the first.
    """
    place = _place(Alignment(Selection(workspace, name)), config)
    selection, gaps = place.selection, []
    rows = _try(lambda: manifest.read(selection.manifest), selection.manifest, "manifest.parquet, the frames", gaps)
    faces = _try(lambda: store.read_faces(place.folder), place.faces, "faces.parquet, the alignment", gaps)
    counts = selection.folder / "ingest.json"
    ingest = _try(lambda: dict(read_json(counts)), counts, "ingest.json, the counts", gaps)
    folds = None
    if rows is None or not is_split(rows[0]["split"]):
        folds = _try(lambda: Folds.read(selection.folds), selection.folds, "folds.json, the folds", gaps)
    return DatasetFolder(
        name=name,
        folder=place.folder,
        ingest=ingest,
        manifest=None if rows is None else rows[0],
        faces=None if faces is None else faces[0],
        folds=folds,
        alignment=str(place.header.get("alignment", "")),
        digests={
            "manifest": "" if rows is None else str(rows[1].get("manifest_digest", "")),
            "faces": "" if faces is None else digest_file(place.faces),
            "folds": "" if folds is None else folds.digest,
        },
        gaps=gaps,
    )


def _place(first: Alignment, config: RunConfig | None) -> Alignment:
    """Return where what a run was trained on lies; the first place if it is not there any more."""
    if config is None:
        return first
    frames = config.origin_digests().get("manifest")
    selections = [each for each in first.selection.beside() if each.header.get("manifest_digest") == frames]
    selection = selections[0] if selections else first.selection
    wanted = config.alignment_id
    found = [each for each in selection.alignments() if wanted and each.header.get("alignment") == wanted]
    return found[0] if found else Alignment(selection)


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
