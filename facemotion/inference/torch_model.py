"""A model run by torch, from a run's folder; and the network as it is deployed: uint8 crops in, probabilities out."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

import facemotion
from facemotion.alignment.settings import AlignSettings
from facemotion.errors import WorkspaceError
from facemotion.inference.model import Card, Scored
from facemotion.models.network import Network
from facemotion.training.cell import Cell, load_cell
from facemotion.training.settings import DataSettings, TrainSettings

__all__ = ["Deployed", "TorchModel", "load_deployed"]

_LUMA = (0.299, 0.587, 0.114)
BATCH = 64


class Deployed(nn.Module):
    """A trained network with everything that comes before it in a test: enlarging, cutting out, luma.

    Parameters
    ----------
    network : Network
        Trained.
    settings : DataSettings
        The sizes it was trained with.
    """

    def __init__(self, network: Network, settings: DataSettings) -> None:
        super().__init__()
        self.network = network
        self.resize, self.crop = settings.resize, settings.crop
        self.start = round((settings.resize - settings.crop) / 2)
        self.luma: Tensor
        self.register_buffer("luma", torch.tensor(_LUMA).reshape(1, 3, 1, 1), persistent=False)

    def forward(self, crops: Tensor) -> tuple[Tensor, ...]:
        """Score crops.

        Parameters
        ----------
        crops : uint8 tensor of shape (N, H, W, 3)
            RGB.

        Returns
        -------
        tuple of float32 tensors
            Probabilities (N, K) and, unless the variant has none, masks (N, S, S).
        """
        color = crops.permute(0, 3, 1, 2).float() / 255
        planes = torch.cat([color, (color * self.luma).sum(dim=1, keepdim=True)], dim=1)
        # the same as `facemotion.training.views.resample` at the centre
        planes = functional.interpolate(planes, size=(self.resize, self.resize), mode="bilinear", align_corners=False)
        stop = self.start + self.crop
        planes = planes[:, :, self.start : stop, self.start : stop]
        logits, mask = self.network(planes[:, :3], planes[:, 3:])[:2]
        probabilities = logits.float().softmax(dim=1)
        return (probabilities,) if mask is None else (probabilities, mask[:, 0].float())


class TorchModel:
    """A model run by torch; see `facemotion.inference.model.Model`.

    Parameters
    ----------
    network : Deployed
        In evaluation mode.
    card : Card
        What is known of it.
    device : str
        Where to compute.
    """

    def __init__(self, network: Deployed, card: Card, device: str = "cpu") -> None:
        self.card = card
        self._device = torch.device(device)
        self._network = network.eval().to(self._device)

    @torch.inference_mode()
    def __call__(self, crops: NDArray[np.uint8]) -> Scored:
        """Score crops; see `Model`."""
        parts = [
            [output.cpu().numpy() for output in self._network(torch.from_numpy(part).to(self._device))]
            for part in np.array_split(crops, max(1, -(-len(crops) // BATCH)))
        ]
        outputs = [np.concatenate(each) for each in zip(*parts, strict=True)]
        return Scored(outputs[0], outputs[1] if self.card.has_mask else None)


def load_deployed(run: Path, config: dict[str, Any], cell: Cell) -> tuple[Deployed, Card]:
    """Load a training of a run as it is deployed.

    Raises
    ------
    WorkspaceError
        If it is damaged, or the run does not say how its faces were aligned.
    """
    model, header = load_cell(cell.folder(run))
    settings = TrainSettings.model_validate(header["settings"])
    card = Card(
        facemotion=facemotion.__version__,
        classes=tuple(header["classes"]),
        variant=cell.variant,
        fold=cell.fold,
        seed=cell.seed,
        dataset=config["dataset"],
        prior=config["prior"]["dataset"],
        preset=settings.preset,
        alignment=_alignment(run, config),
        side=settings.data.crop,
        window=settings.data.crop / settings.data.resize,
    )
    return Deployed(model, settings.data).eval(), card


def _alignment(run: Path, config: dict[str, Any]) -> AlignSettings:
    """Return how a run's faces were aligned."""
    try:
        return AlignSettings.model_validate(config["alignment"]["settings"])
    except (KeyError, ValueError) as error:
        message = f"{run / 'config.json'} does not say how its faces were aligned; run `facemotion train` again"
        raise WorkspaceError(message) from error
