"""A model run by torch, from a run's folder."""

import numpy as np
from numpy.typing import NDArray

import facemotion
from facemotion.evaluation.scored import Scored
from facemotion.inference.model import Card
from facemotion.runs import Run, Training
from facemotion.runs.synthetic import prior_of_synthetic, trained_on_synthetic
from facemotion.runs.trained import load_trained
from facemotion.training.device import Precision
from facemotion.training.scoring import Deployed, score

__all__ = ["TorchModel"]


class TorchModel:
    """A model run by torch; see `facemotion.inference.model.Model`.

    Parameters
    ----------
    network : Deployed
        Where it lies is where it computes.
    card : Card
        What is known of it.
    precision : {"bf16", "float32"}
        Of the arithmetic on CUDA.
    """

    def __init__(self, network: Deployed, card: Card, precision: Precision = "float32") -> None:
        self.network, self.card = network, card
        self._precision: Precision = precision

    @classmethod
    def load(cls, run: Run, training: Training, device: str = "cpu") -> "TorchModel":
        """Load a training of a run; it computes as its test faces were scored.

        Raises
        ------
        WorkspaceError
            If it is damaged, or the run does not say how its faces were aligned.
        """
        config = run.config
        alignment = config.align_settings()
        trained = load_trained(training)
        settings = trained.settings
        card = Card(
            facemotion=facemotion.__version__,
            classes=trained.classes,
            variant=training.variant,
            fold=training.fold,
            seed=training.seed,
            dataset=config.dataset,
            prior=config.prior.dataset,
            synthetic=trained_on_synthetic(run),
            prior_synthetic=prior_of_synthetic(run),
            preset=settings.preset,
            alignment=alignment,
            side=settings.data.crop,
            window=settings.data.crop / settings.data.resize,
        )
        return cls(trained.deployed(device), card, settings.training.precision)

    def __call__(self, crops: NDArray[np.uint8]) -> Scored:
        """Score crops; see `Model`."""
        return score(self.network, crops, precision=self._precision)
