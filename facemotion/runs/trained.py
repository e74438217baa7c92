"""Loading a trained model from a run, which may be anybody's."""

from dataclasses import dataclass

import pydantic
import torch

from facemotion.errors import ConfigError, WorkspaceError
from facemotion.expressions import EXPRESSIONS, NEUTRAL
from facemotion.models import variants
from facemotion.models.network import Network
from facemotion.runs.training import Training
from facemotion.training import checkpoint
from facemotion.training.device import repeatable
from facemotion.training.scoring import Deployed
from facemotion.training.settings import TrainSettings

__all__ = ["Trained", "load_trained"]


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained model.

    Attributes
    ----------
    network : Network
        In evaluation mode, on the CPU.
    settings : TrainSettings
        What it was trained with.
    classes : tuple of str
        In the order of its answers.
    """

    network: Network
    settings: TrainSettings
    classes: tuple[str, ...]

    def deployed(self, device: torch.device | str = "cpu") -> Deployed:
        """Return it with what comes before and after it, on a device."""
        place = torch.device(device)
        network = self.network.to(place, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return Deployed(network, self.settings.data).to(place)


def load_trained(training: Training) -> Trained:
    """Load a trained model.

    Names and shapes of the weights are compared with those of the network that the settings describe before memory is
    taken for either.

    Raises
    ------
    WorkspaceError
        If there is none, or it is damaged, foreign, or has numbers that are not finite.
    """
    path = training.weights
    header = checkpoint.read_header(path)
    if not header:
        raise WorkspaceError(f"{path} is missing or damaged; train again")
    try:
        settings = TrainSettings.model_validate(header["settings"])
        classes = tuple(header["classes"])
        if not set(classes) <= {*EXPRESSIONS, NEUTRAL} or len(set(classes)) != len(classes) or not classes:
            raise ValueError
        kind = variants.load(header["variant"])
        own = settings.model.model_copy(update={"pretrained": False})
        with torch.device("meta"):
            shapes = kind.build(len(classes), own, settings.data.crop)
    except pydantic.ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise WorkspaceError(f"{path} has settings that this version cannot read ({where}); train again") from None
    except (KeyError, TypeError, ValueError, ConfigError):
        raise WorkspaceError(f"{path} does not say which network it holds, of which classes; train again") from None
    checkpoint.check_model(path, shapes)
    with repeatable(torch.device("cpu")):
        model = kind.build(len(classes), own, settings.data.crop)
    checkpoint.load_model(path, model)
    return Trained(model.eval(), settings, classes)
