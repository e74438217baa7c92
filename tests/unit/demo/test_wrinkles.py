import numpy as np
import pytest

from facemotion.demo.texture import WRINKLES, load_surface
from facemotion.demo.wrinkles import wrinkle_weights


def depths(weights):
    return dict(zip(WRINKLES, wrinkle_weights(weights).tolist(), strict=True))


def test_a_resting_face_has_no_wrinkle_of_expression():
    assert wrinkle_weights({}).tolist() == [[0.0, 0.0]] * len(WRINKLES)


def test_wrinkles_follow_their_units():
    raised = depths({"browInnerUp": 1.0})
    assert raised.pop("forehead") == pytest.approx([0.5, 0.5])
    assert raised.pop("upper lid") == pytest.approx([-0.4, -0.4])  # the skin above the eye is drawn smooth
    assert set(map(tuple, raised.values())) == {(0.0, 0.0)}


def test_one_side_wrinkles_alone():
    smirk = depths({"mouthDimpleLeft": 1.0})
    assert smirk["nasolabial"] == pytest.approx([0.6, 0.0])
    assert smirk["mouth corner"] == pytest.approx([1.0, 0.0])


def test_no_wrinkle_is_deeper_than_skin_can_fold():
    assert wrinkle_weights({"mouthSmileLeft": 5.0, "mouthSmileRight": 5.0}).max() == np.float32(1.3)


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("forehead", (0.0, 7.67), (0.0, 7.3)),
        ("upper lid", (0.31, 7.398), (0.31, 7.2)),
        ("lower lid", (0.36, 7.16), (0.36, 7.35)),
        ("wing", (0.188, 6.925), (0.0, 6.925)),
        ("nasolabial", (0.26, 6.87), (0.0, 6.87)),
        ("chin", (0.0, 6.455), (0.4, 6.8)),
    ],
)
def test_a_wrinkle_lies_where_it_is_named_after(name, inside, outside):
    surface = load_surface()
    x, y, _ = np.moveaxis(surface.position, -1, 0)
    depth = surface.wrinkles[..., WRINKLES.index(name)]

    def at(place):
        away = (np.abs(x) - place[0]) ** 2 + (y - place[1]) ** 2 + 10 * (surface.front < 0.5)
        return depth.ravel()[away.argmin()]

    assert at(inside) > 0.5
    assert at(outside) < 0.02
