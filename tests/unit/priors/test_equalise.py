import numpy as np
import pytest

from facemotion.priors.equalise import equalise


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([[3.0, 1.0], [2.0, 0.0]], [[1, 1 / 3], [2 / 3, 0]]),
        ([[1.0, 1.0], [0.0, 2.0]], [[0.5, 0.5], [0, 1]]),
        ([[7.0, 7.0], [7.0, 7.0]], [[0.5, 0.5], [0.5, 0.5]]),
        ([[7.0]], [[0.5]]),
    ],
)
def test_ranks(values, expected):
    result = equalise(np.array(values))
    np.testing.assert_allclose(result, expected, rtol=1e-7)
    assert result.dtype == np.float32


def test_each_map_by_itself():
    maps = np.random.default_rng(0).random((2, 3, 4, 5))
    result = equalise(maps)
    assert result.shape == maps.shape
    np.testing.assert_array_equal(result[1, 2], equalise(maps[1, 2]))


def test_only_the_order_counts():
    values = np.random.default_rng(1).random((8, 8))
    np.testing.assert_array_equal(equalise(values), equalise(np.exp(5 * values)))


def test_values_are_spread_evenly():
    values = np.random.default_rng(2).random((70, 70)) ** 4
    histogram = np.histogram(equalise(values), bins=7, range=(0, 1))[0]
    assert np.ptp(histogram) <= 1
