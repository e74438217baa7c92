"""The phases of a training: what learns, how fast, for how long, and what each loss weighs."""

from dataclasses import dataclass

from facemotion.models import variants
from facemotion.models.variants import Guidance
from facemotion.training.schedule import Schedule, weight_factor
from facemotion.training.settings import TrainSettings

__all__ = ["Phase", "phases"]

SMALLEST = 8
"""Faces of a batch that is smaller for the sake of more steps: batch norm needs some."""


@dataclass(frozen=True)
class Phase:
    """A stretch of training with one optimiser.

    Attributes
    ----------
    name : str
        ``generator`` or ``joint``.
    epochs, constant, batch : int
        Length, epochs at the full rate, faces a step.
    rates : dict of str to float
        Learning rate of each part of the model that learns.
    guidance : {"mask", "attention"} or None
        What is compared with the prior.
    mask_weight, class_weight : float
        Of that comparison, and of the cross entropy (lambda 1 and 2 of Eq. 5).
    mask_schedule : {"constant", "falling", "rising"}
        What becomes of the former over the epochs.
    least_steps : int
        Steps that an epoch should have; see `batch_for`.
    number : int
        0 or 1: what is random in a phase follows from it, so that it is the same for all variants.
    """

    name: str
    epochs: int
    constant: int
    batch: int
    rates: dict[str, float]
    guidance: Guidance | None
    mask_weight: float
    class_weight: float
    number: int
    mask_schedule: Schedule = "constant"
    least_steps: int = 1

    def batch_for(self, number: int) -> int:
        """Return the faces of a step in an epoch of `number` faces.

        It is `batch`, or fewer where that would make fewer than `least_steps` steps; never fewer than 8 for that.
        """
        return min(self.batch, max(SMALLEST, number // self.least_steps))

    def mask_weight_in(self, epoch: int) -> float:
        """Return what the comparison with the prior weighs in an epoch, counted from 0."""
        return self.mask_weight * weight_factor(epoch, epochs=self.epochs, schedule=self.mask_schedule)


def phases(settings: TrainSettings, variant: str, *, generator_first: bool = True) -> list[Phase]:
    """Return the phases of a variant.

    The variant says which parts learn, and whether the mask generator is trained alone first. Datasets that the paper
    trains without the first phase (AffectNet) say so by `generator_first`.
    """
    own, kind = settings.training, variants.load(variant)
    rates = {
        part: own.joint_generator_rate if part == "generator" else own.joint_rate for part in kind.parts(settings.model)
    }
    joint = Phase(
        "joint",
        own.joint_epochs,
        own.joint_constant,
        own.joint_batch,
        rates,
        kind.guidance,
        {"mask": own.lambda_mask, "attention": own.guided_weight, None: 0.0}[kind.guidance],
        own.lambda_class,
        number=1,
        least_steps=own.least_steps,
        mask_schedule=own.guided_schedule if kind.guidance == "attention" else "constant",
    )
    if not kind.generator_first(settings.model) or not generator_first or not own.generator_epochs:
        return [joint]
    first = Phase(
        "generator",
        own.generator_epochs,
        own.generator_constant,
        own.generator_batch,
        {"generator": own.generator_rate},
        "mask",
        1.0,
        0.0,
        number=0,
        least_steps=own.least_steps,
    )
    return [first, joint]
