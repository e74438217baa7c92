"""Large JPEG pictures decoded smaller: how far, and which pixels stand for which."""

import io

import numpy as np
import pytest
from PIL import Image

from facemotion import media
from facemotion.media.reduced import factor_for

LEAST = media.Least(784, 392)
Y, X = np.mgrid[0:800, 0:896]
SMOOTH = np.dstack([127 + 100 * np.sin(X / 60), 127 + 100 * np.cos(Y / 45), (X + Y) / 7]).astype(np.uint8)


def jpeg(picture: np.ndarray, mode: str = "RGB", **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).convert(mode).save(buffer, "JPEG", quality=98, **options)
    return buffer.getvalue()


def exif(orientation: int) -> Image.Exif:
    found = Image.Exif()
    found[0x0112] = orientation
    return found


def block_means(picture: np.ndarray, factor: int) -> np.ndarray:
    height, width = (length // factor for length in picture.shape[:2])
    blocks = picture[: height * factor, : width * factor].astype(float)
    return blocks.reshape(height, factor, width, factor, 3).mean(axis=(1, 3))


@pytest.mark.parametrize(
    ("size", "least", "straight", "factor"),
    [
        ((640, 490), LEAST, True, 1),
        ((3000, 783), LEAST, True, 1),
        ((784, 784), LEAST, True, 2),
        ((1568, 1567), LEAST, True, 2),
        ((1568, 4000), LEAST, True, 4),
        ((9000, 3136), LEAST, True, 8),
        ((9000, 9000), LEAST, True, 8),
        ((2000, 2000), media.Least(784, 140, 279), True, 1),
        ((2000, 2000), media.Least(784, 140, 280), True, 2),
        ((2000, 900), media.Least(784, 140, 5000), True, 4),
        ((783, 2000), media.Least(784, 140, 700), True, 1),
        ((1001, 1000), LEAST, False, 1),
        ((1570, 1570), LEAST, True, 4),
        ((1570, 1570), LEAST, False, 2),
    ],
)
def test_a_picture_is_reduced_as_far_as_enough_is_left(size, least, straight, factor) -> None:
    assert factor_for(size, least, straight=straight) == factor


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("rotate", [0, 90])
def test_each_pixel_is_the_mean_of_its_block_however_the_picture_is_turned(orientation: int, rotate: int) -> None:
    data = jpeg(SMOOTH, exif=exif(orientation))
    found = media.decode_reduced(data, LEAST, rotate=rotate)
    assert isinstance(found, media.Reduced)
    assert found.factor == 2
    whole = media.decode_image(data, rotate=rotate)
    np.testing.assert_array_equal(found.full(), whole)
    assert np.abs(found.pixels - block_means(whole, 2)).mean() < 1


@pytest.mark.parametrize(("left", "factor"), [(392, 2), (196, 4), (98, 8)])
def test_odd_sides_keep_the_first_corner(left: int, factor: int) -> None:
    found = media.decode_reduced(jpeg(SMOOTH[:797, :891]), media.Least(784, left))
    assert isinstance(found, media.Reduced)
    assert found.factor == factor
    assert found.pixels.shape == (-(-797 // factor), -(-891 // factor), 3)
    whole = block_means(SMOOTH[:797, :891], factor)
    assert np.abs(found.pixels[: len(whole), : whole.shape[1]] - whole).mean() < 1.5


def test_points_come_to_lie_in_the_whole_picture() -> None:
    dot = np.zeros((800, 800, 3), np.uint8)
    dot[400:416, 320:336] = 255
    found = media.decode_reduced(jpeg(dot), LEAST)
    assert isinstance(found, media.Reduced)
    for each in (found, found.halved()):
        rows, columns = np.nonzero(each.pixels[..., 0] > 127)
        where = each.in_full([[columns.mean(), rows.mean()]])
        np.testing.assert_allclose(where, [[327.5, 407.5]], atol=0.01)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_gray_and_cmyk_are_reduced_too(mode: str) -> None:
    data = jpeg(SMOOTH, mode)
    found = media.decode_reduced(data, LEAST)
    assert isinstance(found, media.Reduced)
    assert np.abs(found.pixels - block_means(media.decode_image(data), 2)).mean() < 1.5


def test_what_is_small_of_another_format_or_not_to_be_reduced_comes_whole() -> None:
    png = io.BytesIO()
    Image.fromarray(SMOOTH).save(png, "PNG", compress_level=1)
    for data, least in ((png.getvalue(), LEAST), (jpeg(SMOOTH[:490, :640]), LEAST), (jpeg(SMOOTH), None)):
        found = media.decode_reduced(data, least)
        assert isinstance(found, np.ndarray)
        np.testing.assert_array_equal(found, media.decode_image(data))


def test_a_cut_file_is_no_picture_at_any_size() -> None:
    data = jpeg(SMOOTH)
    with pytest.raises(media.Unreadable) as whole:
        media.decode_image(data[: len(data) // 2])
    with pytest.raises(media.Unreadable, match="truncated") as reduced:
        media.decode_reduced(data[: len(data) // 2], LEAST)
    assert "truncated" in str(whole.value)
    assert "cannot be decoded" in str(reduced.value)
