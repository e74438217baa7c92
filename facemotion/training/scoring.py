"""What a trained model says of faces: the one way in which faces are cut out, normalised and scored.

The trainer's test, the scores on other datasets, prediction and the exported network all go through `Deployed`.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from facemotion.evaluation.scored import Scored
from facemotion.models.network import Network
from facemotion.training.batches import LUMA, cuts
from facemotion.training.data import Crops
from facemotion.training.device import Precision, autocast
from facemotion.training.settings import DataSettings
from facemotion.training.views import centre_views, resample

__all__ = ["BATCH", "Deployed", "score"]

BATCH = 64
"""Faces at once."""


class Deployed(nn.Module):
    """A trained network with everything that comes before and after it in a test.

    Parameters
    ----------
    network : Network
        Trained; is put into evaluation mode.
    settings : DataSettings
        The sizes it was trained with.
    """

    def __init__(self, network: Network, settings: DataSettings) -> None:
        super().__init__()
        self.network, self.settings = network, settings
        self.luma: Tensor
        self.register_buffer("luma", torch.tensor(LUMA).reshape(1, 3, 1, 1), persistent=False)
        self.eval()

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.luma.device

    def seen(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Return faces as the network sees them: enlarged, cut out at the centre, in [0, 1].

        Parameters
        ----------
        crops : uint8 tensor of shape (N, H, W, 3)
            RGB.

        Returns
        -------
        color : float32 tensor of shape (N, 3, S, S)
        gray : float32 tensor of shape (N, 1, S, S)
            Its BT.601 luma.
        """
        color = crops.permute(0, 3, 1, 2).contiguous().float() / 255
        planes = torch.cat([color, (color * self.luma).sum(dim=1, keepdim=True)], dim=1)
        views = centre_views(crops.shape[0], self.settings).to(crops.device)
        color, gray = resample(planes, views, self.settings).split([3, 1], dim=1)
        return color.contiguous(memory_format=torch.channels_last), gray

    def forward(self, crops: Tensor) -> tuple[Tensor, ...]:
        """Score crops, uint8 (N, H, W, 3).

        Returns
        -------
        tuple of float32 tensors
            Probabilities (N, K) and, unless the variant has none, masks (N, S, S).
        """
        output = self.network(*self.seen(crops))
        probabilities = output.logits.float().softmax(dim=1)
        return (probabilities,) if output.mask is None else (probabilities, output.mask[:, 0].float())


@torch.inference_mode()
def score(
    model: Deployed,
    crops: Crops,
    rows: NDArray[np.int64] | Sequence[int] | None = None,
    *,
    precision: Precision = "bf16",
    batch: int = BATCH,
) -> Scored:
    """Score crops.

    Parameters
    ----------
    model : Deployed
        Where it lies is where it computes.
    crops : Crops
        uint8 RGB, (N, H, W, 3), of any size; read batch by batch.
    rows : sequence of int, optional
        The rows to score, one at least; all by default.
    precision : {"bf16", "float32"}
        Of the arithmetic on CUDA.
    batch : int
        Faces at once.
    """
    chosen = np.arange(crops.shape[0]) if rows is None else np.asarray(rows)
    parts = []
    for part in cuts(len(chosen), batch):
        shown = torch.from_numpy(np.ascontiguousarray(crops[chosen[part]])).to(model.device)
        with autocast(model.device, precision):
            parts.append(model(shown))
    outputs = [torch.cat(each).cpu().numpy() for each in zip(*parts, strict=True)]
    return Scored(outputs[0], outputs[1] if len(outputs) > 1 else None)
