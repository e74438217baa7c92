"""People at rest: they blink, the same way every time, and are never quite still."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemotion.demo.mesh import load_head
from facemotion.demo.rest import added, clock, living
from facemotion.demo.sequence import lab_sequence

LONG = list(np.linspace(0, 1, 41)) + [1.0] * 400


def shut(seed, times):
    """Return how far the left eye is shut in each frame."""
    return np.array([moment.weights["eyeBlinkLeft"] for moment in living(np.random.default_rng(seed), times)])


def test_the_same_seed_gives_the_same_moments():
    one, two = (living(np.random.default_rng(3), LONG) for _ in range(2))
    for first, second in zip(one, two, strict=True):
        assert (first.weights, first.gaze, first.head.tolist()) == (second.weights, second.gaze, second.head.tolist())


def test_a_frame_does_not_depend_on_the_frames_after_it():
    assert np.array_equal(shut(5, LONG)[:30], shut(5, LONG[:30]))


def test_people_blink_now_and_then():
    eyes = np.array([shut(seed, LONG) for seed in range(40)])
    closed = eyes > 0.5
    blinks = (np.diff(closed.astype(int), axis=1) == 1).sum()
    minutes = 40 * clock(LONG)[-1] * 1.5 / 60
    assert 8 < blinks / minutes < 25  # people do it 15 to 20 times a minute
    assert 0.02 < closed.mean() < 0.1
    assert not closed[:, 0].any()


def test_both_eyes_blink_together():
    for moment in living(np.random.default_rng(1), LONG):
        assert moment.weights["eyeBlinkLeft"] == moment.weights["eyeBlinkRight"]


def test_what_moves_at_rest_moves_a_little():
    moments = living(np.random.default_rng(2), LONG)
    head = np.array([moment.head for moment in moments])
    assert 0 < np.ptp(head[:, :3], axis=0).max() < 5  # degrees
    assert np.abs(np.diff(head[:41], axis=0)).max() < 1
    for moment in moments:
        still = [weight for unit, weight in moment.weights.items() if not unit.startswith("eyeBlink")]
        assert max(map(abs, still)) < 0.6
        assert set(moment.weights) <= set(load_head().units)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_the_clock_never_stands_still(times):
    now = clock(times)
    assert now[0] == 0
    assert (np.diff(now) > 0.019).all()


def test_weights_add_up_and_are_never_negative():
    assert added({"a": 0.5, "b": 0.1}, {"b": -0.3, "c": 0.2}) == {"a": 0.5, "b": 0.0, "c": 0.2}


@pytest.mark.parametrize("expression", [None, "anger"])
def test_a_sequence_is_the_same_again_and_its_people_live(expression):
    one, two = (list(lab_sequence(4, expression, [0.0, 0.5, 0.5], size=(96, 120))) for _ in range(2))
    assert all(np.array_equal(a.image, b.image) for a, b in zip(one, two, strict=True))
    assert one[1].weights != one[2].weights
