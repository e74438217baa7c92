"""The facial-motion mask generator (FMG; the paper, section 3.2, and the authors' released code)."""

import torch
from torch import Tensor, nn

from facemotion.errors import ConfigError
from facemotion.models.narrow import NarrowConv2d

__all__ = ["MaskGenerator"]


class MaskGenerator(nn.Module):
    """A gray face -> a mask in [0, 1] of the same size.

    With the defaults this is the released network, with 6,040,968 parameters; for 299 pixels the layers are

    ==========================================================  ==========  ====
    layer                                                       channels    size
    ==========================================================  ==========  ====
    conv 7, padding 3, batch norm, ReLU                         1 -> 64     299
    conv 4, stride 2, padding 1, batch norm, ReLU               64 -> 128   149
    conv 4, stride 2, padding 1, batch norm, ReLU               128 -> 256  74
    4 residual blocks                                           256         74
    transposed conv 4, stride 2, padding 1, batch norm, ReLU    256 -> 128  149
    transposed conv 4, stride 2, padding 1, batch norm, ReLU    128 -> 64   299
    conv 7, padding 3, sigmoid                                  64 -> 1     299
    ==========================================================  ==========  ====

    The paper's text counts two convolutions, four blocks and two transposed convolutions; the two outer layers are in
    the code alone.

    Parameters
    ----------
    width : int
        Channels of the first layer.
    blocks : int
        Residual blocks.
    """

    def __init__(self, width: int = 64, blocks: int = 4) -> None:
        super().__init__()
        if width < 1 or blocks < 0:
            raise ConfigError(f"a mask generator of width {width} with {blocks} blocks: at least 1 and 0 are needed")
        self.enter = nn.Sequential(NarrowConv2d(1, width, 7), nn.BatchNorm2d(width), nn.ReLU())
        self.down = nn.ModuleList(
            [_halving(width, 2 * width), _halving(2 * width, 4 * width)],
        )
        self.blocks = nn.Sequential(*(ResidualBlock(4 * width) for _ in range(blocks)))
        self.up = nn.ModuleList([Upsample(4 * width, 2 * width), Upsample(2 * width, width)])
        self.leave = NarrowConv2d(width, 1, 7)

    def forward(self, gray: Tensor) -> Tensor:
        """Return masks.

        Parameters
        ----------
        gray : float tensor of shape (N, 1, H, W)
            BT.601 luma in [0, 1]; H and W at least 4.

        Returns
        -------
        float tensor of shape (N, 1, H, W)
            In [0, 1].
        """
        features = self.enter(gray)
        sizes = []
        for layer in self.down:
            sizes.append(features.shape[-2:])
            features = layer(features)
        features = self.blocks(features)
        for layer, size in zip(self.up, reversed(sizes), strict=True):
            features = layer(features, size)
        return torch.sigmoid(self.leave(features))


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions, each with batch norm and a one-parameter PReLU, plus the input; nothing after the sum."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.PReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.PReLU(),
        )

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same shape."""
        return features + self.body(features)


class Upsample(nn.Module):
    """A transposed convolution that doubles the size; one more row or column where the target size is odd."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(channels, out, 4, stride=2, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out)

    def forward(self, features: Tensor, size: torch.Size) -> Tensor:
        """Return features of shape (N, out, *size)."""
        return torch.relu(self.norm(self.conv(features, output_size=list(size))))


def _halving(channels: int, out: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(channels, out, 4, stride=2, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU())
