"""Masks and feature maps brought to each other's size, by two small matrix products.

torch's own resampling adds gradients up in any order on CUDA, so that two runs differ in rounding; a matrix product
does not. The matrices are made where the planes lie, so that nothing waits for the device.
"""

import torch
from torch import Tensor

__all__ = ["area", "bilinear"]

Size = tuple[int, int]


def area(planes: Tensor, size: Size) -> Tensor:
    """Return means over equal parts of the area: for sizes that are not larger.

    Parameters
    ----------
    planes : float tensor of shape (N, C, H, W)
    size : tuple of int
        (height, width) of what is returned.
    """
    return _resized(planes, *(_area(each, other, planes) for each, other in zip(planes.shape[-2:], size, strict=True)))


def bilinear(planes: Tensor, size: Size) -> Tensor:
    """Return planes enlarged linearly, with half-pixel centres; the edge's values go on beyond the outermost centres.

    Parameters
    ----------
    planes : float tensor of shape (N, C, H, W)
    size : tuple of int
        (height, width) of what is returned.
    """
    pairs = zip(planes.shape[-2:], size, strict=True)
    return _resized(planes, *(_bilinear(each, other, planes) for each, other in pairs))


def _resized(planes: Tensor, down: Tensor, across: Tensor) -> Tensor:
    return down @ (planes @ across.T)


def _area(old: int, new: int, like: Tensor) -> Tensor:
    """Return a matrix of shape (new, old): the share of each old pixel in each new one."""
    first = torch.arange(new, device=like.device)[:, None] * (old / new)
    pixel = torch.arange(old, device=like.device)
    overlap = torch.minimum(pixel + 1, first + old / new) - torch.maximum(pixel, first)
    return (overlap.clamp(min=0) * (new / old)).to(like.dtype)


def _bilinear(old: int, new: int, like: Tensor) -> Tensor:
    """Return a matrix of shape (new, old): the weight of each old pixel in each new one."""
    place = ((torch.arange(new, device=like.device) + 0.5) * (old / new) - 0.5).clamp(0, old - 1)
    pixel = torch.arange(old, device=like.device)
    return (1 - (place[:, None] - pixel).abs()).clamp(min=0).to(like.dtype)
