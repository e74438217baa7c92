"""Reading a prior bank's file, and what is said of one that cannot be read: one sentence, never a traceback.

Nothing is unpickled, and nothing is trusted: files come from other people.
"""

import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pydantic

from facemotion.errors import PriorError, WorkspaceError
from facemotion.priors.meta import BANK_VERSION, PriorMeta

__all__ = ["MOST_BYTES", "read_arrays", "read_meta"]

MOST_BYTES = 2**31
"""A member that unpacks to more is not opened: a hundred folds of eight classes at the largest crop have not half of
it."""


def read_arrays(path: Path, names: Iterable[str]) -> dict[str, np.ndarray]:
    """Return the named arrays of a bank's file, and its ``meta``, as they are.

    Parameters
    ----------
    path : Path
        The file.
    names : iterable of str
        The arrays wanted besides ``meta``.

    Raises
    ------
    PriorError
        If the file is missing, cut off, or is not a bank.
    WorkspaceError
        If the file is there but cannot be opened.
    """
    wanted = (*names, "meta")
    content = _content(path)
    if content.startswith(np.lib.format.MAGIC_PREFIX):
        raise PriorError(f"{path} is a single array, not a prior bank (.npz); give a file of build-priors")
    if not content.startswith(b"PK"):
        what = "is empty" if not content else "is no .npz file, whatever its name says"
        raise PriorError(f"{path} {what}: it is cut off or is something else; give a file of build-priors")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            lacking = [name for name in wanted if name not in archive.files]
            if lacking:
                message = f"{path} is not a prior bank: it has no {', '.join(lacking)}; give a file of build-priors"
                raise PriorError(message)
            _refuse_huge(path, io.BytesIO(content))
            found = {name: archive[name] for name in wanted}
    except PriorError:
        raise
    except Exception as error:  # whatever zipfile, zlib or numpy's reader makes of bytes that are not a bank
        reason = (str(error).splitlines() or [""])[0].partition(" when allow_pickle")[0] or type(error).__name__
        message = (
            f"{path} cannot be read as a prior bank, it is cut off or is something else ({reason}); build it again"
        )
        raise PriorError(message) from None
    for name, array in found.items():
        if not isinstance(array, np.ndarray):
            raise PriorError(f"{path} is not a prior bank: its {name} is not an array; give a file of build-priors")
    return found


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise PriorError(f"there is no prior bank {path}; make one with `facemotion build-priors -o {path}`") from None
    except IsADirectoryError:
        raise PriorError(f"{path} is a folder, not a prior bank (.npz)") from None
    except OSError as error:
        raise WorkspaceError(f"cannot read {path}: {error.strerror}") from None


def _refuse_huge(path: Path, content: io.BytesIO) -> None:
    for item in zipfile.ZipFile(content).infolist():
        if item.file_size > MOST_BYTES:
            size = item.file_size / 2**30
            raise PriorError(f"{path} is not a prior bank: its {item.filename} unpacks to {size:.1f} GiB")


def read_meta(path: Path, raw: np.ndarray) -> PriorMeta:
    """Return the checked metadata of a bank.

    Parameters
    ----------
    path : Path
        Named in errors.
    raw : ndarray of str, shape ()
        The member ``meta``: JSON.

    Raises
    ------
    PriorError
        If it is not the record of a bank that this version reads.
    """
    try:
        values = json.loads(str(raw[()])) if raw.dtype.kind == "U" and raw.shape == () else None
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict) or "schema_version" not in values:
        raise PriorError(f"{path} is not a prior bank: its meta is not the record of one; give a file of build-priors")
    found = values["schema_version"]
    if found != BANK_VERSION:
        message = (
            f"{path} has prior schema {found!r}, but this facemotion reads {BANK_VERSION}; use a version that fits"
        )
        raise PriorError(message)
    try:
        return PriorMeta.model_validate(values)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        what = first["msg"].removeprefix("Value error, ")
        message = f"{path} is not a usable prior bank: meta {where}: {what}; build it again"
        raise PriorError(message) from None
