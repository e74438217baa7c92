"""Several processes that train one model together, started by torchrun; alone by default.

All processes hold all data and draw the same order. Each takes its share of every batch; batch norm sees the whole
batch, and gradients are averaged by DistributedDataParallel, so that the result is that of one process, up to
rounding and to what dropout draws: each process draws for its own share. Only the first process writes.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from facemotion.errors import EnvironmentProblem

__all__ = ["ALONE", "Group", "GroupBatchNorm", "joined", "share_batch_norm"]


@dataclass(frozen=True)
class Group:
    """The processes of a run.

    Attributes
    ----------
    rank : int
        This one, from 0.
    size : int
        How many there are.
    patient : object or None
        torch's group for waits that may take hours.
    """

    rank: int = 0
    size: int = 1
    patient: Any = None

    @property
    def leads(self) -> bool:
        """Whether this process writes."""
        return self.rank == 0

    def share(self, whole: slice) -> slice:
        """Return this process's part of a range; parts differ by one at most and cover the whole."""
        number = whole.stop - whole.start
        first, last = (whole.start + number * rank // self.size for rank in (self.rank, self.rank + 1))
        return slice(first, last)

    def sum(self, values: Tensor) -> Tensor:
        """Return the sum over all processes."""
        if self.size > 1:
            dist.all_reduce(values)
        return values

    def wait(self, *, patient: bool = False) -> None:
        """Wait until all processes are here; `patient` waits for hours, else torch's limit of minutes holds."""
        if self.size > 1:
            dist.barrier(self.patient if patient else None)

    @contextmanager
    def first(self) -> Iterator[None]:
        """Let the first process do what is inside before the others do: they then find it up to date.

        If the first one fails, it ends, and torchrun ends the others.
        """
        if not self.leads:
            self.wait(patient=True)
        yield
        if self.leads:
            self.wait(patient=True)


ALONE = Group()
PATIENCE = timedelta(days=7)
_joined: list[tuple[Group, torch.device]] = []


@contextmanager
def joined(device: torch.device) -> Iterator[tuple[Group, torch.device]]:
    """Join the processes that torchrun started, if it did; give the group and this process's device.

    Inside another such block, the group is the one already joined.

    Raises
    ------
    EnvironmentProblem
        If there are more processes on this machine than CUDA devices.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield ALONE, device
        return
    if _joined:
        yield _joined[-1]
        return
    if device.type == "cuda":
        local = int(os.environ["LOCAL_RANK"])
        if local >= torch.cuda.device_count():
            message = (
                f"torchrun started {local + 1} processes or more on this machine, which has "
                f"{torch.cuda.device_count()} CUDA devices; start as many as there are"
            )
            raise EnvironmentProblem(message)
        device = torch.device("cuda", local)
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        patient = dist.new_group(backend="gloo", timeout=PATIENCE)
        _joined.append((Group(dist.get_rank(), size, patient), device))
        yield _joined[-1]
    finally:
        _joined.clear()
        dist.destroy_process_group()


class _Sum(torch.autograd.Function):
    """The sum over all processes; its gradient is the sum of their gradients."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        total = values.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        total = gradients[0].clone()
        dist.all_reduce(total)
        return total


class GroupBatchNorm(nn.BatchNorm2d):
    """Batch norm over the faces of all processes; parameters and statistics as those of the layer it replaces.

    Unlike `torch.nn.SyncBatchNorm` it also runs on the CPU, and it keeps the activation that timm's
    ``BatchNormAct2d`` includes.
    """

    def __init__(self, old: nn.BatchNorm2d) -> None:
        super().__init__(old.num_features, old.eps, old.momentum, old.affine, old.track_running_stats)
        self.weight, self.bias = old.weight, old.bias
        self.running_mean, self.running_var = old.running_mean, old.running_var
        self.num_batches_tracked = old.num_batches_tracked
        self.drop = getattr(old, "drop", nn.Identity())
        self.act = getattr(old, "act", nn.Identity())
        self._forward_hooks = old._forward_hooks  # of a stage that ends in this layer

    def forward(self, input: Tensor) -> Tensor:
        """Return normalised features of the same shape."""
        return self.act(self.drop(self._normalised(input) if self.training else super().forward(input)))

    def _normalised(self, features: Tensor) -> Tensor:
        assert self.running_mean is not None
        assert self.running_var is not None
        values = features.float()
        sums = _Sum.apply(torch.cat([values.sum(dim=(0, 2, 3)), values.new_full((1,), values[:, 0].numel())]))
        count = sums[-1].detach()
        mean = sums[:-1] / count
        values = values - mean[:, None, None]
        variance = _Sum.apply(values.square().sum(dim=(0, 2, 3))) / count
        with torch.no_grad():
            self.num_batches_tracked += 1  # type: ignore[operator]
            share = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
            self.running_mean.lerp_(mean.detach(), share)
            self.running_var.lerp_(variance * count / (count - 1), share)
        scale = self.weight * torch.rsqrt(variance + self.eps)
        return (values * scale[:, None, None] + self.bias[:, None, None]).to(features.dtype)


def share_batch_norm(module: nn.Module) -> None:
    """Replace every batch norm inside `module` by `GroupBatchNorm`, in place; the state dict keeps its names."""
    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm2d):
            setattr(module, name, GroupBatchNorm(child))
        else:
            share_batch_norm(child)
