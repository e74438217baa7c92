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
from facemotion.names import near
from facemotion.priors.bank import PriorBank
from facemotion.priors.controls import CONTROLS, apply_control
from facemotion.runs.start import Start
from facemotion.runs.training import Training
from facemotion.training.data import Part, TrainingData, fold_part, prior_for
from facemotion.training.leaks import check_prior_pictures, check_start_pictures
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
    controls : tuple of str
        Each variant that a prior guides is trained with the masks of these controls too; see
        `facemotion.priors.controls`.
    """

    folds: tuple[int, ...] | None = None
    seeds: tuple[int, ...] = (0,)
    variants: tuple[str, ...] = (variants.DEFAULT,)
    controls: tuple[str, ...] = ()

    @property
    def arms(self) -> list[str]:
        """The variants, each followed by itself with the controls' masks, in the order in which they are shown.

        Raises
        ------
        ConfigError
            If a variant or control does not exist, or controls are asked for and no prior guides any variant.
        """
        guided = [name for name in self.variants if variants.load(name).uses_prior]
        unknown = [name for name in self.controls if name not in CONTROLS]
        if unknown:
            raise ConfigError(
                f"there is no control {unknown[0]!r}{near(unknown[0], CONTROLS)}: known are {', '.join(CONTROLS)}"
            )
        if self.controls and not guided:
            message = (
                f"no prior guides {', '.join(self.variants)}, so that other masks change nothing: leave out --control, "
                "or name a variant that is guided"
            )
            raise ConfigError(message)
        return variants.crossed(self.variants, self.controls)

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
        arms = self.arms
        if min(self.seeds, default=0) < 0:
            raise ConfigError(f"seed {min(self.seeds)} is negative: seeds are whole numbers from 0")
        if not numbers or not self.seeds or not self.variants:
            raise ConfigError("nothing to train: at least one fold, one seed and one variant are needed")
        return [
            Training(run, arm, fold, seed) for fold in numbers for seed in dict.fromkeys(self.seeds) for arm in arms
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
    start : Start or None
        The training of another run that each of these begins with.
    start_pictures : mapping of str to sequence of str
        SHA-256 of the pictures of the datasets that had a part in it, likewise.
    """

    data: TrainingData
    bank: PriorBank
    folds: Folds
    settings: TrainSettings
    header: Mapping[str, Any]
    prior_pictures: Mapping[str, Sequence[str]] = field(default_factory=dict)
    start: Start | None = None
    start_pictures: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def key(self) -> str:
        """Stands for settings and inputs: what has another key is of another run."""
        return provenance.key(self.header)

    def part(self, fold: int) -> Part:
        """Return a fold's training and test faces, after checking that neither side has seen the other.

        Raises
        ------
        LeakageError, DataError
            See `fold_part`, `check_prior_pictures`, `Start.check_dataset` and `check_start_pictures`.
        """
        if self.start is not None:
            self.start.check_dataset(self.data.dataset)
        part = fold_part(self.data, self.folds, fold)
        check_prior_pictures(self.data, part.test, self.prior_pictures)
        check_start_pictures(self.data, part.test, self.start_pictures)
        return part

    def bank_of(self, control: str) -> PriorBank:
        """Return a control's bank; the right one for an empty name.

        Raises
        ------
        PriorError
            If the control cannot be made of the bank.
        """
        return apply_control(self.bank, control) if control else self.bank

    def prior(self, fold: int, control: str = "") -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return the masks that may guide a fold's training, the right ones or a control's; see `prior_for`."""
        return prior_for(self.data, self.bank_of(control), self.folds, fold)

    def config(self, *, device: str, versions: Mapping[str, str], controls: Sequence[str] = ()) -> dict[str, Any]:
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
            "prior": {
                "dataset": meta.dataset,
                "alignment": meta.alignment,
                "digest": self.bank.digest(),
                "synthetic": str(meta.synthetic),
            },
            "made_from": made_from,
            "settings": self.settings.as_json(),
            "device": device,
            **({"began_with": self._start()} if self.start is not None else {}),
            **({"controls": {name: self.bank_of(name).digest() for name in controls}} if controls else {}),
        }

    def _start(self) -> dict[str, Any]:
        assert self.start is not None
        training = self.start.training
        return {"run": training.run.name, "training": str(training), "datasets": list(self.start.datasets)}
