"""How faces are seen in training and tests: enlarged, cut out and mirrored, in one resampling."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from facemotion.training.settings import DataSettings

__all__ = ["Views", "centre_views", "draw_views", "resample"]

POSITIONS = 5
"""The four corners and the centre."""


@dataclass(frozen=True, eq=False)
class Views:
    """How each face of a batch is cut out and mirrored.

    Attributes
    ----------
    left, top : int64 tensors of shape (n,)
        The window's corner in the enlarged face.
    mirrored : bool tensor of shape (n,)
        Whether it is flipped left to right.
    """

    left: Tensor
    top: Tensor
    mirrored: Tensor

    def __getitem__(self, part: slice) -> "Views":
        return Views(self.left[part], self.top[part], self.mirrored[part])

    def to(self, device: torch.device) -> "Views":
        """Return the same views on a device."""
        return Views(self.left.to(device), self.top.to(device), self.mirrored.to(device))


def centre_views(number: int, settings: DataSettings) -> Views:
    """Return the views of a test: the centre, not mirrored."""
    middle = torch.full((number,), round((settings.resize - settings.crop) / 2))
    return Views(middle, middle, torch.zeros(number, dtype=torch.bool))


def draw_views(number: int, settings: DataSettings, generator: torch.Generator) -> Views:
    """Draw the views of an epoch: one of five positions each, and half of them mirrored."""
    rest = settings.resize - settings.crop
    offsets = torch.tensor([[0, 0], [rest, 0], [0, rest], [rest, rest], [round(rest / 2), round(rest / 2)]])
    left, top = offsets[torch.randint(POSITIONS, (number,), generator=generator)].unbind(dim=1)
    mirrored = torch.rand(number, generator=generator) < 0.5 if settings.flip else torch.zeros(number, dtype=torch.bool)
    return Views(left, top, mirrored)


def resample(planes: Tensor, views: Views, settings: DataSettings) -> Tensor:
    """Enlarge, cut out and mirror pictures in one bilinear resampling.

    The same as enlarging to `resize` with half-pixel centres, cutting out the window and flipping it, without the
    enlarged picture in between.

    Parameters
    ----------
    planes : float tensor of shape (n, C, H, W)
        Pictures.
    views : Views
        One a picture, on the same device.
    settings : DataSettings
        Sizes.

    Returns
    -------
    float tensor of shape (n, C, S, S), S = settings.crop
    """
    size, crop = settings.resize, settings.crop
    left, top, mirrored = views.left, views.top, views.mirrored
    # grid_sample runs from -1 at the left edge to 1 at the right edge; pixel j's centre is at (2 j + 1) / size - 1
    half = crop / size
    number = planes.shape[0]  # not len(): an exported network takes any number
    theta = torch.zeros(number, 2, 3, device=planes.device)
    theta[:, 0, 0] = half * (1 - 2 * mirrored.float())
    theta[:, 1, 1] = half
    theta[:, 0, 2] = (2 * left + crop) / size - 1
    theta[:, 1, 2] = (2 * top + crop) / size - 1
    grid = functional.affine_grid(theta, [number, 1, crop, crop], align_corners=False)
    return functional.grid_sample(planes, grid, mode="bilinear", padding_mode="border", align_corners=False)
