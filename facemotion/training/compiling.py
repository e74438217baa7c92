"""Networks as they are trained: convolutions by rows, compiled, and distributed, where that is wanted."""

import inspect
from typing import Any

import torch
from torch import nn

from facemotion.models.narrow import compute_by_rows
from facemotion.training.distributed import Group
from facemotion.training.settings import TrainingSettings

__all__ = ["from_compiler", "prepared"]

_COMPILER = ("torch._dynamo", "torch._inductor", "torch._functorch", "triton")
"""Packages whose errors are the compiler's."""


def prepared(network: nn.Module, settings: TrainingSettings, group: Group) -> nn.Module:
    """Return a network as it is trained; parameters and buffers are the same tensors.

    Parameters
    ----------
    network : torch.nn.Module
        What learns.
    settings : TrainingSettings
        What is wanted.
    group : Group
        The processes that share each batch.
    """
    compute_by_rows(network, settings.row_convolutions)
    found: Any = network
    if settings.compile:
        found = torch.compile(network, dynamic=False, options=_options(settings))
    if group.size > 1:
        kind = nn.parallel.DistributedDataParallel
        # batch norm keeps its statistics equal by itself; newer torch has another name for the switch
        new = "forward_sync_buffers" in inspect.signature(kind).parameters
        switch: dict[str, Any] = {"forward_sync_buffers" if new else "broadcast_buffers": False}
        found = kind(found, **switch)
    return found


def _options(settings: TrainingSettings) -> dict[str, Any]:
    """Return the compiler's options: the same code each time, where the same bits are wanted."""
    from torch._inductor import config  # slow to import

    wanted = settings.deterministic and hasattr(config, "deterministic")
    return {"deterministic": True} if wanted else {}


def from_compiler(error: BaseException) -> bool:
    """Tell whether an error is of torch.compile, or of what it calls."""
    kinds = [kind.__module__ for kind in type(error).__mro__]
    return any(name.startswith(_COMPILER) for name in kinds)
