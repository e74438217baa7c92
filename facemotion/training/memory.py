"""How much memory of a device a training needs, told from its settings before it begins.

Nearly all of it is what a step keeps of its way forward for its way back. That is counted: the network is walked
through without numbers (torch's device ``meta``), and what autograd keeps is added up.
"""

import torch
from torch import Tensor

from facemotion.models import variants
from facemotion.training.phases import phases
from facemotion.training.settings import TrainSettings

__all__ = ["bytes_needed", "kept_per_face"]

OTHER = 1.5
"""What else a step needs, as a factor: gradients on their way back, and what convolutions work on."""
CONTEXT = 1e9
"""Bytes of a process itself: CUDA's context, and the libraries' own memory."""
COPIES = 5
"""A weight, its gradient, Adam's two moments, and a copy in bf16 with its gradient."""
_FACES = 2


def kept_per_face(settings: TrainSettings, variant: str, classes: int) -> dict[str, float]:
    """Return the float32 bytes that autograd keeps of one face, by phase.

    Parameters
    ----------
    settings : TrainSettings
        Networks and sizes.
    variant : str
        What is trained.
    classes : int
        Number of expressions.
    """
    return {name: each for name, (each, _) in _counted(settings, variant, classes).items()}


def bytes_needed(settings: TrainSettings, variant: str, classes: int, *, crops: int = 0) -> float:
    """Return about how many bytes of a CUDA device's memory a training needs at most; an estimate, made to be ample.

    Parameters
    ----------
    settings : TrainSettings
        Networks, sizes, batches and precision.
    variant : str
        What is trained.
    classes : int
        Number of expressions.
    crops : int
        Bytes of the crops, which lie on the device too.
    """
    share = 0.5 if settings.training.precision == "bf16" else 1.0
    batches = {phase.name: phase.batch for phase in phases(settings, variant)}
    counted = _counted(settings, variant, classes)
    steps = [OTHER * share * kept * batches[name] + 4 * COPIES * own for name, (kept, own) in counted.items()]
    return CONTEXT + crops + max(steps)


def _counted(settings: TrainSettings, variant: str, classes: int) -> dict[str, tuple[float, int]]:
    """Return for each phase the float32 bytes kept of a face, and the number of weights that learn."""
    plain = settings.model.model_copy(update={"pretrained": False})  # nothing is read
    crop, found = settings.data.crop, {}
    with torch.device("meta"):
        network = variants.build(variant, classes, plain, side=crop).train()
        color, gray = torch.rand(_FACES, 3, crop, crop), torch.rand(_FACES, 1, crop, crop)
    for phase in phases(settings, variant):
        own = network if phase.class_weight else network.get_submodule("generator")
        weights = {id(weight) for weight in own.parameters()}
        kept: dict[int, int] = {}

        def note(tensor: Tensor, weights: set[int] = weights, kept: dict[int, int] = kept) -> Tensor:
            if id(tensor) not in weights:
                storage = tensor.untyped_storage()
                kept[storage._cdata] = storage.nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
            result = own(color, gray) if phase.class_weight else own(gray)
        found[phase.name] = (sum(kept.values()) / _FACES, sum(weight.numel() for weight in own.parameters()))
        del result
    return found
