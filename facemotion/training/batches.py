"""Batches on the device: colour, gray and prior, resampled together in one operation.

The crops of a laboratory dataset are a few megabytes: they lie on the device as uint8, and there is no loader. Larger
sets stay memory-mapped and are read batch by batch. A face's colour, gray and prior are channels of one picture when it
is enlarged, cut out and mirrored, so that they share the transformation by construction.

Everything random is drawn on the CPU, an epoch at a time, so that all devices see the same faces in the same order.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from facemotion.training.data import TrainingData
from facemotion.training.distributed import ALONE, Group
from facemotion.training.settings import DataSettings

__all__ = ["RESIDENT_BYTES", "Batch", "Faces", "Views", "centre_views", "cuts", "draw_views", "resample"]

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

    def to(self, device: torch.device) -> "Views":
        """Return the same views on a device."""
        return Views(self.left.to(device), self.top.to(device), self.mirrored.to(device))


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
    labels : int64 tensor of shape (n,)
    mask_weight, class_weight : float32 tensors of shape (n,)
        The part of each face in the mean over the batch: one over the number of faces (for the mask loss: of faces
        whose class has a prior; 0 for the others).
    size : int
        Number of faces of the whole batch, of which other processes may hold a share.
    """

    color: Tensor
    gray: Tensor
    prior: Tensor
    labels: Tensor
    mask_weight: Tensor
    class_weight: Tensor
    size: int


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


def cuts(number: int, size: int, *, least: int = 2) -> list[slice]:
    """Cut `number` faces into batches of `size`; a rest of fewer than `least` joins the batch before it.

    (Batch norm cannot learn from a single face.)

    Examples
    --------
    >>> cuts(7, 3), cuts(5, 3)
    ([slice(0, 3, None), slice(3, 7, None)], [slice(0, 3, None), slice(3, 5, None)])
    """
    starts = list(range(0, number, size))
    if len(starts) > 1 and number - starts[-1] < least:
        starts.pop()
    return [slice(start, stop) for start, stop in zip(starts, [*starts[1:], number], strict=True)]


class Faces:
    """A dataset's crops with their priors, ready to be cut into batches.

    Parameters
    ----------
    data : TrainingData
        Crops and labels.
    masks : float32 array of shape (K, H, W)
        The prior of each class.
    known : bool array of shape (K,)
        Classes that have one; the others take no part in the mask loss.
    settings : DataSettings
        Sizes.
    device : torch.device
        Where batches go.
    resident_bytes : int
        Crops up to this size lie on the device; more are read batch by batch.
    """

    def __init__(
        self,
        data: TrainingData,
        masks: NDArray[np.float32],
        known: NDArray[np.bool_],
        settings: DataSettings,
        device: torch.device,
        *,
        resident_bytes: int = RESIDENT_BYTES,
    ) -> None:
        self.settings, self.device = settings, device
        self._data = data
        self._labels = torch.from_numpy(data.labels).to(device)
        self._masks = torch.from_numpy(masks).to(device)
        self._known = torch.from_numpy(known.astype(np.float32)).to(device)
        self._luma = torch.tensor(_LUMA, device=device).reshape(1, 3, 1, 1)
        self._crops = None
        if len(data.rows) * int(np.prod(data.crops.shape[1:])) <= resident_bytes:
            self._crops = torch.from_numpy(data.crops[data.rows]).permute(0, 3, 1, 2).contiguous().to(device)

    def batches(self, positions: Tensor, views: Views, size: int, group: Group = ALONE) -> Iterator[Batch]:
        """Yield faces in batches, cut out as `views` says; nothing in it waits for the device.

        Parameters
        ----------
        positions : int64 tensor of shape (n,)
            Positions in the data, on the CPU.
        views : Views
            One each, on the CPU.
        size : int
            Faces a batch.
        group : Group
            The processes that share each batch; this one yields its share.
        """
        there, views = positions.to(self.device), views.to(self.device)
        for whole in cuts(len(positions), size, least=2 * group.size):
            own = group.share(whole)
            guided = self._known[self._labels[there[whole]]].sum().clamp(min=1)
            number = whole.stop - whole.start
            labels = self._labels[there[own]]
            color = self._pixels(positions[own], there[own]).float() / 255
            gray = (color * self._luma).sum(dim=1, keepdim=True)
            planes = torch.cat([color, gray, self._masks[labels][:, None]], dim=1)
            color, gray, prior = resample(planes, views[own], self.settings).split([3, 1, 1], dim=1)
            yield Batch(
                color.contiguous(memory_format=torch.channels_last),
                gray,
                prior,
                labels,
                self._known[labels] / guided,
                torch.full((len(labels),), 1 / number, device=self.device),
                number,
            )

    def _pixels(self, positions: Tensor, there: Tensor) -> Tensor:
        """Return uint8 pictures of shape (n, 3, H, W) on the device."""
        if self._crops is not None:
            return self._crops[there]
        pixels = torch.from_numpy(self._data.crops[self._data.rows[positions.numpy()]])
        if self.device.type == "cuda":
            pixels = pixels.pin_memory()
        return pixels.to(self.device, non_blocking=True).permute(0, 3, 1, 2)
