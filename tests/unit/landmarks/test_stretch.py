"""The contrast of dark frames: as numpy's percentiles say, of pictures of any size."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from facemotion.landmarks._stretch import LEAST, stretched


@given(arrays.arrays(np.uint8, arrays.array_shapes(min_dims=1, max_dims=3, max_side=20)))
def test_the_levels_between_the_percentiles_span_all(image) -> None:
    low, high = np.percentile(image, (1, 99.5))
    if high - low < LEAST:
        assert stretched(image) is image
    else:
        table = np.clip((np.arange(256) - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
        assert (stretched(image) == table[image]).all()


@given(st.integers(LEAST, 255))
def test_a_picture_of_enough_levels_stays(levels) -> None:
    image = np.arange(levels + 1, dtype=np.uint8).repeat(50)
    span = float(np.subtract(*np.percentile(image, (99.5, 1))))
    assert stretched(image, below=span) is image
