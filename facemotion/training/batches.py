"""Batches on the device: colour, gray and prior, resampled together in one operation.

The crops of a laboratory dataset are a few megabytes: they lie on the device as uint8, and there is no loader. Larger
sets stay memory-mapped and are read batch by batch. A face's colour, gray and prior are channels of one picture when it
is enlarged, cut out and mirrored, so that they share the transformation by construction.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from facemotion.training.data import TrainingData
from facemotion.training.settings import DataSettings

__all__ = ["RESIDENT_BYTES", "Batch", "Faces", "Views", "centre_views", "draw_views", "resample"]

RESIDENT_BYTES = 2 << 30
"""Crops up to this size lie on the device."""
POSITIONS = 5
"""The four corners and the centre."""
_LUMA = (0.299, 0.587, 0.114)


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


@dataclass(frozen=True, eq=False)
class Batch:
    """Inputs and targets of one step, on the device.

    Attributes
    ----------
    color : float32 tensor of shape (n, 3, S, S)
        RGB in [0, 1].
    gray : float32 tensor of shape (n, 1, S, S)
        BT.601 luma in [0, 1].
    prior : float32 tensor of shape (n, 1, S, S)
        The mask of each face's class.
    guided : float32 tensor of shape (n,)
        1 where there is such a mask, else 0.
    labels : int64 tensor of shape (n,)
    """

    color: Tensor
    gray: Tensor
    prior: Tensor
    guided: Tensor
    labels: Tensor


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
        One a picture, on any device.
    settings : DataSettings
        Sizes.

    Returns
    -------
    float tensor of shape (n, C, S, S), S = settings.crop
    """
    size, crop = settings.resize, settings.crop
    left, top = views.left.to(planes.device), views.top.to(planes.device)
    mirrored = views.mirrored.to(planes.device)
    # grid_sample runs from -1 at the left edge to 1 at the right edge; pixel j's centre is at (2 j + 1) / size - 1
    half = crop / size
    theta = torch.zeros(len(planes), 2, 3, device=planes.device)
    theta[:, 0, 0] = torch.where(mirrored, -half, half)
    theta[:, 1, 1] = half
    theta[:, 0, 2] = (2 * left + crop) / size - 1
    theta[:, 1, 2] = (2 * top + crop) / size - 1
    grid = functional.affine_grid(theta, [len(planes), 1, crop, crop], align_corners=False)
    return functional.grid_sample(planes, grid, mode="bilinear", padding_mode="border", align_corners=False)


class Faces:
    """A dataset's crops with their priors, ready to be cut into batches.

    Parameters
    ----------
    data : TrainingData
        Crops and labels.
    masks : float32 array of shape (K, H, W)
        The prior of each class.
    known : bool array of shape (K,)
        Classes that have one.
    settings : DataSettings
        Sizes.
    device : torch.device
        Where batches go.
    """

    def __init__(
        self,
        data: TrainingData,
        masks: NDArray[np.float32],
        known: NDArray[np.bool_],
        settings: DataSettings,
        device: torch.device,
    ) -> None:
        self.settings, self.device = settings, device
        self._data = data
        self._labels = torch.from_numpy(data.labels).to(device)
        self._masks = torch.from_numpy(masks).to(device)
        self._known = torch.from_numpy(known.astype(np.float32)).to(device)
        self._luma = torch.tensor(_LUMA, device=device).reshape(1, 3, 1, 1)
        size = len(data.rows) * int(np.prod(data.crops.shape[1:]))
        self._resident = None
        if size <= RESIDENT_BYTES:
            crops = torch.from_numpy(data.crops[data.rows])
            self._resident = crops.permute(0, 3, 1, 2).contiguous().to(device)

    def batch(self, positions: Tensor, views: Views) -> Batch:
        """Return the faces at some positions of the data, cut out as `views` says.

        Parameters
        ----------
        positions : int64 tensor of shape (n,)
            Positions in the data, on the CPU.
        views : Views
            One each.
        """
        if self._resident is not None:
            pixels = self._resident[positions.to(self.device)]
        else:
            pixels = torch.from_numpy(self._data.crops[self._data.rows[positions.numpy()]])
            pixels = pixels.to(self.device, non_blocking=True).permute(0, 3, 1, 2)
        color = pixels.float() / 255
        labels = self._labels[positions.to(self.device)]
        gray = (color * self._luma).sum(dim=1, keepdim=True)
        planes = resample(torch.cat([color, gray, self._masks[labels][:, None]], dim=1), views, self.settings)
        color, gray, prior = planes.split([3, 1, 1], dim=1)
        return Batch(color.contiguous(memory_format=torch.channels_last), gray, prior, self._known[labels], labels)
