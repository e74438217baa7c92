"""Choosing where to compute."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from facemotion.errors import EnvironmentProblem

__all__ = ["choose_device", "repeatable"]


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
def repeatable(device: torch.device) -> Iterator[None]:
    """Compute the same for the same seed inside, and leave the caller's random numbers and switches as they were.

    On a CPU this holds for an equal number of threads (``torch.set_num_threads``, which is left to the caller).
    """
    cudnn = torch.backends.cudnn
    before = cudnn.deterministic, cudnn.benchmark
    cudnn.deterministic, cudnn.benchmark = True, False
    try:
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            yield
    finally:
        cudnn.deterministic, cudnn.benchmark = before
