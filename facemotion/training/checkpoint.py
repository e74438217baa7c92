"""Checkpoints: weights with their settings, and the whole state of a run that was interrupted. No pickles.

Random numbers need no saving: everything that an epoch draws comes from a seed made of the run's seed, the phase and
the epoch.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from facemotion.errors import WorkspaceError
from facemotion.workspace import atomic_path

__all__ = ["load_model", "load_state", "read_header", "save_model", "save_state"]

_HEADER = "facemotion"


def _write(path: Path, tensors: Mapping[str, Tensor], header: Mapping[str, Any]) -> None:
    data = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    text = json.dumps(header, allow_nan=False)
    with atomic_path(path) as temporary:
        temporary.write_bytes(save(data, metadata={_HEADER: text}))


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {}).get(_HEADER, "null"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except (OSError, SafetensorError, ValueError) as error:
        raise WorkspaceError(f"{path} cannot be read as a checkpoint ({error}); delete it and train again") from error
    if not isinstance(header, dict):
        raise WorkspaceError(f"{path} is not a checkpoint of facemotion: it has no settings in its header")
    return tensors, header


def save_model(path: Path, model: nn.Module, *, header: Mapping[str, Any]) -> None:
    """Write a model's weights as safetensors, with `header` (JSON values) in the file's metadata."""
    _write(path, model.state_dict(), header)


def load_model(path: Path, model: nn.Module) -> dict[str, Any]:
    """Load weights into a model; return the header.

    Raises
    ------
    WorkspaceError
        If the file is missing, damaged, foreign, or of another model.
    """
    tensors, header = _read(path)
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise WorkspaceError(f"{path} holds another model: {str(error).splitlines()[0]}") from error
    return header


def save_state(path: Path, model: nn.Module, optimiser: torch.optim.Optimizer, *, header: Mapping[str, Any]) -> None:
    """Write everything that going on needs: weights, buffers and the optimiser's moments."""
    tensors = {f"model.{name}": tensor for name, tensor in model.state_dict().items()}
    for number, state in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{number}.{name}": torch.as_tensor(value) for name, value in state.items()}
    _write(path, tensors, header)


def load_state(path: Path, model: nn.Module, optimiser: torch.optim.Optimizer) -> dict[str, Any]:
    """Load what `save_state` wrote; return the header.

    Raises
    ------
    WorkspaceError
        If the file is damaged or of another model.
    """
    tensors, header = _read(path)
    own = {name.removeprefix("model."): value for name, value in tensors.items() if name.startswith("model.")}
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        kind, number, *field = name.split(".", 2)
        if kind == "optimiser":
            state.setdefault(int(number), {})[field[0]] = value
    try:
        model.load_state_dict(own)
        optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
        for parameter, moments in optimiser.state.items():
            _lay_out(moments, parameter)
    except (RuntimeError, ValueError) as error:
        raise WorkspaceError(f"{path} holds another run: {str(error).splitlines()[0]}; delete it") from error
    return header


def _lay_out(moments: dict[str, Tensor], parameter: Tensor) -> None:
    """Lay moments out in memory as their parameter is (channels last, say): fused Adam walks through both as they lie.

    A file holds tensors in one layout; torch's optimisers take them as they come.
    """
    for name, value in moments.items():
        if value.shape == parameter.shape and value.stride() != parameter.stride():
            moments[name] = torch.empty_like(parameter, dtype=value.dtype).copy_(value)


def read_header(path: Path) -> dict[str, Any]:
    """Return the header of a checkpoint alone; empty if there is no readable one."""
    try:
        with safe_open(path, framework="pt") as file:
            found = json.loads((file.metadata() or {}).get(_HEADER, "{}"))
            return found if isinstance(found, dict) else {}
    except (OSError, SafetensorError, ValueError):
        return {}
