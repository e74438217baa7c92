"""Agreement of maps, and curves of deletion and insertion, on answers that are known beforehand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from facemotion.evaluation.attention import area_under, blurred, centred_cosine, follow, partly, random_maps

MAPS = hnp.arrays(np.float64, (3, 4, 4), elements=st.floats(0, 1))


def test_cosines_of_maps_that_agree_oppose_and_say_nothing() -> None:
    prior = np.arange(16.0).reshape(1, 4, 4)
    maps = np.concatenate([prior, 3 * prior + 7, -prior, np.ones_like(prior)])
    np.testing.assert_allclose(centred_cosine(maps, np.repeat(prior, 4, 0)), [1, 1, -1, 0], atol=1e-12)


@given(MAPS, MAPS, st.floats(0.1, 10), st.floats(-5, 5))
def test_a_cosine_is_bounded_symmetric_and_heeds_neither_scale_nor_offset(first, second, scale, offset) -> None:
    found = centred_cosine(first, second)
    assert (np.abs(found) <= 1 + 1e-9).all()
    np.testing.assert_allclose(found, centred_cosine(second, first), atol=1e-9)
    moved = first.reshape(3, -1).std(axis=1) > 1e-3
    np.testing.assert_allclose(centred_cosine(scale * first + offset, second)[moved], found[moved], atol=1e-6)


def test_pixels_are_exchanged_in_the_order_of_the_map_and_all_channels_at_once() -> None:
    faces, others = np.zeros((1, 2, 2, 2)), np.ones((1, 2, 2, 2))
    maps = np.array([[[0.1, 0.9], [0.5, 0.5]]])
    assert partly(faces, others, maps, 0.25)[0, 0].tolist() == [[0, 1], [0, 0]]
    assert partly(faces, others, maps, 0.5)[0, 1].tolist() == [[0, 1], [1, 0]]  # of equals the first
    assert partly(faces, others, maps, 0.0).max() == 0
    assert partly(faces, others, maps, 1.0).min() == 1


def test_a_network_that_goes_by_one_corner_is_found_out_by_its_own_map() -> None:
    """Its answer is the brightness of a bright corner: taken away first, that drops at once; given back, it rises."""
    face = np.zeros((1, 1, 20, 20))
    face[..., :5, :5] = 1
    corner = (face[:, 0] > 0).astype(float)

    def brightness(changed: np.ndarray) -> np.ndarray:
        return changed[:, 0, :5, :5].mean(axis=(1, 2))

    areas = {
        (name, insertion): area_under(follow(brightness, face, maps, insertion=insertion))
        for name, maps in (("own", corner), ("opposite", 1 - corner), ("random", random_maps(1, 20)))
        for insertion in (False, True)
    }
    assert areas["own", False] < areas["random", False] < areas["opposite", False]
    assert areas["own", True] > areas["random", True] > areas["opposite", True]
    curve = follow(brightness, face, corner, insertion=False)
    assert curve[0] == pytest.approx(1)
    assert curve[1:] == pytest.approx([float(brightness(blurred(face))[0])] * 10, abs=1e-6)


def test_areas_are_those_of_trapezoids() -> None:
    assert area_under([1, 1, 1]) == pytest.approx(1)
    assert area_under([0, 1]) == pytest.approx(0.5)
    assert area_under([1, 0, 0]) == pytest.approx(0.25)


def test_a_blur_keeps_what_is_the_same_everywhere() -> None:
    np.testing.assert_allclose(blurred(np.full((1, 3, 8, 8), 0.25)), 0.25, atol=1e-6)
