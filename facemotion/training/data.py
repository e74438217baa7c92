"""What a run trains on: crops, labels and subjects of a dataset, and the prior of each fold."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facemotion import manifest
from facemotion.alignment.store import open_crops, read_faces
from facemotion.errors import AlignmentError, DataError, LeakageError, PriorError
from facemotion.folds import Folds
from facemotion.places import names_of
from facemotion.priors.bank import PriorBank

__all__ = ["Crops", "Part", "TrainingData", "fold_part", "load_training_data", "prior_for"]


class Crops(Protocol):
    """Faces by row; see `facemotion.alignment.store.CropArray`."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(N, H, W, 3)."""
        ...

    def __getitem__(self, rows: Any, /) -> NDArray[np.uint8]:
        """Return uint8 RGB faces for an integer array of rows."""
        ...


@dataclass(frozen=True, eq=False)
class TrainingData:
    """The expressive crops of a dataset.

    Attributes
    ----------
    crops : Crops
        All crops of the dataset, uint8 RGB, (N, H, W, 3).
    rows : int64 array of shape (n,)
        Rows of `crops` that take part.
    labels : int64 array of shape (n,)
        Indices into `classes`.
    sample_ids, subjects, splits : arrays of str, shape (n,)
        Of each.
    classes : tuple of str
        In order.
    dataset, alignment, manifest_digest : str
        Where they come from.
    alignment_settings : dict
        The `facemotion.alignment.settings.AlignSettings` that the alignment id stands for, as JSON values; empty where
        they are not known.
    place : tuple of two str
        The names of the selection and of the alignment in the workspace, see `facemotion.places`.
    pictures : array of str, shape (n,) or (0,)
        SHA-256 of the file that each face comes from, empty where it could not be read; none where they are not known.
    """

    crops: Crops
    rows: NDArray[np.int64]
    labels: NDArray[np.int64]
    sample_ids: NDArray[np.str_]
    subjects: NDArray[np.str_]
    splits: NDArray[np.str_]
    classes: tuple[str, ...]
    dataset: str
    alignment: str
    manifest_digest: str
    alignment_settings: dict[str, Any] = field(default_factory=dict)
    place: tuple[str, str] = ("first", "first")
    pictures: NDArray[np.str_] = field(default_factory=lambda: np.empty(0, np.str_))

    def faces(self, positions: NDArray[np.int64]) -> pd.DataFrame:
        """Return ``sample_id``, ``subject`` and ``expression`` of the faces at some positions."""
        return pd.DataFrame(
            {
                "sample_id": self.sample_ids[positions],
                "subject": self.subjects[positions],
                "expression": np.array(self.classes)[self.labels[positions]],
            }
        )

    def official(self) -> Folds:
        """Return the split that the dataset ships."""
        return Folds.official(
            self.dataset,
            manifest_digest=self.manifest_digest,
            sample_ids=self.sample_ids,
            subjects=self.subjects,
            splits=self.splits,
        )


@dataclass(frozen=True, eq=False)
class Part:
    """A division of the data into training and test, as positions in `TrainingData`."""

    train: NDArray[np.int64]
    test: NDArray[np.int64]


def load_training_data(folder: Path, classes: Sequence[str], *, aligned_in: Path | None = None) -> TrainingData:
    """Read a dataset's expressive crops from its folder in the workspace.

    Parameters
    ----------
    folder : Path
        ``WORK/DATASET``, or another selection's folder: ingested, and aligned.
    classes : sequence of str
        The label space; frames of other expressions are left out.
    aligned_in : Path, optional
        The folder of the alignment, where it is not the first one.

    Raises
    ------
    DataError
        If nothing is left.
    WorkspaceError, ManifestError
        If an artefact is missing, or the crops are not those that alignment wrote: each shard's SHA-256 is compared.
    """
    rows, header = manifest.read(folder / "manifest.parquet")
    place = aligned_in or folder
    faces, aligned = read_faces(place, lists=False)
    table = rows.merge(faces[["sample_id", "status", "row", "sha256"]], on="sample_id", validate="one_to_one")
    table = table[(table["status"] == "ok") & (table["role"] == "expressive") & table["expression"].isin(classes)]
    if table.empty:
        message = (
            f"{folder.name} has no aligned face of {', '.join(classes)}; see faces.parquet for what became of them"
        )
        raise DataError(message)
    position = {name: index for index, name in enumerate(classes)}
    return TrainingData(
        crops=open_crops(place, verify=True),
        rows=table["row"].to_numpy(np.int64),
        labels=np.array([position[name] for name in table["expression"]], np.int64),
        sample_ids=table["sample_id"].to_numpy(str),
        subjects=table["subject"].to_numpy(str),
        splits=table["split"].to_numpy(str),
        classes=tuple(classes),
        dataset=str(table["dataset"].iloc[0]),
        alignment=aligned["alignment"],
        manifest_digest=header["manifest_digest"],
        alignment_settings=aligned.get("settings", {}),
        place=names_of(folder, place),
        pictures=table["sha256"].to_numpy(str),
    )


