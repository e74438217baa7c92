"""How training faces are changed beyond being cut out and mirrored: colour jitter, erasing, mixing; all off by default.

What changes where something is in a face changes its gray face and its prior alike: where a rectangle is erased,
nothing moves, and a mixture of faces moves as the mixture of their priors.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from facemotion.training.settings import DataSettings

__all__ = ["Looks", "change", "draw_looks"]

SMALLEST, LARGEST = 0.02, 0.2
"""Area of an erased rectangle, as a share of the face's."""
LONGEST = 3.3
"""Its height over its width, or the reverse, at most (Zhong et al. 2020, arXiv 1708.04896)."""


class Looks(NamedTuple):
    """How each of n faces is changed; what `draw_looks` gives, row by row.

    Attributes
    ----------
    brightness, contrast, saturation : float32 tensors of shape (n,)
        Factors.
    left, top, right, bottom : float32 tensors of shape (n,)
        What is erased, as shares of the face's side; nothing where it has no area.
    other : float32 tensor of shape (n,)
        The share of the next face of the batch that is mixed in, at most half.
    """

    brightness: Tensor
    contrast: Tensor
    saturation: Tensor
    left: Tensor
    top: Tensor
    right: Tensor
    bottom: Tensor
    other: Tensor


def draw_looks(number: int, settings: DataSettings, generator: torch.Generator) -> Tensor | None:
    """Draw how the faces of an epoch are changed: float32 of shape (8, number), see `Looks`; None if they are not."""
    if not (settings.jitter or settings.erasing or settings.mixing):
        return None
    drawn = torch.rand(9, number, generator=generator)
    factors = 1 + settings.jitter * (2 * drawn[:3] - 1)
    area = SMALLEST + (LARGEST - SMALLEST) * drawn[3]
    shape = torch.exp(math.log(LONGEST) * (2 * drawn[4] - 1))
    erased = (drawn[5] < settings.erasing).float()
    high, wide = ((area * factor).sqrt().clamp(max=1) * erased for factor in (shape, 1 / shape))
    left, top = (1 - wide) * drawn[6], (1 - high) * drawn[7]
    rows = [*factors, left, top, left + wide, top + high, settings.mixing * drawn[8]]
    return torch.stack(rows)


def change(color: Tensor, prior: Tensor, looks: Looks, luma: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Change faces as drawn; nothing in it waits for the device.

    Parameters
    ----------
    color : float tensor of shape (n, 3, S, S)
        RGB in [0, 1].
    prior : float tensor of shape (n, 1, S, S)
    looks : Looks
        On the same device.
    luma : float tensor of shape (1, 3, 1, 1)
        Weights of red, green and blue.

    Returns
    -------
    color, gray, prior : float tensors of shape (n, 3, S, S), (n, 1, S, S) and (n, 1, S, S)
    """
    brightness, contrast, saturation, *edges, other = (values[:, None, None, None] for values in looks)
    color = color * brightness
    gray = (color * luma).sum(dim=1, keepdim=True)
    color = gray + saturation * (color - gray)
    middle = gray.mean(dim=(2, 3), keepdim=True)
    color = (middle + contrast * (color - middle)).clamp(0, 1)
    erased = _inside(edges, color.shape[-1], color.device)
    color = torch.where(erased, color.mean(dim=(2, 3), keepdim=True), color)
    prior = torch.where(erased, torch.zeros_like(prior), prior)
    color, prior = ((1 - other) * each + other * each.roll(-1, dims=0) for each in (color, prior))
    return color, (color * luma).sum(dim=1, keepdim=True), prior


def _inside(edges: list[Tensor], side: int, device: torch.device) -> Tensor:
    """Return which pixels' centres lie in rectangles: bool of shape (n, 1, S, S)."""
    left, top, right, bottom = edges
    centres = (torch.arange(side, device=device) + 0.5) / side
    x, y = centres[None, None, None, :], centres[None, None, :, None]
    return (x > left) & (x < right) & (y > top) & (y < bottom)
