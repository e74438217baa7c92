"""Reading a prior bank's file, and what is said of one that cannot be read: one sentence, never a traceback.

Nothing is unpickled, and nothing is trusted: files come from other people. Before memory is taken for an array, what
the headers promise is compared with the limits, with the metadata and with each other.
"""

import json
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import pydantic

from facemotion.errors import PriorError, WorkspaceError
from facemotion.names import near
from facemotion.priors.meta import BANK_VERSION, PriorMeta, oddity, shown

__all__ = ["ARRAYS", "MOST_BYTES", "MOST_META", "Layout", "check_layout", "read_bank"]

ARRAYS = {"mean": np.dtype("<f4"), "mask": np.dtype("<f4"), "count": np.dtype("<i8")}
"""The arrays of a bank with their dtypes."""
MOST_BYTES = 2**30
"""A file whose members take more together is not read: a hundred folds of eight classes at 280 x 280 pixels have half
of it."""
MOST_META = 2**25
"""Bytes of the metadata, four for each character: a bank of a hundred thousand subjects has a tenth of it."""
MOST_DIRECTORY = 2**16
"""Bytes of an archive's list of members; four members have less than a hundredth."""

Layout = Mapping[str, tuple[np.dtype, tuple[int, ...]]]
"""dtype and shape of arrays, by name."""


def check_layout(found: Layout, *, folds: int, kinds: int) -> None:
    """Check dtypes and shapes against the contract; the sentence has no path.

    Parameters
    ----------
    found : mapping
        dtype and shape of each of `ARRAYS`.
    folds, kinds : int
        What the metadata says: folds without that of all subjects, and classes.

    Raises
    ------
    PriorError
        If they break it.
    """
    for name, dtype in ARRAYS.items():
        if found[name][0] != dtype:
            raise PriorError(f"{name} is {shown(str(found[name][0]))}, expected {dtype.name}")
    mean, mask, count = (found[name][1] for name in ("mean", "mask", "count"))
    if len(mask) != 4 or mask[:2] != (folds + 1, kinds) or 0 in mask:
        message = f"mask has shape {shown(str(mask))}, expected ({folds} folds and all, {kinds} classes, height, width)"
        raise PriorError(message)
    if mean != mask or count != mask[:2]:
        raise PriorError(f"mean {shown(str(mean))} and count {shown(str(count))} do not fit mask {mask}")


def read_bank(path: Path) -> tuple[dict[str, np.ndarray], PriorMeta]:
    """Return the arrays of a bank's file and its checked metadata.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    arrays : dict of str to ndarray
        `ARRAYS`, of the dtypes and shapes that the metadata asks for; their values are not checked.
    meta : PriorMeta
        The metadata.

    Raises
    ------
    PriorError
        If the file is missing, cut off, larger than `MOST_BYTES`, or is not a bank.
    WorkspaceError
        If the file is there but cannot be opened.
    """
    try:
        with path.open("rb") as file:
            _refuse_others(path, file)
            with zipfile.ZipFile(file) as archive:
                return _read(path, archive)
    except FileNotFoundError:
        beside = near(path.name, (each.name for each in path.parent.glob("*.npz")))
        make = f"make one with `facemotion build-priors --source DATASET -o {path.with_suffix('.npz')}`"
        raise PriorError(f"there is no prior bank {path}{beside}; {make}") from None
    except IsADirectoryError:
        raise PriorError(f"{path} is a folder, not a prior bank (.npz)") from None
    except PriorError:
        raise
    except OSError as error:
        raise WorkspaceError(f"cannot read {path}: {error.strerror or error}") from None
    except Exception as error:  # whatever zipfile, zlib or numpy's reader makes of bytes that are not a bank
        reason = (str(error).splitlines() or [""])[0].partition(" when allow_pickle")[0] or type(error).__name__
        message = (
            f"{path} cannot be read as a prior bank, it is cut off or is something else ({shown(reason)}); "
            "build it again"
        )
        raise PriorError(message) from None


def _read(path: Path, archive: zipfile.ZipFile) -> tuple[dict[str, np.ndarray], PriorMeta]:
    items = {item.filename: item for item in archive.infolist()}
    lacking = [name for name in (*ARRAYS, "meta") if f"{name}.npy" not in items]
    if lacking:
        message = f"{path} is not a prior bank: it has no {', '.join(lacking)}; give a file of build-priors"
        raise PriorError(message)
    found = {name: _header(path, archive, items[f"{name}.npy"]) for name in (*ARRAYS, "meta")}
    meta = _meta(path, _array(archive, "meta")) if _is_text(path, *found["meta"]) else None
    if meta is None:
        raise PriorError(f"{path} is not a prior bank: its meta is not the record of one; give a file of build-priors")
    try:
        check_layout(found, folds=len(meta.left_out), kinds=len(meta.classes))
    except PriorError as error:
        raise PriorError(f"{path} is not a usable prior bank: {error}") from None
    return {name: _array(archive, name) for name in ARRAYS}, meta


