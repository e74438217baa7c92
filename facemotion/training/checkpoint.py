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

__all__ = ["check_model", "is_usable", "load_model", "load_state", "read_header", "save_model", "save_state"]

_HEADER = "facemotion"


def _write(path: Path, tensors: Mapping[str, Tensor], header: Mapping[str, Any]) -> None:
    data = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    text = json.dumps(header, allow_nan=False)
    with atomic_path(path) as temporary:
        temporary.write_bytes(save(data, metadata={_HEADER: text}))


def _read(path: Path, expected: Mapping[str, Tensor] | None = None) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read a file of tensors; of those that are expected, names and shapes are compared before memory is taken."""
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {}).get(_HEADER, "null"))
            if expected is not None and isinstance(header, dict):
                _compare(path, {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}, expected)
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except (OSError, SafetensorError, ValueError, RecursionError) as error:
        raise WorkspaceError(f"{path} cannot be read as a checkpoint ({error}); delete it and train again") from error
    if not isinstance(header, dict):
        raise WorkspaceError(f"{path} is not a checkpoint of facemotion: it has no settings in its header")
    return tensors, header


def _compare(path: Path, found: Mapping[str, tuple[int, ...]], expected: Mapping[str, Tensor]) -> None:
    """Raise `WorkspaceError` if tensors differ from a model's in name or shape."""
    for name in sorted({*found, *expected}, key=str):
        if name not in expected or name not in found:
            what = "does not know" if name in found else "needs"
            raise WorkspaceError(f"{path} holds another model: its settings' network {what} {name[:80]!r}")
        wanted = tuple(expected[name].shape)
        if found[name] != wanted:
            raise WorkspaceError(f"{path} holds another model: {name} is {found[name]}, not {wanted}")


def save_model(path: Path, model: nn.Module, *, header: Mapping[str, Any]) -> None:
    """Write a model's weights as safetensors, with `header` (JSON values) in the file's metadata."""
    _write(path, model.state_dict(), header)


def check_model(path: Path, model: nn.Module) -> None:
    """Compare the names and shapes of a file's weights with a model's, which may be on torch's device ``meta``.

    Raises
    ------
    WorkspaceError
        If the file is missing, damaged, foreign, or of another model.
    """
    try:
        with safe_open(path, framework="pt") as file:
            found = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}
    except (OSError, SafetensorError, ValueError) as error:
        raise WorkspaceError(f"{path} cannot be read as a checkpoint ({error}); delete it and train again") from error
    _compare(path, found, model.state_dict())


def load_model(path: Path, model: nn.Module) -> dict[str, Any]:
    """Load weights into a model; return the header.

    Raises
    ------
    WorkspaceError
        If the file is missing, damaged, foreign, of another model, or holds numbers that are not finite.
    """
    tensors, header = _read(path, model.state_dict())
    for name, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise WorkspaceError(f"{path} has numbers in {name} that are not finite; train again")
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
    try:
        for name in tensors.keys() - {f"model.{name}" for name in own}:
            _, number, field = name.split(".", 2)
            state.setdefault(int(number), {})[field] = tensors[name]
        model.load_state_dict(own)
        optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
        for parameter, moments in optimiser.state.items():
            _lay_out(moments, parameter)
    except (RuntimeError, ValueError, KeyError) as error:
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
    except (OSError, SafetensorError, ValueError, RecursionError):
        return {}


def is_usable(path: Path, key: str) -> bool:
    """Tell whether a training can go on from a state: it was made from what `key` stands for, and has a history."""
    header = read_header(path)
    epochs = header.get("history")
    if header.get("key") != key or not isinstance(epochs, list):
        return False
    return all(isinstance(epoch, dict) and isinstance(epoch.get("phase"), str) for epoch in epochs)
