"""``masks.npz`` of a training: the learned masks of some test faces, read without trusting the file."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facemotion.errors import WorkspaceError
from facemotion.workspace import atomic_path

__all__ = ["MASKS_KEPT", "MOST_BYTES", "LearnedMasks", "read_masks", "write_masks"]

MASKS_KEPT = 3
"""Learned masks kept of each class."""
MOST_BYTES = 2**28
"""An archive that unpacks to more is not opened: three masks of each of eight classes at 2048 pixels have less than
half of it."""
_NAMES = ("sample_id", "predicted", "mask")


@dataclass(frozen=True, eq=False)
class LearnedMasks:
    """Masks that a model made of test faces.

    Attributes
    ----------
    sample_ids, predicted : arrays of str, shape (n,)
        Which face, and what the model took it for.
    masks : float32 array of shape (n, H, W)
        In [0, 1].
    """

    sample_ids: NDArray[np.str_]
    predicted: NDArray[np.str_]
    masks: NDArray[np.float32]


def write_masks(
    path: Path, *, sample_ids: NDArray[np.str_], predicted: NDArray[np.str_], masks: NDArray[np.float32]
) -> None:
    """Write learned masks as bytes, atomically."""
    buffer = io.BytesIO()
    np.savez(buffer, sample_id=sample_ids, predicted=predicted, mask=np.round(masks * 255).astype(np.uint8))
    with atomic_path(path) as temporary:
        temporary.write_bytes(buffer.getvalue())


def read_masks(path: Path) -> LearnedMasks:
    """Read learned masks; sizes and shapes are looked at before memory is taken for them.

    Raises
    ------
    WorkspaceError
        If the file is missing, damaged, or something else.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError("it is too large")
        with zipfile.ZipFile(path) as archive:
            found = {name: _member(archive, name) for name in _NAMES}
        return _checked(found)
    except FileNotFoundError:
        raise WorkspaceError(f"{path} does not exist; this training has kept no masks") from None
    except Exception as error:  # whatever zipfile, zlib or numpy's reader makes of bytes that are no masks
        reason = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise WorkspaceError(f"{path} does not hold learned masks ({reason}); train again") from None


def _member(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """Return one array of an archive whose header agrees with the size that it unpacks to."""
    item = archive.getinfo(f"{name}.npy")
    if item.file_size > MOST_BYTES:
        raise ValueError(f"{name} unpacks to {item.file_size / 2**20:.0f} MiB")
    with archive.open(item) as stream:
        version = np.lib.format.read_magic(stream)
        if version != (1, 0):
            raise ValueError(f"{name} has npy version {version[0]}.{version[1]}")
        shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
        number = 1
        for length in shape:
            number *= int(length)
        if dtype.hasobject or number * dtype.itemsize > item.file_size:
            raise ValueError(f"{name} claims {shape} values of {dtype}, for which the file is too small")
    with archive.open(item) as stream:
        return np.lib.format.read_array(stream, allow_pickle=False)


def _checked(found: dict[str, np.ndarray]) -> LearnedMasks:
    mask = found["mask"]
    number = len(mask) if mask.ndim in (3, 4) else -1
    if mask.dtype not in (np.uint8, np.float32) or (mask.ndim == 4 and mask.shape[1] != 1) or 0 in mask.shape:
        raise ValueError(f"mask is {mask.dtype} of shape {mask.shape}")
    for name in ("sample_id", "predicted"):
        if found[name].dtype.kind != "U" or found[name].shape != (number,):
            raise ValueError(f"{name} is {found[name].dtype} of shape {found[name].shape}, beside {number} masks")
    values = (mask / (255 if mask.dtype == np.uint8 else 1)).astype(np.float32)
    if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1):
        raise ValueError("mask has values outside [0, 1]")
    return LearnedMasks(found["sample_id"], found["predicted"], values.reshape(number, *mask.shape[-2:]))
