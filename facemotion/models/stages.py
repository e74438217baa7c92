"""The stages of a timm classifier: where its features are, and what passes there."""

from typing import Any

import torch
from torch import Tensor, nn

from facemotion.errors import ConfigError

__all__ = ["Passing", "find_stage"]


def find_stage(classifier: nn.Module, stage: int, *, side: int | None = None) -> tuple[nn.Module, int]:
    """Return the module whose output is a stage's features, and their number of channels.

    Parameters
    ----------
    classifier : torch.nn.Module
        Of timm, with ``feature_info``; it is tried out, and left as it was.
    stage : int
        The last features whose side is a 2 ** stage-th of the face's.
    side : int, optional
        Height and width of the faces; what the network is made for by default.

    Raises
    ------
    ConfigError
        If the network has no such stage, or it is not of feature maps.
    """
    config: Any = getattr(classifier, "pretrained_cfg", None) or {}
    name = config.get("architecture", type(classifier).__name__)
    info: Any = getattr(classifier, "feature_info", None) or []
    entries = {int(entry["reduction"]): entry for entry in getattr(info, "info", info)}  # the last one of each size
    if 2**stage not in entries:
        there = ", ".join(str(reduction.bit_length() - 1) for reduction in sorted(entries)) or "none"
        raise ConfigError(f"{name!r} has no stage {stage} (1/{2**stage} of the face's side); its stages are {there}")
    entry = entries[2**stage]
    module, channels = classifier.get_submodule(entry["module"]), int(entry["num_chs"])
    found = _shape(classifier, module, side or config["input_size"][-1])
    if len(found) != 4 or found[1] != channels:
        message = (
            f"stage {stage} of {name!r} gives {found} and no maps of {channels} channels; choose another classifier"
        )
        raise ConfigError(message)
    return module, channels


@torch.no_grad()
def _shape(classifier: nn.Module, module: nn.Module, side: int) -> tuple[int, ...]:
    """Return the shape of what a module gives for one face."""
    shapes: list[tuple[int, ...]] = []
    handle = module.register_forward_hook(lambda module, inputs, output: shapes.append(tuple(output.shape)))
    learns = classifier.training
    try:
        classifier.eval()(torch.zeros(1, 3, side, side, device=next(classifier.parameters()).device))
    except Exception as error:  # networks raise all sorts
        raise ConfigError(f"the classifier cannot take faces of {side} px ({error}); choose another") from error
    finally:
        handle.remove()
        classifier.train(learns)
    return shapes[0]


class Passing:
    """A tensor on its way from a hook inside the classifier to the network around it.

    It is no module, so that torch's exporter and compiler take it for what it is: a value of this pass alone.
    """

    def __init__(self) -> None:
        self._held: Tensor | None = None

    def put(self, value: Tensor) -> None:
        """Hold a value."""
        self._held = value

    def peek(self) -> Tensor | None:
        """Return the value that is held, if any."""
        return self._held

    def take(self) -> Tensor:
        """Return the value that is held, and let go of it."""
        held, self._held = self._held, None
        assert held is not None
        return held
