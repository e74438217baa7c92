import numpy as np

from facemotion.demo.triangles import normals, rasterise

SQUARE = np.array([[1.0, 1.0], [5.0, 1.0], [5.0, 4.0], [1.0, 4.0]])
TWO = np.array([[0, 1, 2], [0, 2, 3]])


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
