"""Image files -> uint8 RGB, decoded by Pillow: it refuses truncated files and says why, where OpenCV fills up the rest.

The orientation that EXIF states is applied, as viewers do; ``rotate`` comes on top. Transparency is dropped. 16-bit
samples keep their upper eight bits. Of animations and multi-page files the first picture counts.
"""

import io
import warnings
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from facemotion.errors import DataError

__all__ = [
    "MAX_PIXELS",
    "MissingSource",
    "Pixels",
    "Unreadable",
    "decode_image",
    "read_image",
    "read_source",
    "turned",
]

MAX_PIXELS = 120_000_000
"""Larger pictures are refused before they are decoded: a few bytes can claim gigabytes of pixels."""

_IMAGE_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "PPM", "TIFF", "WEBP", "JPEG2000")
_QUARTER_TURNS = {0: 0, 90: 3, 180: 2, 270: 1}

Pixels = NDArray[np.uint8]


class MissingSource(DataError):
    """A source file does not exist."""


class Unreadable(DataError):
    """A source file exists and cannot be decoded; the message is the reason in one sentence."""


def read_image(path: Path, *, rotate: int = 0) -> Pixels:
    """Read an image file as uint8 RGB of shape (H, W, 3); see `facemotion.media.load`."""
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
    """Decode an image file's bytes as uint8 RGB of shape (H, W, 3); see `facemotion.media.load`.

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
