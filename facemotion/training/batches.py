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

from facemotion.training.augmentation import Looks, change
from facemotion.training.data import TrainingData
from facemotion.training.distributed import ALONE, Group
from facemotion.training.settings import DataSettings
from facemotion.training.views import Views, resample

__all__ = ["LUMA", "RESIDENT_BYTES", "Batch", "Faces", "Share", "cuts"]

RESIDENT_BYTES = 2 << 30
"""Crops up to this size lie on the device."""
AT_A_TIME = 1024
"""Crops that are read from the disk together."""
LUMA = (0.299, 0.587, 0.114)
"""BT.601 weights of red, green and blue."""


@dataclass(frozen=True, eq=False)
class Share:
    """The faces that a process takes in one step, and how it sees them; on the device.

    Attributes
    ----------
    places : int64 tensor of shape (4, n)
        Positions in the data; left and top of the window in the enlarged face; 1 where it is mirrored.
    weights : float32 tensor of shape (2, n)
        `Batch.mask_weight` and `Batch.class_weight`.
    pixels : uint8 tensor of shape (n, H, W, 3), or None where the crops lie on the device
    looks : float32 tensor of shape (8, n), or None where faces are not changed
        See `facemotion.training.augmentation.Looks`.
    size : int
        Number of faces of the whole batch, of which other processes may hold a share.
    """

    places: Tensor
    weights: Tensor
    pixels: Tensor | None
    size: int
    looks: Tensor | None = None

    def __len__(self) -> int:
        return self.places.shape[1]

    def clone(self, device: torch.device) -> "Share":
        """Return a copy with memory of its own on a device."""
        pixels = None if self.pixels is None else torch.empty_like(self.pixels, device=device)
        looks = None if self.looks is None else torch.empty_like(self.looks)
        copy = Share(torch.empty_like(self.places), torch.empty_like(self.weights), pixels, self.size, looks)
        copy.fill(self)
        return copy

    def fill(self, other: "Share") -> None:
        """Take over what another share of the same size holds; the memory stays in place."""
        self.places.copy_(other.places)
        self.weights.copy_(other.weights)
        if self.looks is not None and other.looks is not None:
            self.looks.copy_(other.looks)
        if self.pixels is not None and other.pixels is not None:
            self.pixels.copy_(other.pixels, non_blocking=True)


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
    other_labels, other_share : tensors of shape (n,), or None
        Classes of the faces that are mixed in, int64, and their shares, float32; None where none are.
    """

    color: Tensor
    gray: Tensor
    prior: Tensor
    labels: Tensor
    mask_weight: Tensor
    class_weight: Tensor
    size: int
    other_labels: Tensor | None = None
    other_share: Tensor | None = None


def _planes(data: TrainingData) -> Tensor:
    """Return all crops as uint8 of shape (n, 3, H, W); some at a time, so that they never lie in memory twice."""
    height, width = data.crops.shape[1:3]
    planes = torch.empty((len(data.rows), 3, height, width), dtype=torch.uint8)
    parts = max(1, len(data.rows) // AT_A_TIME)
    for rows, some in zip(np.array_split(data.rows, parts), planes.tensor_split(parts), strict=True):
        some.copy_(torch.from_numpy(data.crops[rows]).permute(0, 3, 1, 2))
    return planes


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
        self._known = torch.from_numpy(known.astype(np.float32))
        self._luma = torch.tensor(LUMA, device=device).reshape(1, 3, 1, 1)
        self._crops = None
        if len(data.rows) * int(np.prod(data.crops.shape[1:])) <= resident_bytes:
            self._crops = _planes(data).to(device)

    def shares(
        self, positions: Tensor, views: Views, size: int, group: Group = ALONE, *, looks: Tensor | None = None
    ) -> Iterator[Share]:
        """Yield what each step of an epoch takes; all of it is sent to the device before the first one.

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
        looks : float32 tensor of shape (8, n), optional
            How each is changed, on the CPU; see `facemotion.training.augmentation.draw_looks`.
        """
        places = torch.stack([positions, views.left, views.top, views.mirrored.long()])
        known = self._known[torch.from_numpy(self._data.labels)[positions]]
        weights = torch.empty(2, len(positions))
        parts = cuts(len(positions), size, least=2 * group.size)
        for whole in parts:
            weights[0, whole] = known[whole] / known[whole].sum().clamp(min=1)
            weights[1, whole] = 1 / (whole.stop - whole.start)
        places, weights = places.to(self.device), weights.to(self.device)
        looks = None if looks is None else looks.to(self.device)
        for whole in parts:
            own = group.share(whole)
            pixels = self._read(positions[own])
            changed = None if looks is None else looks[:, own]
            yield Share(places[:, own], weights[:, own], pixels, whole.stop - whole.start, changed)

    def show(self, share: Share) -> Batch:
        """Return the faces of a share, cut out as it says; nothing in it waits for the device."""
        positions, left, top, mirrored = share.places
        labels = self._labels[positions]
        if share.pixels is not None:
            pixels = share.pixels.to(self.device, non_blocking=True).permute(0, 3, 1, 2)
        else:
            assert self._crops is not None
            pixels = self._crops[positions]
        color = pixels.float() / 255
        gray = (color * self._luma).sum(dim=1, keepdim=True)
        planes = torch.cat([color, gray, self._masks[labels][:, None]], dim=1)
        seen = resample(planes, Views(left, top, mirrored), self.settings)
        color, gray, prior = seen.split([3, 1, 1], dim=1)
        mask_weight, others, other_share = share.weights[0], None, None
        if share.looks is not None:
            looks = Looks(*share.looks)
            color, gray, prior = change(color, prior, looks, self._luma)
            if self.settings.mixing:
                others, other_share = labels.roll(-1), looks.other
                mask_weight = mask_weight * (mask_weight.roll(-1) > 0)  # of a class without a prior there is no mixture
        color = color.contiguous(memory_format=torch.channels_last)
        return Batch(color, gray, prior, labels, mask_weight, share.weights[1], share.size, others, other_share)

    def batches(self, positions: Tensor, views: Views, size: int, group: Group = ALONE) -> Iterator[Batch]:
        """Yield the faces of each of `shares`, as `show` gives them."""
        for share in self.shares(positions, views, size, group):
            yield self.show(share)

    def _read(self, positions: Tensor) -> Tensor | None:
        """Read pictures that do not lie on the device: uint8 of shape (n, H, W, 3), on the CPU."""
        if self._crops is not None:
            return None
        pixels = torch.from_numpy(self._data.crops[self._data.rows[positions.numpy()]])
        return pixels.pin_memory() if self.device.type == "cuda" else pixels
