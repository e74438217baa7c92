from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skimage.data

from facemotion import media
from facemotion.alignment.face import Aligned, align_image
from facemotion.alignment.settings import AlignSettings
from facemotion.alignment.worker import align_shard
from facemotion.errors import AlignmentError, Status
from facemotion.landmarks import create
from facemotion.landmarks.faces import Failure
from facemotion.landmarks.precomputed import PrecomputedSettings

ASTRONAUT = skimage.data.astronaut()


@pytest.mark.parametrize("change", [{}, {"fit": "eyes-nose", "crop_centre": "template", "crop_size": (40, 50)}])
def test_a_picture_is_aligned_as_the_stage_does(tree: tuple[pd.DataFrame, Path], change: dict) -> None:
    rows, root = tree
    settings = AlignSettings(**change)
    records, aligned, crops, _ = align_shard(rows[:2], root, create(), settings)
    for row, record, face, crop in zip(rows["source"], records, aligned, crops, strict=False):
        found = align_image(media.read_image(root / row), settings=settings)
        assert isinstance(found, Aligned)
        np.testing.assert_array_equal(found.face, face)
        np.testing.assert_array_equal(found.crop, crop)
        np.testing.assert_array_equal(found.similarity.ravel(), record["similarity"])
        np.testing.assert_array_equal(found.landmarks.ravel(), record["landmarks"])
        assert found.located.score == record["score"]


def test_a_failure_is_a_value_with_a_reason() -> None:
    found = align_image(np.zeros((60, 80, 3), np.uint8))
    assert isinstance(found, Failure)
    assert not found
    assert found.status == Status.NO_FACE
    assert found.message == "no face was found (80x60 pixels)"
    beside = align_image(ASTRONAUT, region=(300.0, 300.0, 100.0, 100.0))
    assert isinstance(beside, Failure)
    assert beside.status == Status.NO_FACE


def test_settings_with_a_table_take_the_default_source_for_a_picture() -> None:
    by_table = align_image(ASTRONAUT, settings=AlignSettings(landmarks=PrecomputedSettings()))
    plain = align_image(ASTRONAUT)
    assert isinstance(by_table, Aligned)
    assert isinstance(plain, Aligned)
    np.testing.assert_array_equal(by_table.crop, plain.crop)


@pytest.mark.parametrize(
    "image",
    [
        ASTRONAUT / 255,
        ASTRONAUT[..., 0],
        ASTRONAUT[None],
        np.zeros((9, 9, 4), np.uint8),
        np.zeros((0, 9, 3), np.uint8),
        "a.png",
    ],
)
def test_what_is_no_picture_is_refused(image) -> None:
    with pytest.raises(AlignmentError, match=r"a picture is a uint8 array of shape \(H, W, 3\) in RGB, not "):
        align_image(image)
