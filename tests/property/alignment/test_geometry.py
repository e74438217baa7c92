"""Properties of the geometry that hold for any similarity."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.transform import SimilarityTransform

from facemotion.alignment.geometry import FITS, TEMPLATE, crop_matrix, estimate_similarity, template_for
from facemotion.geometry import apply, fitted, warp
from facemotion.landmarks.faces import Failure


@st.composite
def similarities(draw: st.DrawFn) -> np.ndarray:
    """A (2, 3) matrix source -> aligned, within 80 degrees of upright, of scale 1/20 to 4."""
    angle = draw(st.floats(-80, 80)) / 180 * math.pi
    scale = math.exp(draw(st.floats(math.log(1 / 20), math.log(4))))
    x, y = draw(st.floats(-500, 500)), draw(st.floats(-500, 500))
    a, b = scale * math.cos(angle), scale * math.sin(angle)
    return np.array([[a, -b, x], [b, a, y]])


def inverse(matrix: np.ndarray) -> np.ndarray:
    return np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2]


@given(similarities(), st.sampled_from(list(FITS)))
def test_a_known_similarity_is_recovered(matrix: np.ndarray, fit: str) -> None:
    landmarks = apply(inverse(matrix), TEMPLATE)
    found = estimate_similarity(landmarks, TEMPLATE, fit)
    assert not isinstance(found, Failure)
    np.testing.assert_allclose(found[:, :2], matrix[:, :2], rtol=0, atol=1e-9 * np.abs(matrix[:, :2]).max())
    np.testing.assert_allclose(apply(found, landmarks), TEMPLATE, rtol=0, atol=1e-8)


@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 3, 5]), st.booleans())
def test_the_fit_is_that_of_scikit_image_to_the_bit(seed: int, number: int, line: bool) -> None:
    rng = np.random.default_rng(seed)
    target = rng.normal(50, 30, (number, 2))
    points = target * rng.uniform(0.1, 9) + rng.normal(0, rng.uniform(0, 50), target.shape) + rng.uniform(0, 500, 2)
    if line:
        points = np.outer(points[:, 0], rng.normal(size=2))
    known = SimilarityTransform.from_estimate(points, target)
    assert known
    np.testing.assert_array_equal(fitted(points, target), known.params[:2])
    assert fitted(np.full((number, 2), 7.0), target) is None


@given(similarities(), st.integers(0, 2**32 - 1))
def test_the_fit_is_the_best_of_its_neighbours(matrix: np.ndarray, seed: int) -> None:
    rng = np.random.default_rng(seed)
    landmarks = apply(inverse(matrix), TEMPLATE + rng.normal(0, 2, (5, 2)))
    found = estimate_similarity(landmarks, TEMPLATE)
    assert not isinstance(found, Failure)
    a, b = found[:, 0]
    assert np.allclose(found[:, 1], [-b, a])  # a rotation and one scale, nothing else
    best = ((apply(found, landmarks) - TEMPLATE) ** 2).sum()
    for step in rng.normal(0, 1e-3, (8, 4)):
        a2, b2 = a * (1 + step[0]) - b * step[1], b * (1 + step[0]) + a * step[1]
        other = np.array([[a2, -b2, found[0, 2] + step[2]], [b2, a2, found[1, 2] + step[3]]])
        assert ((apply(other, landmarks) - TEMPLATE) ** 2).sum() >= best * (1 - 1e-9)


@given(
    similarities(),
    st.tuples(st.floats(-50, 150), st.floats(-50, 150)),
    st.tuples(st.integers(1, 200), st.integers(1, 200)),
)
def test_the_centre_comes_to_the_middle_of_the_crop(matrix: np.ndarray, centre: tuple, size: tuple) -> None:
    crop = crop_matrix(matrix, centre, size)
    source = apply(inverse(matrix), [centre])
    middle = (np.array(size[::-1]) - 1) / 2
    np.testing.assert_allclose(apply(crop, source)[0], middle, rtol=0, atol=1e-7)
    np.testing.assert_array_equal(crop[:, :2], matrix[:, :2])


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 40))
def test_the_identity_warps_to_the_same_picture(seed: int, height: int, width: int) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    np.testing.assert_array_equal(warp(image, np.eye(2, 3), (height, width)), image)


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.integers(1, 12), st.integers(1, 12))
def test_shrinking_by_a_whole_number_is_the_block_mean(seed: int, factor: int, height: int, width: int) -> None:
    shape = (height * factor, width * factor, 3)
    image = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    # Output pixel u covers source pixels factor * u ... factor * u + factor - 1, so its centre lies between them.
    offset = -(factor - 1) / 2 / factor
    matrix = np.array([[1 / factor, 0, offset], [0, 1 / factor, offset]])
    blocks = image.reshape(height, factor, width, factor, 3).astype(float).mean(axis=(1, 3))
    assert np.abs(warp(image, matrix, (height, width)) - blocks).max() <= 0.5 + 1e-9


@given(st.integers(20, 400), st.integers(20, 400))
def test_a_scaled_template_stays_inside_and_similar(height: int, width: int) -> None:
    template = template_for((height, width))
    assert (template >= 0).all()
    assert (template <= np.array([width, height]) - 1).all()
    ratio = np.hypot(*(template[1] - template[0])) / np.hypot(*(TEMPLATE[1] - TEMPLATE[0]))
    assert math.isclose(ratio, min(height / 112, width / 96))
