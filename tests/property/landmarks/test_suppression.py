"""Suppression of overlapping boxes is what the textbook's loop over them says, whatever the boxes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facemotion.landmarks._cascade import BLOCK, suppress


def drawn(number: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Boxes with whole sides, so that overlaps can lie on the limit, and scores of which many are equal."""
    chance = np.random.default_rng(seed)
    corner, size = chance.integers(0, 12 + number // 10, (number, 2)), chance.integers(1, 12, (number, 2))
    return np.concatenate([corner, corner + size], axis=1).astype(np.float32), chance.integers(0, 9, number) / 8


def overlap(one: list[float], other: list[float], of_smaller: bool) -> float:
    across, down = (max(0.0, min(one[at + 2], other[at + 2]) - max(one[at], other[at])) for at in (0, 1))
    areas = [(each[2] - each[0]) * (each[3] - each[1]) for each in (one, other)]
    return across * down / (min(areas) if of_smaller else sum(areas) - across * down)


def one_by_one(boxes: np.ndarray, scores: np.ndarray, limit: float, of_smaller: bool) -> list[int]:
    kept: list[int] = []
    sides: list[list[float]] = boxes.tolist()
    for at in sorted(range(len(boxes)), key=lambda at: -scores[at]):
        if all(overlap(sides[at], sides[better], of_smaller) <= limit for better in kept):
            kept.append(at)
    return kept


@given(st.integers(0, 40), st.integers(0, 2**31), st.sampled_from([0.25, 0.5, 0.7]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_it_keeps_what_a_loop_over_the_boxes_keeps(number: int, seed: int, limit: float, of_smaller: bool) -> None:
    boxes, scores = drawn(number, seed)
    kept = suppress(boxes, scores, limit, of_smaller=of_smaller)
    assert kept.tolist() == one_by_one(boxes, scores, limit, of_smaller)


@pytest.mark.parametrize("of_smaller", [False, True])
def test_more_boxes_than_are_compared_at_a_time(of_smaller: bool) -> None:
    boxes, scores = drawn(2 * BLOCK + 20, 7)
    kept = suppress(boxes, scores, 0.5, of_smaller=of_smaller)
    assert BLOCK / 4 < len(kept) < 2 * BLOCK
    assert kept.tolist() == one_by_one(boxes, scores, 0.5, of_smaller)
