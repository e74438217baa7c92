from pathlib import Path

import numpy as np
import pytest

from facemotion.report.artefacts import RunContents
from facemotion.report.figures import masked
from facemotion.runs import Run, RunConfig


def test_a_mask_is_laid_on_the_part_of_the_face_that_the_network_saw() -> None:
    face = np.full((70, 70, 3), 255, np.uint8)
    seen = masked(face, np.ones((36, 36), np.float32), window=0.9)
    assert seen.shape == (70, 70)
    rows, columns = np.nonzero(seen)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (3, 65, 3, 65)
    np.testing.assert_allclose(seen[3:66, 3:66], 1, atol=1e-5)
    assert masked(face, np.ones((9, 9), np.float32)).min() == pytest.approx(1)


@pytest.mark.parametrize(
    ("settings", "window"),
    [
        ({"data": {"resize": 320, "crop": 299}}, 299 / 320),
        ({"data": {"resize": 0, "crop": 1}}, 1),
        ({"data": {"resize": 10, "crop": "many"}}, 1),
        ({"data": [320, 299]}, 1),
        ({}, 1),
        (None, 1),
    ],
)
def test_that_part_follows_from_the_settings_of_the_run(settings, window) -> None:
    config = None if settings is None else RunConfig(dataset="demo", classes=("anger",), settings=settings)
    assert RunContents(Run(Path("run")), config, None, {}, None).window == pytest.approx(window)
