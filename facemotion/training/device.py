"""Choosing where to compute."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Literal

import torch

from facemotion.errors import EnvironmentProblem

__all__ = ["Precision", "autocast", "check_cpu_precision", "choose_device", "repeatable"]

Precision = Literal["bf16", "float32"]


def choose_device(name: str | None = None) -> torch.device:
    """Return the torch device to train on: the one named, else CUDA if there is one, else the CPU.

    Raises
    ------
    EnvironmentProblem
        If the named device is unknown or not there.
    """
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise EnvironmentProblem(f"device {name!r} cannot be used: {reason}; try --device cpu") from error
    return device


@contextmanager
def repeatable(device: torch.device, *, deterministic: bool = True) -> Iterator[None]:
    """Compute the same for the same seed inside, and leave the caller's random numbers and switches as they were.

    On a CPU this holds for an equal number of threads (``torch.set_num_threads``, which is left to the caller). Where
    it need not be to the bit, `deterministic` can be false: cuDNN then tries kernels and takes the fastest.
    """
    cudnn = torch.backends.cudnn
    before = cudnn.deterministic, cudnn.benchmark
    cudnn.deterministic, cudnn.benchmark = deterministic, not deterministic
    try:
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            yield
    finally:
        cudnn.deterministic, cudnn.benchmark = before


def autocast(
    device: torch.device, precision: Precision, *, on_cpu: Precision = "float32"
) -> AbstractContextManager[Any]:
    """Compute in bf16 inside, where that is wanted: `precision` is that of CUDA, `on_cpu` that of a CPU."""
    wanted = {"cuda": precision, "cpu": on_cpu}.get(device.type, "float32")
    return torch.autocast(device.type, torch.bfloat16) if wanted == "bf16" else nullcontext()


def check_cpu_precision(precision: Precision) -> None:
    """Refuse bf16 where the processor has no arithmetic for it: it would be slower than float32.

    Raises
    ------
    EnvironmentProblem
        If it is wanted and not there.
    """
    if precision == "bf16" and not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        message = "this processor computes in float32 alone: training.cpu_precision=float32 is the default"
        raise EnvironmentProblem(message)
