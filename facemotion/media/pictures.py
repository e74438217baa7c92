"""Picture files -> uint8 RGB, decoded by Pillow: it refuses truncated files and says why, where OpenCV fills them up.

The orientation that EXIF states is applied, as viewers do; ``rotate`` comes on top. Metadata that are damaged, or too
large to be read, count as none: they never cost the picture. Transparency is dropped. Of samples of more than 8 bits
the upper eight of ``depth`` are kept. Of animations and multi-page files the first picture counts. Large JPEG pictures
are reduced on request, see `facemotion.media.reduced`.
"""

import functools
import io
import warnings
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from facemotion import suffixes
from facemotion.media.blocks import PNG, checked_png, without_metadata
from facemotion.media.depth import checked, deep_samples, to_8_bits
from facemotion.media.orientation import oriented, turned
from facemotion.media.reduced import REDUCIBLE, Least, Reduced, reduce
from facemotion.media.source import MAX_PIXELS, Pixels, Unreadable, read_source

__all__ = ["decode_image", "decode_reduced", "read_image"]

_FORMATS = ["PNG", "JPEG", "BMP", "GIF", "PPM", "TIFF", "WEBP", "JPEG2000"]
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx")


def read_image(path: Path, *, rotate: int = 0, depth: int = 16) -> Pixels:
    """Read a picture's file as uint8 RGB of shape (H, W, 3); see `decode_image` and `facemotion.media.load`."""
    return decode_image(read_source(path), rotate=rotate, depth=depth)


def decode_image(data: bytes, *, rotate: int = 0, depth: int = 16) -> Pixels:
    """Decode a picture's bytes.

    Parameters
    ----------
    data : bytes
        The file's content.
    rotate : int
        Clockwise degrees: 0, 90, 180 or 270.
    depth : int
        The bits in use of PNG and TIFF files with 16-bit samples: 8, 10, 12, 14 or 16; see `facemotion.media.depth`.

    Returns
    -------
    uint8 array of shape (H, W, 3)
        RGB.

    Raises
    ------
    Unreadable
        If they are not a whole picture of a known format, or it has more than `MAX_PIXELS`.
    """
    return _decode(data, rotate, depth, None)[0]


def decode_reduced(data: bytes, least: Least | None, *, rotate: int = 0, depth: int = 16) -> Pixels | Reduced:
    """Decode a picture's bytes, a large JPEG picture at a half, a quarter or an eighth of its size.

    Parameters
    ----------
    data : bytes
        The file's content.
    least : Least or None
        Which pictures are reduced, and how far; None for none.
    rotate, depth : int
        As for `decode_image`.

    Returns
    -------
    Reduced, or uint8 array of shape (H, W, 3)
        The array is of the whole picture, as `decode_image` returns it.

    Raises
    ------
    Unreadable
        As `decode_image`.
    """
    pixels, factor = _decode(data, rotate, depth, least)
    full = functools.partial(decode_image, data, rotate=rotate, depth=depth)
    return pixels if factor == 1 else Reduced(pixels, factor, full)


def _decode(data: bytes, rotate: int, depth: int, least: Least | None) -> tuple[Pixels, int]:
    """Return a picture and by how much it was reduced."""
    checked(depth)
    if data.startswith(PNG):
        data = checked_png(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd metadata; what matters raises
        try:
            pixels, factor = _decoded(data, depth, least, rotate)
        except Unreadable as error:
            rest = without_metadata(data) if error.__cause__ else None
            if rest is None:
                raise
            try:
                pixels, factor = _decoded(rest, depth, least, rotate)
            except Unreadable:
                raise error from error.__cause__  # it was not the metadata: what was wrong at first is what is wrong
    return turned(pixels, rotate), factor


def _decoded(data: bytes, depth: int, least: Least | None, rotate: int) -> tuple[Pixels, int]:
    """Decode a picture, not yet turned by `rotate`; what a decoder raises is the cause of an `Unreadable`."""
    try:
        with Image.open(io.BytesIO(data), formats=_formats(data)) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise Unreadable(f"the picture claims {width}x{height} pixels; at most {MAX_PIXELS} are decoded")
            factor = 1
            if least is not None and image.format in REDUCIBLE:
                factor = reduce(image, least, straight=_orientation(image) == 1 and not rotate)
            image.load()
            return _as_rgb(oriented(_samples(image, data, depth), _orientation(image))), factor
    except (Unreadable, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise Unreadable(f"the picture claims more than {MAX_PIXELS} pixels") from None
    except UnidentifiedImageError as error:
        raise Unreadable("the file is not an image of a known format") from error
    except Exception as error:  # decoders raise a dozen types on broken data
        reason = str(error).strip().rstrip(".") or type(error).__name__
        raise Unreadable(f"the image cannot be decoded: {reason}") from error


def _formats(data: bytes) -> list[str]:
    """Return the names of formats to try; those that need more than Pillow's common parts, only where they are met."""
    if data[4:8] != b"ftyp":
        return _FORMATS
    kind = "heic" if any(brand in data[8:64] for brand in _HEIF_BRANDS) else "avif"
    if lacking := suffixes.lacking(f"a.{kind}"):
        raise Unreadable(lacking)
    if kind == "avif":
        return ["AVIF"]
    from pillow_heif import register_heif_opener  # pyright: ignore[reportMissingImports]

    register_heif_opener()
    return ["HEIF"]


def _orientation(image: Image.Image) -> int:
    """Return the number that EXIF states; 1 if it states none, or cannot be read."""
    try:
        stated = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # whatever is wrong with it, the picture is there
        return 1
    return stated if isinstance(stated, int) else 1


def _samples(image: Image.Image, data: bytes, depth: int) -> Pixels:
    """Return the pixels as uint8, gray (H, W) or RGB (H, W, 3), as they are stored."""
    if image.mode in ("I;16", "I;16B", "I;16L", "I;16N", "I"):
        samples = np.asarray(image)
        if samples.min() < 0 or samples.max() > 65535:
            raise Unreadable("the image has samples outside 0 to 65535; convert it to 8 bits")
        return to_8_bits(samples, depth if image.format in ("PNG", "TIFF") else 16)
    if image.mode == "F":
        raise Unreadable("the image has floating-point samples, whose range is unknown; convert it to 8 bits")
    if image.mode == "L":
        return np.array(
            image
        )  # a copy: a view would keep Pillow's buffer, and malloc would ask for a new one each time
    if depth != 16 and (deep := deep_samples(data)) is not None:
        return to_8_bits(deep, depth)
    return np.array(image if image.mode == "RGB" else image.convert("RGB"))


def _as_rgb(pixels: NDArray[np.uint8]) -> Pixels:
    return cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB) if pixels.ndim == 2 else pixels  # type: ignore[return-value]
