import numpy as np
import pytest

from facemotion.alignment.geometry import TEMPLATE, alignment_id, estimate_similarity, template_for
from facemotion.alignment.settings import AlignSettings
from facemotion.errors import AlignmentError, Status
from facemotion.geometry import warp
from facemotion.landmarks.faces import Failure
from facemotion.landmarks.settings import landmark_settings


def test_template_of_the_paper_and_of_insightface() -> None:
    np.testing.assert_array_equal(template_for((112, 96)), TEMPLATE)
    np.testing.assert_allclose(template_for((112, 112)), TEMPLATE + np.array([8, 0]))
    np.testing.assert_allclose(TEMPLATE[2], [48.0252, 71.7366])


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (np.full((5, 2), 40.0), "0.0 pixels apart"),
        (TEMPLATE * [0.1, 0.1], "3.5 pixels apart"),
        (np.where(np.arange(10).reshape(5, 2) == 4, np.nan, TEMPLATE), "not a number"),
        (TEMPLATE * [-1, 1], "mirrored"),
        (TEMPLATE[[1, 0, 2, 4, 3]], "mirrored"),
        (TEMPLATE * [-1, -1], "upside down"),
        (np.array([[0, 0], [40, 0], [300, 5], [0, 300], [40, 3]]), "not those of a face"),
        (np.array([[0, 0], [40, 0], [20, 0], [0, 0], [40, 0]]), "mirrored"),
    ],
)
def test_useless_points_are_a_failure(points: np.ndarray, message: str) -> None:
    result = estimate_similarity(points, TEMPLATE)
    assert isinstance(result, Failure)
    assert result.status == Status.DEGENERATE_LANDMARKS
    assert message in result.message


def test_wrong_arguments_raise() -> None:
    with pytest.raises(AlignmentError, match=r"\(4, 2\)"):
        estimate_similarity(TEMPLATE[:4], TEMPLATE)
    with pytest.raises(AlignmentError, match="unknown fit 'affine'"):
        estimate_similarity(TEMPLATE, TEMPLATE, "affine")


def test_eyes_and_nose_alone_ignore_the_mouth() -> None:
    moved = TEMPLATE + np.array([[0, 0], [0, 0], [0, 0], [-3, 9], [3, 9]])
    np.testing.assert_allclose(estimate_similarity(moved, TEMPLATE, "eyes-nose"), np.eye(2, 3), atol=1e-9)
    assert np.abs(np.asarray(estimate_similarity(moved, TEMPLATE)) - np.eye(2, 3)).max() > 0.01


def test_outside_the_source_is_black() -> None:
    image = np.full((20, 20, 3), 200, np.uint8)
    moved = warp(image, [[1, 0, 5], [0, 1, 0]], (20, 20))
    assert (moved[:, :5] == 0).all()
    assert (moved[:, 5:] == 200).all()


def test_fine_stripes_average_instead_of_aliasing() -> None:
    stripes = np.zeros((300, 300, 3), np.uint8)
    stripes[:, ::2] = 255
    scale, turn = 1 / 2.7, np.radians(10)
    matrix = scale * np.array([[np.cos(turn), -np.sin(turn), 40], [np.sin(turn), np.cos(turn), 0]])
    inside = warp(stripes, matrix, (100, 100))[30:70, 40:70, 0]
    assert abs(inside.mean() - 127.5) < 2
    assert inside.std() < 20  # plain bilinear sampling has about 60


@pytest.mark.parametrize(
    "change",
    [
        {"face_size": (112, 112)},
        {"crop_size": (76, 76)},
        {"crop_centre": "template"},
        {"fit": "eyes-nose"},
        {"landmarks": landmark_settings({"source": "precomputed"})},
    ],
)
def test_alignment_id_tells_what_shapes_a_crop(change: dict) -> None:
    plain = alignment_id(AlignSettings())
    assert len(plain) == 16
    assert int(plain, 16) >= 0
    assert alignment_id(AlignSettings(**change)) != plain


def test_alignment_id_leaves_out_what_does_not() -> None:
    settings = AlignSettings(shard_size=3, landmarks=landmark_settings({"min_face": 0.3}))
    assert alignment_id(settings) == alignment_id(AlignSettings())
