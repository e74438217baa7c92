"""What a trained model says of a picture or of crops, for Python code."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facemotion.alignment.face import Aligned, align_image
from facemotion.errors import AlignmentError, ConfigError
from facemotion.evaluation.scored import Scored
from facemotion.inference.model import Card
from facemotion.inference.opening import open_ensemble, open_model
from facemotion.inference.predictor import landmark_source
from facemotion.landmarks.faces import Failure
from facemotion.runs import Run
from facemotion.workspace import Workspace

__all__ = ["Prediction", "Predictor"]


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a model says of a face.

    Attributes
    ----------
    expression : str
        The most probable.
    probabilities : dict of str to float
        By class, in the model's order.
    mask : float32 array of shape (S, S) in [0, 1], or None
        Where the model looked; None for a variant without masks.
    aligned : Aligned
        The face, its crop, and where it was found.
    """

    expression: str
    probabilities: dict[str, float]
    mask: NDArray[np.float32] | None
    aligned: Aligned


class Predictor:
    """A trained model that looks at pictures, as `facemotion predict` does.

    Parameters
    ----------
    run : Run, Path or str
        A run, its name in the workspace, its folder, or a file of `facemotion export`.
    variant, fold, seed : optional
        Which training of the run; the first by default.
    device : str
        Where the network computes; faces are located on the CPU.
    model_pack : Path, optional
        For models whose faces were located with insightface.
    work : Path or str, optional
        The workspace: ``$FACEMOTION_WORK``, else ``./facemotion-work``.
    ensemble : bool
        Take the mean of the run's folds (and seeds) instead of one training.

    Raises
    ------
    FacemotionError
        If there is no such model, or it cannot be used.

    Examples
    --------
    >>> predictor = Predictor("ckplus-paper", fold=3)  # doctest: +SKIP
    >>> found = predictor(image)  # doctest: +SKIP
    >>> found.expression if found else found.message  # doctest: +SKIP
    'happiness'
    """

    def __init__(
        self,
        run: Run | Path | str,
        *,
        variant: str | None = None,
        fold: int | None = None,
        seed: int | None = None,
        device: str = "cpu",
        model_pack: Path | None = None,
        work: Path | str | None = None,
        ensemble: bool = False,
    ) -> None:
        place = Workspace(work)
        if ensemble and fold is not None:
            raise ConfigError(f"an ensemble is of all folds: leave out fold={fold}, or ensemble")
        if ensemble:
            self._model, self.name = open_ensemble(place, run, variant=variant, seed=seed, device=device)
        else:
            self._model, self.name = open_model(place, run, variant=variant, fold=fold, seed=seed, device=device)
        self._source = landmark_source(self.card.alignment, model_pack=model_pack)

    def __repr__(self) -> str:
        return f"Predictor({self.name!r}, variant={self.card.variant!r}, fold={self.card.fold}, seed={self.card.seed})"

    @property
    def card(self) -> Card:
        """What is known of the model: classes, alignment, training."""
        return self._model.card

    def __call__(self, image: NDArray[np.uint8]) -> Prediction | Failure:
        """Say which expression a picture shows.

        Parameters
        ----------
        image : uint8 array of shape (H, W, 3)
            RGB, upright. Of several faces the one in the middle counts, as in `facemotion align`.

        Returns
        -------
        Prediction or Failure
            A failure is false in a condition, and has a status and a message.

        Raises
        ------
        AlignmentError
            If `image` is no such array.
        """
        aligned = align_image(image, settings=self.card.alignment, source=self._source)
        if isinstance(aligned, Failure):
            return aligned
        scored = self.crops(aligned.crop[None])
        shares = {name: float(share) for name, share in zip(self.card.classes, scored.probabilities[0], strict=True)}
        mask = None if scored.masks is None else scored.masks[0]
        return Prediction(self.card.classes[int(scored.probabilities[0].argmax())], shares, mask, aligned)

    def crops(self, array: NDArray[np.uint8]) -> Scored:
        """Score crops that were aligned as the model's were.

        Parameters
        ----------
        array : uint8 array of shape (n, H, W, 3)
            RGB, with the size of the model's crops (70x70 by default).

        Returns
        -------
        Scored
            Probabilities in the order of ``card.classes``, and masks.

        Raises
        ------
        AlignmentError
            If `array` is no such array.
        """
        height, width = self.card.alignment.crop_size
        found = np.asarray(array)
        if found.dtype != np.uint8 or found.ndim != 4 or found.shape[1:] != (height, width, 3):
            message = (
                f"crops are a uint8 array of shape (n, {height}, {width}, 3) in RGB, not {found.dtype} {found.shape}"
            )
            raise AlignmentError(f"{message}; align pictures first, or call the predictor with a picture")
        if not len(found):
            masks = np.zeros((0, self.card.side, self.card.side), np.float32) if self.card.has_mask else None
            return Scored(np.zeros((0, len(self.card.classes)), np.float32), masks)
        return self._model(found)
