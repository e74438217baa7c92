import math

import cv2
import numpy as np
import pytest
import skimage.data

from facemotion.geometry import warp
from facemotion.landmarks._windows import ENOUGH, framed

PICTURE = skimage.data.astronaut()


def window(side: int, scale: float, degrees: float, centre: tuple[float, float]) -> np.ndarray:
    angle = math.radians(degrees)
    turn = scale * np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return np.column_stack([turn, (side - 1) / 2 - turn @ centre])


@pytest.mark.parametrize("degrees", [0, 33, 180])
@pytest.mark.parametrize("scale", [1 / 4.1, 1 / 5, 1 / 9.7])
def test_a_large_window_lies_where_the_warped_one_does(scale: float, degrees: float) -> None:
    matrix = window(24, scale, degrees, (224.3, 130.8))
    plain, reduced = warp(PICTURE, matrix, (24, 24)), framed(PICTURE, matrix, 24)
    moved = warp(PICTURE, matrix + np.array([[0, 0, 0.25], [0, 0, 0]]), (24, 24))

    def apart(one: np.ndarray) -> float:
        return float(np.abs(one.astype(float) - plain)[2:-2, 2:-2].mean())

    assert not np.array_equal(plain, reduced)
    assert apart(reduced) < min(2.5, apart(moved) / 2)  # levels of 255


@pytest.mark.parametrize("scale", [2.0, 1.0, 1 / (2 * ENOUGH) + 0.001])
def test_a_window_with_few_pixels_for_each_of_its_own_is_warped(scale: float) -> None:
    matrix = window(24, scale, 10, (224.3, 130.8))
    np.testing.assert_array_equal(framed(PICTURE, matrix, 24), warp(PICTURE, matrix, (24, 24)))


@pytest.mark.parametrize("centre", [(-400, 100), (900, 100), (250, -400), (250, 900), (-80, -80), (590, 590)])
def test_outside_the_picture_is_black(centre: tuple[float, float]) -> None:
    matrix = window(24, 1 / 6, 20, centre)
    white = np.full_like(PICTURE, 255)
    near, exact = framed(white, matrix, 24), warp(white, matrix, (24, 24))
    assert near.shape == (24, 24, 3)
    sure = np.isin(cv2.blur(np.where(np.isin(exact, [0, 255]), exact, 128), (3, 3)), [0, 255])  # no edge is near
    np.testing.assert_array_equal(near[sure], exact[sure])
    assert sure.mean() > 0.6


def test_a_picture_that_is_smaller_than_a_block() -> None:
    dot = np.full((1, 1, 3), 200, np.uint8)
    assert framed(dot, window(24, 1 / 6, 0, (0, 0)), 24).max() <= 200
