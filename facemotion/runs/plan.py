"""What a run trains: faces, priors and folds, the settings, and which trainings of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facemotion import provenance
from facemotion.errors import ConfigError
from facemotion.folds import Folds
from facemotion.models import variants
from facemotion.priors.bank import PriorBank
from facemotion.runs.training import Training
from facemotion.training.data import Part, TrainingData, fold_part, prior_for
from facemotion.training.leaks import check_prior_pictures
from facemotion.training.settings import TrainSettings

__all__ = ["Choice", "Plan"]


@dataclass(frozen=True)
class Choice:
    """Which trainings of a run are meant.

    Attributes
    ----------
    folds : tuple of int or None
        All folds by default; 0 is an official split.
    seeds : tuple of int
    variants : tuple of str
    """

    folds: tuple[int, ...] | None = None
    seeds: tuple[int, ...] = (0,)
    variants: tuple[str, ...] = (variants.DEFAULT,)

    def trainings(self, run: Path, folds: Folds) -> list[Training]:
        """Return the trainings of a run, fold by fold.

        Raises
        ------
        ConfigError
            If a fold or variant does not exist, a seed is negative, or nothing is meant.
        """
        numbers = list(range(len(folds))) if self.folds is None else list(dict.fromkeys(self.folds))
        for number in numbers:
            folds.of(number)
        for name in self.variants:
            variants.load(name)
        if min(self.seeds, default=0) < 0:
            raise ConfigError(f"seed {min(self.seeds)} is negative: seeds are whole numbers from 0")
        if not numbers or not self.seeds or not self.variants:
            raise ConfigError("nothing to train: at least one fold, one seed and one variant are needed")
        return [
            Training(run, variant, fold, seed)
            for fold in numbers
            for seed in dict.fromkeys(self.seeds)
            for variant in variants.ordered(set(self.variants))
        ]


@dataclass(frozen=True, eq=False)
class Plan:
    """What a run is made from, and how.

    Attributes
    ----------
    data : TrainingData
        The crops.
    bank : PriorBank
        The priors; on their own source each fold takes its own.
    folds : Folds
        Who is tested where; an official split is trained on in the joint phase only, as the paper does on AffectNet.
    settings : TrainSettings
        Networks, sizes, phases.
    header : mapping
        The provenance header.
    prior_pictures : mapping of str to sequence of str
        SHA-256 of the pictures of the prior's other sources, by dataset, as far as they are at hand: none may be among
        the test faces.
    """

    data: TrainingData
    bank: PriorBank
    folds: Folds
    settings: TrainSettings
    header: Mapping[str, Any]
    prior_pictures: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def key(self) -> str:
        """Stands for settings and inputs: what has another key is of another run."""
        return provenance.key(self.header)

    def part(self, fold: int) -> Part:
        """Return a fold's training and test faces, after checking that neither side has seen the other.

        Raises
        ------
        LeakageError, DataError
            See `fold_part` and `check_prior_pictures`.
        """
        part = fold_part(self.data, self.folds, fold)
        check_prior_pictures(self.data, part.test, self.prior_pictures)
        return part

    def prior(self, fold: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return the masks that may guide a fold's training; see `prior_for`."""
        return prior_for(self.data, self.bank, self.folds, fold)

    def config(self, *, device: str, versions: Mapping[str, str]) -> dict[str, Any]:
        """Return the content of ``config.json``; see `facemotion.runs.config.RunConfig`."""
        data, meta = self.data, self.bank.meta
        made_from = {"manifest": data.manifest_digest, "folds": self.folds.digest}
        if "faces" in self.header["inputs"]:
            made_from["faces"] = self.header["inputs"]["faces"]
        return {
            "provenance": dict(self.header),
            "key": self.key,
            "versions": dict(versions),
            "dataset": data.dataset,
            "classes": list(data.classes),
            "alignment": {
                "id": data.alignment,
                "settings": data.alignment_settings,
                "selection": data.place[0],
                "name": data.place[1],
            },
            "prior": {"dataset": meta.dataset, "alignment": meta.alignment, "digest": self.bank.digest()},
            "made_from": made_from,
            "settings": self.settings.as_json(),
            "device": device,
        }
