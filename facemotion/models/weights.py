"""Weights that a classifier begins with, from a file: of timm, of torchvision, or of a training of facemotion."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from facemotion.errors import EnvironmentProblem

__all__ = ["SUFFIXES", "last_layer", "load_file", "reason_of"]

SUFFIXES = (".safetensors", ".pth", ".pt", ".bin", ".tar")
_HEADER, _PREFIX = "facemotion", "classifier."


def last_layer(model: nn.Module) -> tuple[str, ...]:
    """Return the beginnings of the names of a timm model's last layer, one for each of its heads."""
    config: Any = model.pretrained_cfg
    heads = config.get("classifier") or ()
    return tuple(f"{head}." for head in ((heads,) if isinstance(heads, str) else heads))


def reason_of(error: Exception) -> str:
    """Return an error's kind and its first line."""
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0] if text else 'no reason given'}"


def _classifier_of(state: Mapping[str, Tensor], path: Path) -> Mapping[str, Tensor]:
    """Return the classifier's weights where a file is of a training, and else all of them."""
    if path.suffix.lower() != ".safetensors":
        return state
    try:
        with safe_open(path, framework="pt") as file:
            own = _HEADER in (file.metadata() or {})
    except (OSError, SafetensorError):
        own = False
    if not own:
        return state
    return {name.removeprefix(_PREFIX): value for name, value in state.items() if name.startswith(_PREFIX)}


def load_file(model: nn.Module, path: Path, name: str) -> None:
    """Load everything but the last layer from a file.

    Parameters
    ----------
    model : torch.nn.Module
        Of timm; changed in place.
    path : Path
        A state dict of timm's or torchvision's, or the weights of a training of facemotion, whose classifier is taken.
    name : str
        What to call the model.

    Raises
    ------
    EnvironmentProblem
        If the file is missing or damaged, or holds another network's weights.
    """
    from timm.models import load_state_dict

    if not path.is_file() or path.suffix.lower() not in SUFFIXES:
        what = "do not exist" if not path.exists() else "are not a file of weights"
        raise EnvironmentProblem(f"weights {path} {what}; give a local .safetensors or .pth file")
    try:
        state = load_state_dict(str(path), device="cpu", weights_only=True)
    except Exception as error:
        reason = reason_of(error)
        if "weights_only" in str(error):
            reason = "it holds more than weights, and pickled objects are not loaded: save its state_dict()"
        message = f"weights {path} cannot be loaded into {name!r} ({reason}); give a whole .safetensors or .pth file"
        raise EnvironmentProblem(message) from error
    state = _classifier_of(state, path)
    last = last_layer(model)
    # an architecture's own filter knows older names, and brings the positions of a transformer to another size
    own = getattr(sys.modules[type(model).__module__], "checkpoint_filter_fn", None)
    try:
        state = own(state, model) if own else state
        kept = {key: value for key, value in state.items() if not key.startswith(last)}
        result = model.load_state_dict(kept, strict=False)
    except Exception as error:  # shapes that do not fit, or a filter that misses its names
        detail = " ".join(" ".join(str(error).splitlines()[1:2]).split())
        advice = f" ({detail.rstrip('.')})" if detail else ""
        raise EnvironmentProblem(f"weights {path} are not those of {name!r}{advice}") from error
    missing = [key for key in result.missing_keys if not key.startswith(last) and "num_batches" not in key]
    if missing:
        raise EnvironmentProblem(f"weights {path} are not those of {name!r}: {missing[0]} is not among them")
