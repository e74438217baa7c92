"""The prior fusion net (PFN; the paper, Eq. 3, and the authors' released code)."""

import torch
from torch import Tensor, nn

from facemotion.models.mask_generator import ResidualBlock

__all__ = ["FusionNet"]


class FusionNet(nn.Module):
    """A colour face and its masked gray face -> a fused colour face in [0, 1]; 377 parameters.

    The paper writes a weighted sum with weights "of convolutional layers": one 3x3 convolution for each of the two,
    with batch norm and ReLU; their sum goes through a residual block, a last convolution and a sigmoid.
    """

    def __init__(self) -> None:
        super().__init__()
        self.whole = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1, bias=False), nn.BatchNorm2d(3), nn.ReLU())
        self.masked = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1, bias=False), nn.BatchNorm2d(3), nn.ReLU())
        self.block = ResidualBlock(3)
        self.leave = nn.Conv2d(3, 3, 3, padding=1, bias=False)

    def forward(self, color: Tensor, gray: Tensor, mask: Tensor) -> Tensor:
        """Return fused faces.

        Parameters
        ----------
        color : float tensor of shape (N, 3, H, W)
            RGB in [0, 1].
        gray, mask : float tensors of shape (N, 1, H, W)
            Luma and mask in [0, 1].

        Returns
        -------
        float tensor of shape (N, 3, H, W)
            In [0, 1].
        """
        return torch.sigmoid(self.leave(self.block(self.whole(color) + self.masked(mask * gray))))
