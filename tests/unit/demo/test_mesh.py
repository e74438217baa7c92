import numpy as np
import pytest

from facemotion.demo.mesh import EYES, GROUPS, load_head
from facemotion.demo.triangles import normals, rasterise

SQUARE = np.array([[1.0, 1.0], [5.0, 1.0], [5.0, 4.0], [1.0, 4.0]])
TWO = np.array([[0, 1, 2], [0, 2, 3]])


def test_the_head_has_every_part():
    head = load_head()
    assert set(head.group.tolist()) == set(range(len(GROUPS)))
    assert head.triangles.max() < len(head.base)
    assert set(head.masks) == {"lips", "eyelids", "ears"}


def test_the_subjects_left_eye_lies_at_positive_x():
    head = load_head()
    left, right = (head.base[head.vertices(group)].mean(axis=0) for group in EYES)
    assert left[0] > 0 > right[0]


def test_morphing_is_linear_and_leaves_the_base_alone():
    head = load_head()
    before = head.base.copy()
    once, twice = (head.morph({"fu/jawOpen": weight}) - head.base for weight in (0.5, 1.0))
    assert np.allclose(2 * once, twice)
    assert np.abs(twice).max() > 0.05
    assert np.array_equal(head.base, before)


def test_an_unknown_target_is_a_key_error():
    with pytest.raises(KeyError):
        load_head().morph({"fu/noSuchUnit": 1.0})


def test_a_square_covers_the_pixels_whose_centres_lie_in_it():
    pixels, triangle, weights, _ = rasterise(SQUARE, np.zeros(4), TWO, (6, 8))
    assert pixels.tolist() == [row * 8 + column for row in (1, 2, 3) for column in (1, 2, 3, 4)]
    assert set(triangle.tolist()) == {0, 1}
    assert np.allclose(weights.sum(axis=1), 1)
    centres = np.einsum("nk,nkc->nc", weights, SQUARE[TWO[triangle]])
    assert np.allclose(centres, np.stack([pixels % 8 + 0.5, pixels // 8 + 0.5], axis=1))


def test_the_nearer_triangle_is_seen_whatever_the_order():
    points = np.concatenate([SQUARE, SQUARE])
    depth = np.repeat([1.0, 2.0], 4)
    triangles = np.concatenate([TWO, TWO + 4])
    for order in ([0, 1, 2, 3], [2, 3, 0, 1]):
        _, triangle, _, near = rasterise(points, depth, triangles[order], (6, 8))
        assert (triangles[order][triangle] >= 4).all()
        assert np.allclose(near, 2)


def test_of_two_that_are_as_near_the_last_is_seen():
    points, depth = np.concatenate([SQUARE, SQUARE]), np.ones(8)
    _, triangle, _, _ = rasterise(points, depth, np.concatenate([TWO, TWO + 4]), (6, 8))
    assert set(triangle.tolist()) == {2, 3}


def test_what_lies_outside_the_picture_is_left_out():
    pixels, *_ = rasterise(SQUARE - 100, np.zeros(4), TWO, (6, 8))
    assert len(pixels) == 0


def test_normals_of_a_plane_point_one_way():
    vertices = np.column_stack([SQUARE, np.zeros(4)])
    assert np.allclose(normals(vertices, TWO), [0, 0, 1])
