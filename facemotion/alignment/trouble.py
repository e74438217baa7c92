"""Whose fault it is that a frame cannot be read: the file's, for good, or the machine's, for now."""

import errno
from collections.abc import Iterator
from pathlib import Path

from facemotion import media
from facemotion.errors import DataError, Status
from facemotion.landmarks.faces import Failure

__all__ = ["PASSING", "demand_root", "failure_of"]

PASSING = frozenset({Status.MISSING_SOURCE, Status.IO_ERROR, Status.OUT_OF_MEMORY})
"""Statuses whose reason lies outside the file: the next run tries such rows again."""

_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR})
_OF_THE_NAME = frozenset({errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP})
"""What the system says about a path that will never be a file that can be read."""
_OF_THE_MACHINE = frozenset({errno.EMFILE, errno.ENFILE})
"""What counts when a decoder says it; the rest, such as EIO, FFmpeg also says about damaged files."""
_OPENCV_NO_MEMORY = -4


def failure_of(error: BaseException, *, unexpected: str = "") -> Failure:
    """Return why a frame has no crop, from what reading or aligning it raised.

    Parameters
    ----------
    error : exception
        With the errors that it was raised from, if any.
    unexpected : str
        Put before the message of an error that is not one of facemotion's.

    Returns
    -------
    Failure
        ``missing_source``, ``io_error`` or ``out_of_memory`` where the file is not to blame, else ``unreadable``.
    """
    if isinstance(error, media.MissingSource):
        return Failure(Status.MISSING_SOURCE, str(error))
    for each in _chain(error):
        if isinstance(each, MemoryError) or _code(each) == _OPENCV_NO_MEMORY or _errno(each) == errno.ENOMEM:
            return Failure(Status.OUT_OF_MEMORY, "the memory did not suffice; it is tried again by the next run")
        if _is_machines(each):
            told = str(error) if isinstance(error, DataError) else f"it cannot be read: {_reason(each)}"
            return Failure(Status.IO_ERROR, f"{told}; it is tried again by the next run")
        if isinstance(each, OSError) and each.errno in _ABSENT and not _is_decoders(each):
            return Failure(Status.MISSING_SOURCE, f"{Path(str(each.filename)).name} does not exist")
    if isinstance(error, media.Unreadable):
        return Failure(Status.UNREADABLE, str(error))
    return Failure(Status.UNREADABLE, f"{unexpected}{type(error).__name__}: {error}")


def demand_root(root: Path) -> None:
    """Stop the work where a dataset's root is gone, which would make rows of all its files.

    Raises
    ------
    DataError
        If it is no folder, or an empty one, as the place is of a disk that is not mounted.
    """
    try:
        there = any(root.iterdir())
    except OSError:
        there = False
    if not there:
        raise DataError(
            f"the dataset's root {root} is gone or empty; bring it back and run it again: what is done is kept"
        )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _is_machines(error: BaseException) -> bool:
    number = _errno(error)
    if number is None or _is_decoders(error):
        return number in _OF_THE_MACHINE
    return number not in _ABSENT | _OF_THE_NAME


def _is_decoders(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[0] == "av"  # PyAV's errors are also the built-in ones


def _errno(error: BaseException) -> int | None:
    """Return the system's number of an error; what Pillow raises about damaged files has none."""
    return error.errno if isinstance(error, OSError) else None


def _code(error: BaseException) -> int | None:
    return getattr(error, "code", None) if type(error).__module__ == "cv2" else None


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error)
