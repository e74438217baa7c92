import itertools

import numpy as np
import pytest

from facemotion.demo.expression import (
    ONSETS,
    RECIPES,
    Temper,
    draw_delays,
    mouth_opening,
    onset,
    peak_weights,
)
from facemotion.demo.mesh import load_head
from facemotion.expressions import EXPRESSIONS

EVEN = Temper(1.0, dict.fromkeys(load_head().units, 1.0), left=1.0, right=1.0, mirrored=False)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_recipe_names_known_units_only(expression):
    assert set(peak_weights(expression, EVEN)) <= set(load_head().units)


def test_zero_intensity_gives_zeros():
    for expression in EXPRESSIONS:
        assert set(peak_weights(expression, EVEN, intensity=0.0).values()) == {0.0}


def test_contempt_is_one_sided_and_can_be_mirrored():
    plain = peak_weights("contempt", EVEN)
    mirrored = peak_weights("contempt", Temper(1.0, EVEN.unit, left=1.0, right=1.0, mirrored=True))
    assert not any(name.endswith("Right") for name in plain)
    assert sum(name.endswith("Left") for name in plain) > len(plain) / 2  # the chin has no sides
    assert mirrored == {name.replace("Left", "Right"): weight for name, weight in plain.items()}


def test_the_others_are_two_sided():
    for expression in set(EXPRESSIONS) - {"contempt"}:
        weights = peak_weights(expression, EVEN)
        for name, weight in weights.items():
            if name.endswith("Left"):
                assert weights[name.replace("Left", "Right")] == weight


def test_onset_runs_from_nothing_to_the_peak_and_never_falls():
    delays = draw_delays(np.random.default_rng(0))
    peak = peak_weights("fear", EVEN)
    steps = [onset(peak, time, delays) for time in np.linspace(0, 1, 9)]
    assert set(steps[0].values()) == {0.0}
    assert steps[-1] == pytest.approx(peak)
    for before, after in itertools.pairwise(steps):
        assert all(after[name] >= before[name] for name in peak)


def test_delays_lie_in_their_limits():
    delays = draw_delays(np.random.default_rng(1))
    assert all(low <= delays[region] <= high for region, (low, high) in ONSETS.items())


def test_the_mouth_is_closed_at_rest_and_open_in_surprise():
    assert mouth_opening({}) == 0
    assert mouth_opening(peak_weights("anger", EVEN)) == 0
    assert mouth_opening(peak_weights("surprise", EVEN)) > 1


def test_every_recipe_differs_from_every_other():
    texts = [tuple(sorted(recipe.items())) for recipe in RECIPES.values()]
    assert len(set(texts)) == len(EXPRESSIONS)
