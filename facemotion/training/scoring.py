"""What a trained model says of faces."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from facemotion.models.network import Network
from facemotion.training.batches import Faces
from facemotion.training.device import Precision, autocast
from facemotion.training.views import centre_views

__all__ = ["Scores", "score"]


@dataclass(frozen=True, eq=False)
class Scores:
    """What a model says of some faces.

    Attributes
    ----------
    probabilities : float32 array of shape (n, K)
    masks : float32 array of shape (n, S, S), or None for a variant without
    """

    probabilities: NDArray[np.float32]
    masks: NDArray[np.float32] | None


@torch.inference_mode()
def score(
    model: Network, faces: Faces, positions: NDArray[np.int64], *, batch: int = 64, precision: Precision = "bf16"
) -> Scores:
    """Score faces, cut out at the centre.

    Parameters
    ----------
    model : Network
        On the faces' device; is put into evaluation mode.
    faces : Faces
        The data.
    positions : int64 array of shape (n,)
        Positions of the faces to score.
    batch : int
        Faces at once.
    precision : {"bf16", "float32"}
        Of the arithmetic on CUDA.
    """
    model.eval()
    logits, masks = [], []
    for shown in faces.batches(torch.from_numpy(positions), centre_views(len(positions), faces.settings), batch):
        with autocast(faces.device, precision):
            output = model(shown.color, shown.gray)
        logits.append(output.logits.float())
        if output.mask is not None:
            masks.append(output.mask[:, 0].float())
    probabilities = torch.cat(logits).softmax(dim=1).cpu().numpy()
    return Scores(probabilities, torch.cat(masks).cpu().numpy() if masks else None)
