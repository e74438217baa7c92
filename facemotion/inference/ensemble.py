"""Several trainings of a run as one model: the mean of their answers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facemotion.errors import ConfigError
from facemotion.evaluation.scored import Scored
from facemotion.inference.model import Model

__all__ = ["Ensemble"]


class Ensemble:
    """The mean of several models' probabilities and masks; see `facemotion.inference.model.Model`.

    Parameters
    ----------
    models : sequence of Model
        At least one; they agree in all but fold and seed.
    members : sequence of str
        What they are called.

    Raises
    ------
    ConfigError
        If there is none, or they do not agree.
    """

    def __init__(self, models: Sequence[Model], members: Sequence[str]) -> None:
        if not models:
            raise ConfigError("an ensemble needs at least one model")
        self.card, self.members = models[0].card, tuple(members)
        for model, member in zip(models, members, strict=True):
            if model.card.model_copy(update={"fold": self.card.fold, "seed": self.card.seed}) != self.card:
                raise ConfigError(f"{member} was not trained as {members[0]} was, so their answers have no mean")
        self._models = tuple(models)

    def __call__(self, crops: NDArray[np.uint8]) -> Scored:
        """Score crops; see `Model`."""
        scored = [model(crops) for model in self._models]
        masks = [each.masks for each in scored if each.masks is not None]
        return Scored(_mean([each.probabilities for each in scored]), _mean(masks) if masks else None)


def _mean(arrays: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.asarray(np.mean(np.stack(arrays), axis=0, dtype=np.float64), np.float32)
