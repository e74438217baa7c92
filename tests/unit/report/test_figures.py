import numpy as np
import pytest

from facemotion.report.artefacts import Run
from facemotion.report.figures import masked


def test_a_mask_is_laid_on_the_part_of_the_face_that_the_network_saw() -> None:
    face = np.full((70, 70, 3), 255, np.uint8)
    seen = masked(face, np.ones((36, 36), np.float32), window=0.9)
    assert seen.shape == (70, 70)
    rows, columns = np.nonzero(seen)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (3, 65, 3, 65)
    np.testing.assert_allclose(seen[3:66, 3:66], 1, atol=1e-5)
    assert masked(face, np.ones((9, 9), np.float32)).min() == pytest.approx(1)


@pytest.mark.parametrize(
    ("config", "window"),
    [
        ({"settings": {"data": {"resize": 320, "crop": 299}}}, 299 / 320),
        ({"settings": {"data": {"resize": 0, "crop": 1}}}, 1),
        ({"settings": {}}, 1),
        ({}, 1),
    ],
)
def test_that_part_follows_from_the_settings_of_the_run(config, window) -> None:
    assert Run("run", config, None, None, [], None).window == pytest.approx(window)
