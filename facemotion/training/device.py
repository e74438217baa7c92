"""Choosing where to compute."""

import torch

from facemotion.errors import EnvironmentProblem

__all__ = ["choose_device"]


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
