"""A source file as bytes, and whose fault it is where there are none: the file's, or the machine's."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from facemotion.errors import DataError
from facemotion.names import printable

__all__ = ["MAX_PIXELS", "MissingSource", "Pixels", "Unreadable", "is_machine_trouble", "opened", "read_source"]

MAX_PIXELS = 120_000_000
"""Larger pictures are refused before they are decoded: a few bytes can claim gigabytes of pixels."""

Pixels = NDArray[np.uint8]

_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
_OF_THE_FILE = {errno.EACCES, errno.EPERM, errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL}


class MissingSource(DataError):
    """A source file does not exist."""


class Unreadable(DataError):
    """A source file exists and cannot be decoded; the message is the reason in one sentence."""


def is_machine_trouble(error: BaseException) -> bool:
    """Tell whether what was raised is about the machine, so that the same file may be read at another time.

    That is `MemoryError`, and every `OSError` (too many open files, an input/output error, a stale handle) that
    says more than that the file is not there, is a folder or may not be read. Decoders' own errors are the file's.
    """
    if isinstance(error, MemoryError):
        return True
    return isinstance(error, OSError) and error.errno not in _ABSENT | _OF_THE_FILE


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a source file, unbuffered, for reading.

    Raises
    ------
    MissingSource
        If there is no such file.
    Unreadable
        If it is a folder or no file at all, may not be read, or is empty.
    OSError
        If the machine fails while it is opened or read.
    """
    try:
        file = path.open("rb", buffering=0)
    except OSError as error:
        if error.errno in _ABSENT:
            raise MissingSource(f"{_name(path)} does not exist") from None
        if error.errno in _OF_THE_FILE:
            raise Unreadable(f"{_name(path)} cannot be read: {error.strerror}") from error
        raise
    except ValueError:
        raise MissingSource(f"{_name(path)} does not exist") from None  # no file's name holds a zero byte
    with file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise Unreadable(f"{_name(path)} is no file")
        if file.seek(0, os.SEEK_END) == 0:
            raise Unreadable("the file is empty (0 bytes)")
        file.seek(0)
        yield file


def read_source(path: Path) -> bytes:
    """Return a file's bytes.

    Raises
    ------
    MissingSource, Unreadable, OSError
        As `opened`.
    """
    with opened(path) as file:
        return file.read()


def _name(path: Path) -> str:
    return printable(path.name)
