"""One training of a run: a variant, a fold and a seed, and the files in its folder.

``VARIANT/fold-K/seed-S/`` holds ``model.safetensors`` with the weights of the last epoch, ``history.json`` with the
curves, ``predictions.parquet`` with the test faces and ``masks.npz`` with some learned masks; ``state.safetensors`` is
there while it is under way.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facemotion.errors import FacemotionError, WorkspaceError
from facemotion.runs.explanation import Explanation
from facemotion.runs.masks import LearnedMasks, read_masks
from facemotion.runs.records import is_number, read_record
from facemotion.workspace import digest_file

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Training"]

_MOST_PHASES = 8


@dataclass(frozen=True)
class Training:
    """One training, begun or not.

    Attributes
    ----------
    run : Path
        The run's folder.
    variant : str
        A variant of the model.
    fold, seed : int
        The fold is 0 where the dataset has an official split.
    """

    run: Path
    variant: str
    fold: int
    seed: int

    def __str__(self) -> str:
        return f"{self.variant}, fold {self.fold}, seed {self.seed}"

    @classmethod
    def at(cls, folder: Path) -> "Training | None":
        """Return the training that a folder of a run is of; None if its name is not that of one."""
        fold, seed = folder.parent.name.removeprefix("fold-"), folder.name.removeprefix("seed-")
        if not all(text.isdecimal() and text.isascii() and len(text) < 10 for text in (fold, seed)):
            return None
        found = cls(folder.parent.parent.parent, folder.parent.parent.name, int(fold), int(seed))
        return found if found.folder == folder else None

    @property
    def folder(self) -> Path:
        """Its folder."""
        return self.run / self.variant / f"fold-{self.fold}" / f"seed-{self.seed}"

    @property
    def weights(self) -> Path:
        """``model.safetensors``."""
        return self.folder / "model.safetensors"

    @property
    def state(self) -> Path:
        """``state.safetensors``, from which an interrupted training goes on."""
        return self.folder / "state.safetensors"

    @property
    def curves(self) -> Path:
        """``history.json``, which is written last: it marks the training as finished."""
        return self.folder / "history.json"

    @property
    def scored(self) -> Path:
        """``predictions.parquet`` of its test faces."""
        return self.folder / "predictions.parquet"

    @property
    def masks_kept(self) -> Path:
        """``masks.npz``, the learned masks of some test faces."""
        return self.folder / "masks.npz"

    @property
    def explained(self) -> Path:
        """``explained.json``, where `facemotion explain` has looked; ``explained.png`` is beside it."""
        return self.folder / "explained.json"

    def is_finished(self, key: str) -> bool:
        """Tell whether it is finished and was made from what `key` stands for; a damaged record counts as not."""
        if not all(path.is_file() for path in (self.weights, self.scored, self.curves)):
            return False
        try:
            return read_record(self.curves).get("key") == key
        except FacemotionError:
            return False

    def history(self) -> list[dict[str, Any]]:
        """Return its epochs, as `facemotion.training.loop.fit` gives them.

        Raises
        ------
        WorkspaceError
            If ``history.json`` is missing, damaged or something else.
        """
        found = read_record(self.curves).get("epochs")
        epochs: list[dict[str, Any]] = found if isinstance(found, list) else []
        good = isinstance(found, list) and all(isinstance(epoch, dict) and _is_epoch(epoch) for epoch in epochs)
        if not good or len({epoch.get("phase") for epoch in epochs}) > _MOST_PHASES:
            raise WorkspaceError(f"{self.curves} does not hold the epochs of a training; train again")
        return epochs

    def predictions(self) -> "pd.DataFrame":
        """Return the predictions of its test faces, validated.

        Raises
        ------
        DataError, LeakageError
            If the table is missing or breaks its schema.
        """
        from facemotion.evaluation import predictions

        return predictions.read(self.scored)[0]

    def masks(self) -> LearnedMasks:
        """Return the learned masks kept of its test faces.

        Raises
        ------
        WorkspaceError
            If the file is missing or is something else.
        """
        return read_masks(self.masks_kept)

    def explanation(self) -> Explanation:
        """Return where its network looks, as `facemotion explain` found it.

        Raises
        ------
        WorkspaceError
            If that is not there, is damaged, or is of weights that are not its own any more.
        """
        found = Explanation.read(self.explained)
        known = found.model_digest and self.weights.is_file()
        if known and found.model_digest != digest_file(self.weights):
            raise WorkspaceError(f"{self.explained} is of other weights than those beside it; run `facemotion explain`")
        return found


def _is_epoch(epoch: dict[str, Any]) -> bool:
    """Tell whether an epoch has a phase and, besides, numbers, words and gaps only."""
    plain = all(value is None or isinstance(value, (bool, str)) or is_number(value) for value in epoch.values())
    phase = epoch.get("phase", "training")
    return plain and isinstance(phase, str) and len(phase) < 50 and is_number(epoch.get("epoch", 0))