def _refuse_others(path: Path, file: IO[bytes]) -> None:
    """Raise `PriorError` of a file that is no archive, or one too large to be a bank; leave `file` at its start."""
    first = file.read(8)
    if first.startswith(np.lib.format.MAGIC_PREFIX):
        raise PriorError(f"{path} is a single array, not a prior bank (.npz); give a file of build-priors")
    if not first.startswith(b"PK"):
        what = "is no .npz file, whatever its name says" if first else "is empty"
        raise PriorError(f"{path} {what}: it is cut off or is something else; give a file of build-priors")
    size = file.seek(0, 2)
    if size > MOST_BYTES:
        raise PriorError(f"{path} is not a prior bank: it has {_gib(size)}, and no bank has more than {_gib()}")
    file.seek(max(size - 2**16 - 22, 0))
    tail = file.read()
    place = len(tail) - 22 if tail[-22:-18] == b"PK\5\6" and tail[-2:] == b"\0\0" else tail.rfind(b"PK\5\6")
    if 0 <= place <= len(tail) - 22 and struct.unpack_from("<L", tail, place + 12)[0] > MOST_DIRECTORY:
        raise PriorError(f"{path} is not a prior bank: it has far too many members; give a file of build-priors")
    file.seek(0)


def _header(path: Path, archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> tuple[np.dtype, tuple[int, ...]]:
    """Return dtype and shape that a member promises; refuse those that its own size, or the limit, does not allow."""
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    name = item.filename.removesuffix(".npy")
    with archive.open(item) as member:
        if member.read(len(np.lib.format.MAGIC_PREFIX)) != np.lib.format.MAGIC_PREFIX:
            raise PriorError(f"{path} is not a prior bank: its {name} is not an array; give a file of build-priors")
        reader = readers.get(tuple(member.read(2)))  # type: ignore[arg-type]
        if reader is None:
            raise PriorError(f"{path} is not a prior bank: its {name} is of a kind that no bank has")
        shape, _, dtype = reader(member)
        start = member.tell()
    if any(side < 0 for side in shape):
        raise PriorError(f"{path} cannot be read as a prior bank: its {name} has the shape {shown(str(shape))}")
    size = dtype.itemsize
    for side in shape:  # in whole numbers, which cannot overflow
        size *= side
    limit = MOST_META if name == "meta" else MOST_BYTES // 2  # mean and mask are of one size
    if size > limit:
        message = (
            f"its {name} of shape {shown(str(shape))} takes {_gib(size)}, and that of a bank {_gib(limit)} at most"
        )
        raise PriorError(f"{path} is not a prior bank: {message}")
    if not dtype.hasobject and size + start != item.file_size:
        message = f"its {name} has {item.file_size - start} bytes where its header says {size}"
        raise PriorError(f"{path} cannot be read as a prior bank: {message}, so it was changed; build it again")
    return dtype, shape


def _array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    with archive.open(f"{name}.npy") as member:
        return np.lib.format.read_array(member, allow_pickle=False)


def _is_text(path: Path, dtype: np.dtype, shape: tuple[int, ...]) -> bool:
    if dtype.hasobject:
        raise PriorError(f"{path} cannot be read as a prior bank: its meta is pickled, which is never opened")
    return dtype.kind == "U" and shape == ()


def _gib(size: int | None = None) -> str:
    size = MOST_BYTES if size is None else size
    return f"{size / 2**30:.3g} GiB" if size < 2**50 else "far more GiB"


def _meta(path: Path, raw: np.ndarray) -> PriorMeta | None:
    """Return the checked record; None if it is none at all."""
    try:
        values: Any = json.loads(str(raw[()]))
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, dict) or "schema_version" not in values:
        return None
    if why := oddity(values):
        raise PriorError(f"{path} is not a prior bank: its meta {why}; give a file of build-priors")
    found = values["schema_version"]
    if found != BANK_VERSION:
        message = (
            f"{path} has prior schema {shown(repr(found))}, but this facemotion reads {BANK_VERSION}; "
            "use a version that fits"
        )
        raise PriorError(message)
    try:
        return PriorMeta.model_validate(values)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        where = shown(".".join(str(part) for part in first["loc"]))
        what = first["msg"].removeprefix("Value error, ")
        message = f"{path} is not a usable prior bank: meta {where}: {what}; build it again"
        raise PriorError(message) from None
