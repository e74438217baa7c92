"""The one decoder: an image file or a video frame -> uint8 RGB.

Every stage that looks at pixels reads them here, so that they agree to the bit. Pillow decodes images: it refuses
truncated files and says why, where OpenCV fills up the rest or prints to the terminal. PyAV decodes videos, always
from the start and in order, since seeking by index is wrong in many containers.

The orientation that a file states (EXIF, a video's display matrix) is applied, as viewers do; ``rotate`` comes on top.
Transparency is dropped. 16-bit samples keep their upper eight bits. Of animations and multi-page files the first
picture counts.
"""

import io
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from facemotion.errors import DataError

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

MAX_PIXELS = 120_000_000
"""Larger pictures are refused before they are decoded: a few bytes can claim gigabytes of pixels."""

_IMAGE_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "PPM", "TIFF", "WEBP", "JPEG2000")
_VIDEO_SUFFIXES = frozenset(
    ".3gp .asf .avi .flv .m4v .mkv .mov .mp4 .mpeg .mpg .mts .ogv .vob .webm .wmv".split(),
)
_QUARTER_TURNS = {0: 0, 90: 3, 180: 2, 270: 1}

Pixels = NDArray[np.uint8]


class MissingSource(DataError):
    """A source file does not exist."""


class Unreadable(DataError):
    """A source file exists and cannot be decoded; the message is the reason in one sentence."""


def is_video(source: str | Path) -> bool:
    """Tell by its suffix whether a source is a video."""
    return PurePosixPath(str(source)).suffix.lower() in _VIDEO_SUFFIXES


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


def read_image(path: Path, *, rotate: int = 0) -> Pixels:
    """Read an image file as uint8 RGB of shape (H, W, 3); see `load`."""
    return decode_image(read_source(path), rotate=rotate)


def read_source(path: Path) -> bytes:
    """Return a file's bytes.

    Raises
    ------
    MissingSource
        If there is no such file.
    Unreadable
        If it is a folder, may not be read, or is empty.
    """
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise MissingSource(f"{path.name} does not exist") from None
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}") from error
    if not data:
        raise Unreadable("the file is empty (0 bytes)")
    return data


def decode_image(data: bytes, *, rotate: int = 0) -> Pixels:
    """Decode an image file's bytes as uint8 RGB of shape (H, W, 3); see `load`.

    Raises
    ------
    Unreadable
        If they are not a whole image of a known format, or it has more than `MAX_PIXELS`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd metadata; what matters raises
        try:
            with Image.open(io.BytesIO(data), formats=_IMAGE_FORMATS) as image:
                width, height = image.size
                if width * height > MAX_PIXELS:
                    raise Unreadable(f"the picture claims {width}x{height} pixels; at most {MAX_PIXELS} are decoded")
                pixels = _as_rgb(image)
        except Unreadable:
            raise
        except Image.DecompressionBombError:
            raise Unreadable(f"the picture claims more than {MAX_PIXELS} pixels") from None
        except UnidentifiedImageError:
            raise Unreadable("the file is not an image of a known format") from None
        except Exception as error:  # decoders raise a dozen types on broken data
            reason = str(error).strip().rstrip(".") or type(error).__name__
            raise Unreadable(f"the image cannot be decoded: {reason}") from error
    return turned(pixels, rotate)


def _as_rgb(image: Image.Image) -> Pixels:
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode in ("I;16", "I;16B", "I;16L", "I;16N", "I"):
        samples = np.asarray(image)
        if samples.min() < 0 or samples.max() > 65535:
            raise Unreadable("the image has samples outside 0 to 65535; convert it to 8 bits")
        return _gray_to_rgb((samples >> 8).astype(np.uint8))
    if image.mode == "F":
        raise Unreadable("the image has floating-point samples, whose range is unknown; convert it to 8 bits")
    if image.mode == "L":
        return _gray_to_rgb(np.asarray(image))
    if image.mode != "RGB":
        image = image.convert("RGB")
    return np.array(image)


def _gray_to_rgb(gray: NDArray[np.uint8]) -> Pixels:
    return cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB)  # type: ignore[return-value]


def turned(image: Pixels, rotate: int) -> Pixels:
    """Return a picture turned clockwise by 0, 90, 180 or 270 degrees, contiguous."""
    if rotate not in _QUARTER_TURNS:
        raise ValueError(f"rotate is {rotate}; expected 0, 90, 180 or 270 clockwise degrees")
    return np.ascontiguousarray(np.rot90(image, _QUARTER_TURNS[rotate]))


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
