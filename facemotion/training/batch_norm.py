"""Running statistics of batch norm after a short training.

They begin at mean 0 and variance 1, and each step moves them by a tenth towards those of its batch: after 36 steps 2 %
of the 1 are left. A layer whose true variance is a ten-thousandth is then off by a factor of 200 when it is tested,
and the network gives one answer for all faces, though it has learned. What is left is known, so that it can be taken
out, as Adam does with its moments.
"""

from collections.abc import Sequence

import torch
from torch import nn

__all__ = ["correct", "fresh"]


def fresh(model: nn.Module) -> list[nn.BatchNorm2d]:
    """Return the layers whose running statistics are those that they begin with: not those of pretrained weights."""
    layers = [layer for layer in model.modules() if isinstance(layer, nn.BatchNorm2d)]
    return [layer for layer in layers if layer.momentum is not None and _is_new(layer)]


def _is_new(layer: nn.BatchNorm2d) -> bool:
    mean, variance = layer.running_mean, layer.running_var
    return mean is not None and variance is not None and not mean.any() and bool((variance == 1).all())


@torch.no_grad()
def correct(layers: Sequence[nn.BatchNorm2d]) -> None:
    """Take out of running statistics, in place, what is left of the 0 and 1 that they began with.

    Parameters
    ----------
    layers : sequence of torch.nn.BatchNorm2d
        See `fresh`; those that have seen no batch are left as they are.
    """
    for layer in layers:
        steps, mean, variance = layer.num_batches_tracked, layer.running_mean, layer.running_var
        if not steps or mean is None or variance is None or layer.momentum is None:
            continue
        left = (1 - layer.momentum) ** int(steps)
        mean.div_(1 - left)
        variance.sub_(left).div_(1 - left).clamp_(min=0)
