"""The one decoder: an image file or a video frame -> uint8 RGB.

Every stage that looks at pixels reads them here, so that they agree to the bit. Images are those of
`facemotion.images`. PyAV decodes videos, always from the start and in order, since seeking by index is wrong in many
containers; the display matrix that one states is applied, as viewers do.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from facemotion.images import (
    MAX_PIXELS,
    MissingSource,
    Pixels,
    Unreadable,
    decode_image,
    read_image,
    read_source,
    turned,
)
from facemotion.suffixes import is_video

__all__ = [
    "MAX_PIXELS",
    "MissingSource",
    "Unreadable",
    "count_frames",
    "declared_frames",
    "decode_image",
    "every_frame",
    "is_video",
    "load",
    "read_frames",
    "read_image",
    "read_source",
    "turned",
]


def load(path: Path, frame: int = 0, *, rotate: int = 0) -> Pixels:
    """Read an image file, or one frame of a video.

    Parameters
    ----------
    path : Path
        The file; its suffix says whether it is a video.
    frame : int
        0-based frame number in a video; ignored for images, whose number is the dataset's own.
    rotate : int
        Clockwise degrees that make the picture upright: 0, 90, 180 or 270.

    Returns
    -------
    uint8 array of shape (H, W, 3)
        RGB.

    Raises
    ------
    MissingSource
        If there is no such file.
    Unreadable
        If it cannot be decoded, or the video has no such frame.
    """
    if not is_video(path):
        return read_image(path, rotate=rotate)
    for _, image in read_frames(path, [frame], rotate=rotate):
        return image
    raise Unreadable(f"{path.name} has only {count_frames(path)} frames; frame {frame} was asked for")


def read_frames(path: Path, indices: Iterable[int], *, rotate: int = 0) -> Iterator[tuple[int, Pixels]]:
    """Decode a video once, from its start, and yield the frames asked for.

    Parameters
    ----------
    path : Path
        The video.
    indices : iterable of int
        0-based frame numbers in decoding order; repeats count once.
    rotate : int
        As for `load`.

    Yields
    ------
    index : int
        Ascending. A number past the end is left out.
    image : uint8 array of shape (H, W, 3)
        RGB.

    Raises
    ------
    MissingSource, Unreadable
        As for `load`; frames before a broken place have been yielded by then.
    """
    wanted = sorted(set(indices))
    if wanted and wanted[0] < 0:
        raise ValueError(f"frame {wanted[0]} was asked for; frames count from 0")
    if not wanted:
        return
    for index, frame in enumerate(_decoded(path)):
        if index == wanted[0]:
            wanted.pop(0)
            yield index, turned(_upright(frame), rotate)
            if not wanted:
                return


def every_frame(path: Path) -> Iterator[tuple[int, Callable[[], Pixels]]]:
    """Decode a video once, from its start to its end; convert only the frames that are asked for.

    Parameters
    ----------
    path : Path
        The video.

    Yields
    ------
    index : int
        0-based.
    picture : callable
        Returns the frame as uint8 RGB of shape (H, W, 3); to be called before the next frame is taken.

    Raises
    ------
    MissingSource, Unreadable
        As for `load`; frames before a broken place have been yielded by then.
    """
    for index, frame in enumerate(_decoded(path)):
        yield index, partial(_upright, frame)


def _upright(frame: Any) -> Pixels:
    """Return a decoded frame as its display matrix, which turns counter-clockwise, wants it shown."""
    return np.ascontiguousarray(np.rot90(frame.to_ndarray(format="rgb24"), round(frame.rotation / 90)))


def count_frames(path: Path) -> int:
    """Return how many frames of a video decode, by decoding it: headers are often wrong."""
    return sum(1 for _ in _decoded(path))


def declared_frames(path: Path) -> int:
    """Return how many frames a video's header names, which need not be true; 0 if it names none.

    Raises
    ------
    MissingSource, Unreadable
        As for `load`.
    """
    with _opened(path) as (_, stream):
        return max(0, stream.frames)


def _decoded(path: Path) -> Iterator:
    with _opened(path) as (container, stream):
        yield from container.decode(stream)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """Open a video and give its container and first video stream; what FFmpeg raises within is an `Unreadable`."""
    import av
    import av.error

    if not path.is_file():
        raise MissingSource(f"{path.name} does not exist")
    if path.stat().st_size == 0:
        raise Unreadable("the file is empty (0 bytes)")
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise Unreadable("the file has no video stream")
            stream = container.streams.video[0]
            if stream.width * stream.height > MAX_PIXELS:
                raise Unreadable(f"the video claims {stream.width}x{stream.height} pixels a frame")
            yield container, stream
    except (av.error.FFmpegError, OSError) as error:
        reason = error.strerror or str(error)
        raise Unreadable(f"the video cannot be decoded: {reason}") from error
