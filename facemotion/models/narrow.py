"""Convolutions from or to one channel, computed row by row.

A large kernel on one channel is poor work for matrix units: of the numbers that they take at a time, one is there. The
same sum, ordered otherwise, suits them. Towards many channels, each row of the kernel sees a shifted copy of the
picture: the copies are channels of one picture, and the kernel has one row. Towards one channel, each row of the kernel
gives a channel; these are shifted and added up.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["NarrowConv2d", "compute_by_rows", "from_one", "to_one"]

ALIGNED = 8
"""Channels that matrix units of CUDA devices take at a time: a kernel of seven rows gets one of zeros."""


class NarrowConv2d(nn.Conv2d):
    """A convolution from or to one channel, with an odd square kernel, no bias, and the picture's size kept.

    Weights and results are those of `torch.nn.Conv2d`, up to the rounding of another order of the same sum. Only in
    training, and only where `compute_by_rows` wants it, it is computed row by row; from one channel on CUDA alone,
    since oneDNN is no faster so.

    Parameters
    ----------
    channels, out : int
        Of which one is 1.
    kernel : int
        Its side.
    """

    def __init__(self, channels: int, out: int, kernel: int) -> None:
        if 1 not in (channels, out) or kernel % 2 == 0:
            raise ValueError(f"{channels} to {out} channels with a kernel of {kernel}: one channel and an odd side")
        super().__init__(channels, out, kernel, padding=kernel // 2, bias=False)
        self.by_rows = False

    def forward(self, input: Tensor) -> Tensor:
        """Return features of shape (N, out, H, W) for those of shape (N, channels, H, W)."""
        wanted = self.by_rows and self.training
        if wanted and self.out_channels == 1:
            return to_one(input, self.weight, aligned=ALIGNED if input.is_cuda else 1)
        if wanted and input.is_cuda:
            return from_one(input, self.weight, aligned=ALIGNED)
        return super().forward(input)


def compute_by_rows(network: nn.Module, wanted: bool) -> None:
    """Say how the convolutions from and to one channel inside a network are computed in training."""
    for module in network.modules():
        if isinstance(module, NarrowConv2d):
            module.by_rows = wanted


def from_one(picture: Tensor, weight: Tensor, *, aligned: int = 1) -> Tensor:
    """Convolve a picture with a kernel, row by row.

    Parameters
    ----------
    picture : float tensor of shape (N, 1, H, W)
    weight : float tensor of shape (out, 1, k, k), k odd
    aligned : int
        The number of rows is brought to a multiple of this by rows of zeros.

    Returns
    -------
    float tensor of shape (N, out, H, W)
    """
    kernel, height = weight.shape[-1], picture.shape[-2]
    half, more = kernel // 2, -kernel % aligned
    padded = functional.pad(picture, (0, 0, half, half + more))
    shifted = padded.unfold(2, height, 1)[:, 0].transpose(-1, -2)  # (N, k + more, H, W): row y + i in channel i
    rows = functional.pad(weight.transpose(1, 2), (0, 0, 0, 0, 0, more))  # (out, k + more, 1, k)
    return functional.conv2d(shifted.contiguous(memory_format=torch.channels_last), rows, padding=(0, half))


def to_one(features: Tensor, weight: Tensor, *, aligned: int = 1) -> Tensor:
    """Convolve features with a kernel to one channel, row by row; the rows are added up in float32.

    Parameters
    ----------
    features : float tensor of shape (N, C, H, W)
    weight : float tensor of shape (1, C, k, k), k odd
    aligned : int
        See `from_one`.

    Returns
    -------
    float tensor of shape (N, 1, H, W)
    """
    kernel, height = weight.shape[-1], features.shape[-2]
    half, more = kernel // 2, -kernel % aligned
    rows = functional.pad(weight[0].transpose(0, 1)[:, :, None], (0, 0, 0, 0, 0, 0, 0, more))  # (k + more, C, 1, k)
    each = functional.conv2d(features, rows, padding=(0, half))
    padded = functional.pad(each[:, :kernel].float(), (0, 0, half, half))
    total = padded[:, :1, :height]
    for row in range(1, kernel):
        total = total + padded[:, row : row + 1, row : row + height]
    return total.to(each.dtype)
