"""Which settings have no effect on a training, since nothing that is trained heeds them, and why."""

from collections.abc import Iterable, Sequence

from facemotion.models import variants
from facemotion.training.phases import phases
from facemotion.training.settings import TrainSettings

__all__ = ["names_of", "without_effect"]

_FIRST_PHASE = tuple(f"training.generator_{name}" for name in ("epochs", "constant", "rate", "batch"))
_GENERATOR = ("training.joint_generator_rate", "training.row_convolutions", "model.width", "model.blocks")
_CUDA = tuple(f"training.{name}" for name in ("precision", "cuda_graph", "deterministic"))


def names_of(overrides: Iterable[str]) -> list[str]:
    """Return the settings that ``section.field=value`` texts replace, as ``section.field``, each once."""
    return list(dict.fromkeys(each.partition("=")[0].strip() for each in overrides))


def without_effect(
    given: Iterable[str],
    settings: TrainSettings,
    chosen: Sequence[str],
    *,
    generator_first: bool = True,
    device: str = "cpu",
) -> list[str]:
    """Say which of some settings change nothing, a sentence each.

    Settings that belong to single variants are left to `facemotion.models.variants.without_effect`.

    Parameters
    ----------
    given : iterable of str
        The settings that the user chose, as ``section.field``.
    settings : TrainSettings
        All settings.
    chosen : sequence of str
        The variants that are trained.
    generator_first : bool
        Whether the mask generator is trained alone first, where a variant has one; not on an official split.
    device : str
        ``cpu`` or ``cuda``.
    """
    kinds = [variants.load(name) for name in chosen]
    called = ", ".join(variants.ordered(set(chosen)))
    reasons: dict[str, str] = {}
    if not any(len(phases(settings, name, generator_first=generator_first)) > 1 for name in chosen):
        if not any(kind.generator_first(settings.model) for kind in kinds):
            why = f"{called} has no phase in which the mask generator is trained alone"
        elif not generator_first:
            why = "an official split is trained on in the joint phase only"
        else:
            why = "training.generator_epochs is 0"
        reasons |= dict.fromkeys(_FIRST_PHASE, why)
        if "is 0" in why:
            del reasons["training.generator_epochs"]
    if not any("generator" in kind.parts(settings.model) for kind in kinds):
        reasons |= dict.fromkeys(_GENERATOR, f"{called} has no mask generator")
    if not any(kind.guidance == "mask" for kind in kinds):
        reasons["training.lambda_mask"] = f"{called} has no mask loss"
    if device == "cuda":
        reasons["training.cpu_precision"] = "it is trained on CUDA"
    else:
        reasons |= dict.fromkeys(_CUDA, f"it is for CUDA, and this is trained on a {device.upper()}")
    return [f"{name} has no effect: {reasons[name]}" for name in given if name in reasons]