def fold_part(data: TrainingData, folds: Folds, fold: int) -> Part:
    """Return a fold's training and test positions.

    Parameters
    ----------
    data : TrainingData
        The faces.
    folds : Folds
        Who is tested where.
    fold : int
        The fold; 0 for an official split.

    Raises
    ------
    LeakageError
        If a subject would be on both sides.
    DataError
        If a side is empty.
    """
    what = folds.name(fold)
    trained, tested = folds.sides(fold, sample_ids=data.sample_ids, splits=data.splits)
    both = sorted(set(data.subjects[tested].tolist()) & set(data.subjects[trained].tolist()))
    if both:
        advice = "" if folds.is_official else "; run `facemotion folds --force` again"
        raise LeakageError(f"subject {both[0]!r} is on both sides of {what}{advice}")
    part = Part(np.flatnonzero(trained), np.flatnonzero(tested))
    if not len(part.train) or not len(part.test):
        side = "training" if not len(part.train) else "test"
        raise DataError(f"{what} has no aligned face in its {side} part")
    return part


def prior_for(
    data: TrainingData, bank: PriorBank, folds: Folds, fold: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the masks that may guide training in a fold.

    On the bank's own source the fold's mask is taken, which its test subjects had no part in; on another dataset the
    mask of all subjects.

    Parameters
    ----------
    data : TrainingData
        What is trained on.
    bank : PriorBank
        The priors.
    folds : Folds
        Who is tested where.
    fold : int
        The fold; 0 for an official split.

    Returns
    -------
    masks : float32 array of shape (K, H, W)
        In the order of the data's classes; 0 where the bank has none.
    known : bool array of shape (K,)
        Classes that the bank has a mask for; the others get no mask loss.

    Raises
    ------
    AlignmentError
        If crops and masks were aligned differently.
    LeakageError
        If the prior has seen the fold's test subjects.
    PriorError
        If the bank has none of the classes.
    """
    height, width = data.crops.shape[1:3]
    if bank.meta.alignment != data.alignment or bank.size != (height, width):
        message = (
            f"the prior of {bank.meta.dataset} was made with another alignment ({bank.meta.alignment}, "
            f"{bank.size[0]}x{bank.size[1]}) than the crops of {data.dataset} ({data.alignment}, {height}x{width}); "
            "align again with the prior's settings, or carry the prior over with `facemotion priors transfer`"
        )
        raise AlignmentError(message)
    if data.dataset in bank.meta.sources:
        index = _own_fold(data, bank, folds, fold)
    else:
        index = bank.folds
    missing = bank.missing(None if index == bank.folds else index)
    masks = np.zeros((len(data.classes), height, width), np.float32)
    known = np.zeros(len(data.classes), bool)
    for place, name in enumerate(data.classes):
        if name in bank.classes and name not in missing:
            masks[place] = bank.mask[index, bank.classes.index(name)]
            known[place] = True
    if not known.any():
        message = f"the prior of {bank.meta.dataset} has a mask for none of {', '.join(data.classes)}"
        raise PriorError(message)
    return masks, known


def _own_fold(data: TrainingData, bank: PriorBank, folds: Folds, fold: int) -> int:
    """Return the index of the fold's own mask, after checking that it has seen none of the test subjects."""
    if folds.is_official or not bank.folds:
        message = (
            f"the prior was built from {data.dataset} itself: its mask of all subjects has seen the test subjects; "
            "train in folds with a prior that was built in folds, or with the prior of another dataset"
        )
        raise LeakageError(message)
    if bank.meta.folds_digest != folds.digest:
        message = (
            f"the prior was built for other folds of {data.dataset} than folds.json has, so its masks may have seen "
            f"test subjects; run `facemotion build-priors --source {data.dataset}` again (imported masks need "
            "the folds of their own lists, and merged ones serve other datasets)"
        )
        raise LeakageError(message)
    tested = set(folds.subjects(fold)) | set(data.subjects[np.isin(data.sample_ids, folds.test(fold))].tolist())
    seen = sorted(tested - set(bank.meta.left_out[fold]))
    if seen:
        raise LeakageError(f"the mask of fold {fold} was built with test subject {seen[0]!r}; build the prior again")
    return fold
