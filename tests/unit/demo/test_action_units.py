"""Known answers: what an action unit moves, by how much, and that it moves nothing else."""

import numpy as np
import pytest

from facemotion.demo.action_units import SCULPTED, Pull, sculpted
from facemotion.demo.expression import RECIPES
from facemotion.demo.mesh import BODY, load_head

NOSE_WING, NOSE_TIP, BROW, CHIN, EYE = (
    (0.17, 6.926, 1.502),
    (0.0, 6.94, 1.68),
    (0.34, 7.5, 1.42),
    (0.0, 6.33, 1.42),
    (0.31, 7.2, 1.42),
)


def moved(unit):
    """Return how each vertex of the skin is moved by a unit at weight 1."""
    head = load_head()
    return head.morph({f"fu/{unit}": 1.0}) - head.base


def at(place, shift):
    head = load_head()
    skin = head.vertices(BODY)
    return shift[skin[((head.base[skin] - place) ** 2).sum(axis=1).argmin()]]


def test_a_pull_is_whole_in_its_middle_and_nothing_from_its_edge_on():
    pull = Pull((1.0, 2.0, 3.0), (0.5, 1.0, 2.0), (0.1, -0.2, 0.3))
    points = np.array([[1.0, 2.0, 3.0], [1.25, 2.0, 3.0], [1.5, 2.0, 3.0], [1.0, 3.0, 3.0], [1.0, 2.0, 5.0]])
    expected = np.array([1.0, 0.5625, 0.0, 0.0, 0.0])[:, None] * pull.shift
    assert np.allclose(pull(points), expected, atol=1e-12)


def test_the_other_side_mirrors():
    points = np.random.default_rng(0).uniform([-0.5, 6.2, 1.2], [0.5, 8.0, 1.7], (500, 3))
    left, right = sculpted(points), sculpted(points * [-1, 1, 1])
    for name in SCULPTED:
        other = name.replace("Left", "Right") if name.endswith("Left") else name.replace("Right", "Left")
        assert np.allclose(left[name], right[other] * [-1, 1, 1])


def test_flaring_moves_the_wing_outwards_and_the_tip_not_at_all():
    shift = moved("noseFlareLeft")
    assert at(NOSE_WING, shift)[0] > 0.02
    assert abs(at(NOSE_WING, shift)[1]) < 0.01
    for place in (NOSE_TIP, BROW, CHIN, EYE):
        assert at(place, shift).tolist() == [0, 0, 0]
    assert shift[load_head().base[:, 0] < 0].any() is np.False_


def test_the_fold_bulges_beside_the_line_and_sinks_on_it():
    shift = moved("cheekFoldLeft")
    assert at((0.29, 6.86, 1.44), shift)[2] > 0.015
    assert at((0.20, 6.89, 1.46), shift)[2] < 0
    for place in (NOSE_TIP, BROW, CHIN, EYE):
        assert at(place, shift).tolist() == [0, 0, 0]


def test_the_boss_rises_and_comes_ahead():
    shift = moved("chinBoss")
    assert (at(CHIN, shift)[1:] > 0.015).all()
    for place in (NOSE_TIP, NOSE_WING, BROW, EYE):
        assert at(place, shift).tolist() == [0, 0, 0]


def test_the_forehead_rises_above_the_brow():
    shift = moved("browForeheadLeft")
    assert at((0.24, 7.69, 1.42), shift)[1] > 0.03
    for place in (NOSE_TIP, NOSE_WING, CHIN, EYE):
        assert at(place, shift).tolist() == [0, 0, 0]


def test_units_move_skin_only():
    head = load_head()
    other = np.setdiff1d(np.arange(len(head.base)), head.vertices(BODY))
    for name in SCULPTED:
        assert not moved(name)[other].any()


@pytest.mark.parametrize("name", SCULPTED)
def test_every_unit_is_used_by_an_expression(name):
    bare = name.removesuffix("Left").removesuffix("Right")
    assert any({name, bare, f"{bare}Left"} & set(recipe) for recipe in RECIPES.values())
