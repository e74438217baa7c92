import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facemotion import media

RNG = np.random.default_rng(3)
RGB = RNG.integers(0, 256, (6, 9, 3), dtype=np.uint8)
GRAY = RNG.integers(0, 256, (6, 9), dtype=np.uint8)


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM"])
def test_lossless_rgb_is_exact(kind: str) -> None:
    np.testing.assert_array_equal(media.decode_image(encoded(Image.fromarray(RGB), kind)), RGB)


def test_gray_has_three_equal_channels() -> None:
    np.testing.assert_array_equal(media.decode_image(encoded(Image.fromarray(GRAY))), np.dstack([GRAY] * 3))


def test_16_bit_keeps_the_upper_byte() -> None:
    deep = (GRAY.astype(np.uint16) << 8) | 0xFF
    np.testing.assert_array_equal(media.decode_image(encoded(Image.fromarray(deep)))[..., 0], GRAY)


def test_palette_and_alpha_give_the_colours() -> None:
    palette = Image.fromarray(RGB).quantize(16)
    np.testing.assert_array_equal(media.decode_image(encoded(palette)), np.asarray(palette.convert("RGB")))
    alpha = Image.fromarray(np.dstack([RGB, GRAY]))
    np.testing.assert_array_equal(media.decode_image(encoded(alpha)), RGB)


def test_cmyk_and_two_levels_give_rgb() -> None:
    cmyk = media.decode_image(encoded(Image.new("CMYK", (4, 3), (0, 255, 255, 0)), "JPEG", quality=95))
    assert cmyk.shape == (3, 4, 3)
    assert (cmyk[..., 0] > 200).all()
    assert (cmyk[..., 1:] < 55).all()
    assert set(np.unique(media.decode_image(encoded(Image.fromarray(GRAY > 128))))) == {0, 255}


def test_exif_orientation_is_applied_before_rotate() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by 90 degrees
    data = encoded(Image.fromarray(RGB), exif=exif)
    np.testing.assert_array_equal(media.decode_image(data), np.rot90(RGB, -1))
    np.testing.assert_array_equal(media.decode_image(data, rotate=90), np.rot90(RGB, -2))


@pytest.mark.parametrize(("rotate", "corner"), [(0, (0, 0)), (90, (0, -1)), (180, (-1, -1)), (270, (-1, 0))])
def test_rotate_is_clockwise(rotate: int, corner: tuple[int, int]) -> None:
    picture = np.zeros((4, 6, 3), np.uint8)
    picture[0, 0] = 255
    turned = media.decode_image(encoded(Image.fromarray(picture)), rotate=rotate)
    assert turned[corner].tolist() == [255, 255, 255]
    assert turned.sum() == 3 * 255
    assert turned.flags.c_contiguous


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP"])
@pytest.mark.parametrize("share", [0.3, 0.95])
def test_truncated_is_unreadable(kind: str, share: float, capfd: pytest.CaptureFixture[str]) -> None:
    data = encoded(Image.fromarray(RNG.integers(0, 256, (64, 64, 3), dtype=np.uint8)), kind)
    with pytest.raises(media.Unreadable):
        media.decode_image(data[: int(len(data) * share)])
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "data", [b"no picture at all", b"\x89PNG\r\n\x1a\n", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"\xff\xd8\xff"]
)
def test_other_files_are_unreadable(data: bytes) -> None:
    with pytest.raises(media.Unreadable):
        media.decode_image(data)


def test_picture_bomb_is_refused_before_decoding() -> None:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    with pytest.raises(media.Unreadable, match="pixels"):
        media.decode_image(bomb)
    slightly = bomb.replace(header, struct.pack(">IIBBBBB", 12_001, 10_000, 8, 2, 0, 0, 0))
    with pytest.raises(media.Unreadable, match="12001x10000"):
        media.decode_image(slightly[:29] + struct.pack(">I", zlib.crc32(slightly[12:29])) + slightly[33:])


def test_floating_point_samples_are_refused() -> None:
    with pytest.raises(media.Unreadable, match="floating-point"):
        media.decode_image(encoded(Image.fromarray(np.ones((3, 3), np.float32)), "TIFF"))


def test_missing_empty_and_folder(tmp_path: Path) -> None:
    with pytest.raises(media.MissingSource, match=r"a\.png does not exist"):
        media.read_image(tmp_path / "a.png")
    (tmp_path / "empty.png").touch()
    with pytest.raises(media.Unreadable, match="empty"):
        media.read_image(tmp_path / "empty.png")
    with pytest.raises(media.Unreadable):
        media.read_image(tmp_path)
    with pytest.raises(media.MissingSource):
        media.read_image(tmp_path / "empty.png" / "b.png")
    with pytest.raises(media.MissingSource):
        media.count_frames(tmp_path / "a.avi")
