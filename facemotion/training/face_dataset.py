"""Faces with their priors as a torch dataset, for people with a training loop of their own."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from facemotion.errors import ConfigError
from facemotion.folds import Folds, is_split
from facemotion.places import Alignment
from facemotion.priors.bank import PriorBank
from facemotion.training.batches import LUMA
from facemotion.training.data import TrainingData, fold_part, load_training_data, prior_for
from facemotion.training.leaks import check_prior_pictures, picture_digests
from facemotion.workspace import Workspace, read_json

__all__ = ["FaceDataset"]

Item = tuple[Tensor, Tensor, Tensor, int]


class FaceDataset(Dataset[Item]):
    """The faces of one side of a fold, each with the mask that may guide it.

    An item is ``(color, gray, prior, label)``: float32 tensors of shape (3, H, W), (1, H, W) and (1, H, W) in [0, 1],
    and an index into `classes`. Nothing is enlarged, cut out or mirrored: whoever does it does it to all three alike.

    Parameters
    ----------
    dataset : Path, str, Alignment, TrainingData, or what `facemotion.open` gives
        An aligned dataset: its folder in the workspace, one of its alignments, or its faces as they are.
    fold : int
        The fold; 0 for an official split.
    part : {"train", "test"}
        Which side of it.
    prior : PriorBank or Path, optional
        Guides the faces: on its own source by the fold's mask, on another dataset by that of all subjects. Without
        one, or where it has no mask of a class, the mask is 0; `guided` tells.
    folds : Folds, optional
        Who is tested where: by default ``folds.json`` of the dataset, or the split that it ships. Faces as they are
        need them, unless they are split.

    Attributes
    ----------
    classes : tuple of str
        In the order of the labels.
    subjects, sample_ids : arrays of str, shape (n,)
    labels : int64 array of shape (n,)
    guided : bool array of shape (K,)
        Classes that have a mask.

    Raises
    ------
    LeakageError
        If a subject would be on both sides, or the prior has seen test subjects or test pictures.
    FacemotionError
        If dataset, folds and prior are missing or do not fit together.
    """

    def __init__(
        self,
        dataset: Any,
        fold: int = 0,
        part: Literal["train", "test"] = "train",
        *,
        prior: PriorBank | Path | str | None = None,
        folds: Folds | None = None,
    ) -> None:
        if part not in ("train", "test"):
            raise ConfigError(f"part {part!r} is not known: expected 'train' or 'test'")
        data, folds, workspace = _opened(dataset, folds)
        sides = fold_part(data, folds, fold)
        positions = sides.train if part == "train" else sides.test
        masks = np.zeros((len(data.classes), *data.crops.shape[1:3]), np.float32)
        self.guided: NDArray[np.bool_] = np.zeros(len(data.classes), bool)
        if prior is not None:
            bank = prior if isinstance(prior, PriorBank) else PriorBank.load(Path(prior))
            masks, self.guided = prior_for(data, bank, folds, fold)
            others = set(bank.meta.sources) - {data.dataset} if workspace is not None else set()
            known = {name: picture_digests(workspace, name) for name in sorted(others)} if workspace else {}
            check_prior_pictures(data, sides.test, known)
        self.classes = data.classes
        self.subjects, self.sample_ids = data.subjects[positions], data.sample_ids[positions]
        self.labels = data.labels[positions]
        self._crops, self._rows = data.crops, data.rows[positions]
        self._masks = torch.from_numpy(masks)
        self._luma = torch.tensor(LUMA).reshape(3, 1, 1)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Item:
        """Return colour, gray, prior and label of a face."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"face {index} is out of range: there are {len(self)}")
        pixels = self._crops[self._rows[[index]]][0]
        color = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1).contiguous().float() / 255
        gray = (color * self._luma).sum(dim=0, keepdim=True)
        label = int(self.labels[index])
        return color, gray, self._masks[label][None].clone(), label


def _opened(dataset: Any, folds: Folds | None) -> tuple[TrainingData, Folds, Workspace | None]:
    """Return faces, their folds, and the workspace that they lie in, where that is known."""
    if isinstance(dataset, TrainingData):
        if folds is None and not is_split(dataset.splits):
            raise ConfigError("faces without a split of their own need folds: give folds=Folds.read(path)")
        return dataset, folds or dataset.official(), None
    place = dataset if isinstance(dataset, Alignment) else getattr(dataset, "alignment", None)
    if isinstance(place, Alignment):
        folder, aligned, workspace = place.selection.folder, place.folder, place.selection.workspace
    elif isinstance(dataset, (str, Path)):
        folder = aligned = Path(dataset).expanduser()
        workspace = Workspace(folder.parent)
    else:
        what = type(dataset).__name__
        raise ConfigError(f"{what} is no dataset: give its folder in the workspace, or what facemotion.open gives")
    data = load_training_data(folder, read_json(folder / "ingest.json")["classes"], aligned_in=aligned)
    if folds is None:
        folds = data.official() if is_split(data.splits) else Folds.read(folder / "folds.json")
    return data, folds, workspace
