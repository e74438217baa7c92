"""The phases of a training: what learns, how fast, for how long, and what each loss weighs."""

from dataclasses import dataclass

from facemotion.models import variants
from facemotion.training.settings import TrainSettings

__all__ = ["Phase", "phases"]


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
    mask_weight, class_weight : float
        Lambda 1 and 2 of Eq. 5.
    number : int
        0 or 1: what is random in a phase follows from it, so that it is the same for all variants.
    """

    name: str
    epochs: int
    constant: int
    batch: int
    rates: dict[str, float]
    mask_weight: float
    class_weight: float
    number: int


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
        own.lambda_mask if kind.uses_prior else 0.0,
        own.lambda_class,
        number=1,
    )
    if not kind.generator_first(settings.model) or not generator_first or not own.generator_epochs:
        return [joint]
    first = Phase(
        "generator",
        own.generator_epochs,
        own.generator_constant,
        own.generator_batch,
        {"generator": own.generator_rate},
        1.0,
        0.0,
        number=0,
    )
    return [first, joint]
