"""Metadata never cost the picture; what holds the picture is checked."""

import io
import struct
import sys
import zlib

import numpy as np
import pytest
from PIL import Image, features

from facemotion import media, suffixes

RNG = np.random.default_rng(3)
RGB = RNG.integers(0, 256, (6, 9, 3), dtype=np.uint8)
SMOOTH = np.linspace(0, 255, 24 * 16 * 3).reshape(16, 24, 3).astype(np.uint8)


def encoded(pixels: np.ndarray, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(name: bytes, content: bytes, *, wrong: int = 0) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content) ^ wrong)


def exif(orientation: int) -> Image.Exif:
    block = Image.Exif()
    block[0x0112] = orientation
    return block


PNG = encoded(RGB, "PNG")
HUGE = zlib.compress(bytes(5_000_000))
CHUNKS = {
    "exif that is none": chunk(b"eXIf", b"junkjunk"),
    "exif cut short": chunk(b"eXIf", b"II*\0\x08\0\0\0\xff\xff"),
    "exif of a wrong checksum": chunk(b"eXIf", bytes(exif(6).tobytes()[6:]), wrong=1),
    "a raw profile that is no hexadecimal": chunk(
        b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n 9\nzz")
    ),
    "a huge text": chunk(b"zTXt", b"Comment\0\0" + HUGE),
    "many texts": chunk(b"zTXt", b"C\0\0" + zlib.compress(bytes(900_000))) * 80,
    "a text of a wrong checksum": chunk(b"tEXt", b"a\0b", wrong=1),
    "a broken colour profile": chunk(b"iCCP", b"x\0\0nothing"),
    "a huge colour profile": chunk(b"iCCP", b"x\0\0" + HUGE),
    "a block that is too short": chunk(b"pHYs", b"1"),
}


@pytest.mark.parametrize("name", CHUNKS)
@pytest.mark.parametrize("place", [33, -12])
def test_a_png_is_read_whatever_is_in_its_other_blocks(name, place):
    data = PNG[:place] + CHUNKS[name] + PNG[place:]
    np.testing.assert_array_equal(media.decode_image(data), RGB)


def test_a_good_orientation_counts_though_another_block_is_bad():
    data = encoded(RGB, "PNG", exif=exif(6))
    data = data[:33] + CHUNKS["a huge text"] + data[33:]
    np.testing.assert_array_equal(media.decode_image(data), np.rot90(RGB, -1))


@pytest.mark.parametrize("kind", [b"IDAT", b"IHDR", b"PLTE"])
def test_a_png_whose_checksums_are_wrong_is_not_read(kind):
    data = bytearray(encoded(RGB, "PNG") if kind != b"PLTE" else paletted())
    start = data.index(kind) - 4
    end = start + 12 + int.from_bytes(data[start : start + 4])
    data[end - 1] ^= 1
    with pytest.raises(media.Unreadable, match=rf"checksum of its block {kind.decode()} at byte {start} is wrong"):
        media.decode_image(bytes(data))


def paletted() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(RGB).quantize(16).save(buffer, "PNG")
    return buffer.getvalue()


def segment(marker: int, content: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(content) + 2) + content


SEGMENTS = {
    "exif that is none": segment(0xE1, b"Exif\0\0junk"),
    "exif cut short": segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01"),
    "a broken colour profile": segment(0xE2, b"ICC_PROFILE\0\x01\x09junk"),
    "a colour profile without a number": segment(0xE2, b"ICC_PROFILE\0"),
    "an index of pictures that is none": segment(0xE2, b"MPF\0junk"),
    "a resource block cut short": segment(0xED, b"Photoshop 3.0\0" + b"8BIM\x04"),
    "an Adobe block cut short": segment(0xEE, b"Adobe\0"),
    "a header cut short": segment(0xE0, b"JFIF\0"),
    "a comment": segment(0xFE, bytes(range(256))),
}


@pytest.mark.parametrize("name", SEGMENTS)
def test_a_jpeg_is_read_whatever_is_in_its_application_data(name):
    plain = encoded(SMOOTH, "JPEG", quality=95)
    shown = media.decode_image(plain[:2] + SEGMENTS[name] + plain[2:])
    np.testing.assert_array_equal(shown, media.decode_image(plain))


@pytest.mark.parametrize("damage", ["exif that is none", "a profile that is none", "exif longer than the file"])
def test_a_webp_is_read_whatever_is_in_its_other_chunks(damage):
    if damage == "a profile that is none":
        data = encoded(RGB, "WEBP", lossless=True, icc_profile=b"junk", xmp=b"<x")
    else:
        data = encoded(RGB, "WEBP", lossless=True, exif=b"Exif\0\0junkjunk")
    if damage == "exif longer than the file":
        place = data.rindex(b"EXIF")
        data = data[: place + 4] + struct.pack("<I", 99_999) + data[place + 8 :]
    np.testing.assert_array_equal(media.decode_image(data), RGB)


SHOWN = {
    1: lambda image: image,
    2: lambda image: image[:, ::-1],
    3: lambda image: image[::-1, ::-1],
    4: lambda image: image[::-1],
    5: lambda image: image.swapaxes(0, 1),
    6: lambda image: np.rot90(image, -1),
    7: lambda image: np.rot90(image, 2).swapaxes(0, 1),
    8: lambda image: np.rot90(image, 1),
}


@pytest.mark.parametrize("orientation", SHOWN)
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_all_orientations_are_applied(kind, orientation):
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(RGB, kind, exif=exif(orientation), **options)
    np.testing.assert_array_equal(media.decode_image(data), SHOWN[orientation](RGB))
    gray = encoded(RGB[..., 0], "PNG", exif=exif(orientation))
    np.testing.assert_array_equal(media.decode_image(gray)[..., 1], SHOWN[orientation](RGB[..., 0]))


@pytest.mark.parametrize("stated", [0, 9, 77])
def test_an_orientation_that_is_none_turns_nothing(stated):
    np.testing.assert_array_equal(media.decode_image(encoded(RGB, "PNG", exif=exif(stated))), RGB)


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
@pytest.mark.parametrize("orientation", [1, 6, 7])
def test_avif_is_read_and_turned(orientation):
    plain = media.decode_image(encoded(SMOOTH, "AVIF", quality=95))
    assert np.abs(plain.astype(int) - SMOOTH).mean() < 4
    turned = media.decode_image(encoded(SMOOTH, "AVIF", quality=95, exif=exif(orientation)))
    np.testing.assert_array_equal(turned, SHOWN[orientation](plain))


def test_heic_is_read_with_the_extra():
    heif = pytest.importorskip("pillow_heif", reason='the extra is not installed: pip install "facemotion[heif]"')
    if not heif.libheif_info()["encoders"]:
        pytest.skip("this pillow-heif cannot write what is to be read")
    buffer = io.BytesIO()
    heif.from_pillow(Image.fromarray(SMOOTH)).save(buffer, quality=95)
    assert np.abs(media.decode_image(buffer.getvalue()).astype(int) - SMOOTH).mean() < 4


def test_heic_without_the_extra_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    data = struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + bytes(40)
    with pytest.raises(media.Unreadable, match=r"need the extra heif: pip install \"facemotion\[heif\]\""):
        media.decode_image(data)
    assert not suffixes.is_image("a.HEIC")
    assert "extra heif" in suffixes.lacking("a.heic")
