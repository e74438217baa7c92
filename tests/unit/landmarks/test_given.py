"""Pictures that are crops already: taken whole, and nothing is claimed about where points are."""

import numpy as np
import pytest

from facemotion import landmarks
from facemotion.alignment.face import Aligned, align_image
from facemotion.alignment.geometry import alignment_id
from facemotion.alignment.settings import AlignSettings
from facemotion.alignment.worker import align_frame
from facemotion.landmarks.settings import landmark_settings

SETTINGS = AlignSettings(landmarks=landmark_settings({"source": "given"}))
ROW = {"sample_id": "a", "source": "a.png", "frame": 0, "region": None}


def aligned(image: np.ndarray, settings: AlignSettings = SETTINGS) -> Aligned:
    made = align_image(image, settings=settings)
    assert isinstance(made, Aligned)
    return made


def test_a_picture_of_the_crop_s_size_is_the_crop_to_the_byte():
    image = np.random.default_rng(0).integers(0, 256, (70, 70, 3), dtype=np.uint8)
    np.testing.assert_array_equal(aligned(image).crop, image)


@pytest.mark.parametrize("side", [48, 100, 140])
def test_the_edges_of_a_picture_are_the_edges_of_the_crop(side):
    image = np.zeros((side, side, 3), np.uint8)
    image[:, : side // 2] = 200
    crop = aligned(image).crop
    assert (crop[:, :33] == 200).all()
    assert (crop[:, 37:] == 0).all()
    np.testing.assert_array_equal(crop[:, 32:38], np.broadcast_to(crop[:1, 32:38], (70, 6, 3)))


def test_a_picture_that_is_no_square_lies_in_the_middle_as_large_as_it_fits():
    crop = aligned(np.full((48, 24, 3), 255, np.uint8)).crop
    assert (crop[:, 20:50] == 255).all()
    assert (crop[:, :10] == 0).all()


def test_the_aligned_face_holds_the_crop_around_the_template_s_nose():
    image = np.random.default_rng(1).integers(0, 256, (70, 70, 3), dtype=np.uint8)
    similarity = aligned(image).similarity
    np.testing.assert_allclose(similarity[:, :2], np.eye(2))
    np.testing.assert_allclose(similarity @ [34.5, 34.5, 1], [48.0252, 71.7366], atol=1e-6)


def test_no_landmarks_are_claimed():
    record, pictures = align_frame(ROW, np.zeros((48, 48, 3), np.uint8), landmarks.create(SETTINGS.landmarks), SETTINGS)
    assert pictures is not None
    assert (record["status"], record["detector"], record["landmarks"]) == ("ok", "given", None)
    assert record["box"] == [0, 0, 48, 48]


def test_its_alignment_is_that_of_no_other_source():
    others = {
        alignment_id(AlignSettings(landmarks=landmark_settings({"source": name}))) for name in landmarks.sources()
    }
    assert len(others) == len(landmarks.sources())
    assert alignment_id(SETTINGS) in others
