"""Samples of 10, 12 and 14 bits in 16-bit files: one rule for a set of files."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from facemotion import media

RNG = np.random.default_rng(5)


def written(folder: Path, bits: int, *, pictures: int = 3, colour: bool = False, suffix: str = "png") -> list[Path]:
    """Write pictures of random samples of some bits in 16; the second one is dark."""
    paths = []
    for number in range(pictures):
        samples = RNG.integers(0, (1 << bits) if number != 1 else 100, (9, 12, 3) if colour else (9, 12))
        samples[0, 0] = (1 << bits) - 1 if number != 1 else 99
        paths.append(folder / f"{number}.{suffix}")
        cv2.imwrite(str(paths[-1]), samples.astype(np.uint16))
    return paths


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_a_set_is_brought_to_the_full_range_by_one_rule(tmp_path, bits, colour, suffix):
    paths = written(tmp_path, bits, colour=colour, suffix=suffix)
    depth = media.probe_depth(paths)
    assert (depth.bits, depth.known, depth.pictures) == (bits, True, 3)
    assert bool(depth.note) == (bits != 16)
    for path in paths:
        samples = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        expected = (samples >> (bits - 8)).astype(np.uint8)
        expected = expected[..., ::-1] if colour else np.dstack([expected] * 3)
        np.testing.assert_array_equal(media.load(path, depth=depth.bits), expected)


def test_one_dark_picture_does_not_change_how_it_is_read(tmp_path):
    bright, dark, _ = written(tmp_path, 12)
    assert media.probe_depth([dark]).bits == 8
    assert media.probe_depth([bright, dark]).bits == media.probe_depth([dark, bright]).bits == 12


@pytest.mark.parametrize("largest", [300, 1500, 5000])
def test_where_it_cannot_be_known_the_full_range_is_assumed_and_said(tmp_path, largest):
    samples = RNG.integers(0, largest, (9, 12)).astype(np.uint16)
    samples[0, 0] = largest
    cv2.imwrite(str(tmp_path / "a.png"), samples)
    depth = media.probe_depth([tmp_path / "a.png"])
    assert (depth.bits, depth.known) == (16, False)
    assert f"largest sample {largest}; their depth cannot be told from that" in depth.note


@pytest.mark.parametrize("factor", [257, 16, 256])
def test_samples_that_were_stretched_to_16_bits_have_the_full_range(tmp_path, factor):
    samples = (RNG.integers(0, 15, (9, 12)) * factor).astype(np.uint16)
    samples[0, :2] = factor, 14 * factor
    cv2.imwrite(str(tmp_path / "a.png"), samples)
    depth = media.probe_depth([tmp_path / "a.png"])
    assert (depth.bits, depth.known) == (16, True)


def test_8_bit_pictures_and_what_cannot_be_read_say_nothing(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((4, 4), np.uint8))
    (tmp_path / "b.png").write_bytes(b"nothing")
    assert media.probe_depth([tmp_path / name for name in ("a.png", "b.png", "c.png", "d.jpg")]) is None


def test_formats_that_state_their_depth_need_no_rule(tmp_path):
    samples = np.array([[0, 2048, 4095]], np.uint16)
    (tmp_path / "a.pgm").write_bytes(b"P5 3 1 4095\n" + samples.astype(">u2").tobytes())
    for depth in (12, 16):
        assert media.load(tmp_path / "a.pgm", depth=depth)[0, :, 0].tolist() == [0, 128, 255]


def test_a_depth_that_is_none_is_refused(tmp_path):
    with pytest.raises(ValueError, match="depth is 9; expected one of 8, 10, 12, 14, 16"):
        media.load(written(tmp_path, 8)[0], depth=9)
