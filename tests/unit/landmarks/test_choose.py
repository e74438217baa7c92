import numpy as np
import pytest

from facemotion import landmarks
from facemotion.errors import ConfigError, Status
from facemotion.landmarks.faces import Face, Failure, choose
from facemotion.landmarks.settings import landmark_settings


def face(x: float, y: float, side: float, score: float = 0.9) -> Face:
    """Return a face centred on (x, y)."""
    box = np.array([x - side / 2, y - side / 2, x + side / 2, y + side / 2], np.float32)
    return Face(box, score, np.tile(np.array([x, y], np.float32), (5, 1)))


def test_the_only_face_is_chosen_wherever_it_is() -> None:
    only = face(10, 10, 20)
    assert choose([only], (480, 640, 3)) is only


def test_a_much_larger_face_wins_over_a_central_one() -> None:
    large, central = face(100, 100, 200), face(320, 240, 100)
    assert choose([central, large], (480, 640, 3)) is large


def test_of_comparable_faces_the_central_one_wins() -> None:
    off, central = face(100, 240, 120), face(330, 240, 100)
    assert choose([off, central], (480, 640, 3)) is central


def test_two_equal_faces_equally_far_from_the_centre_are_ambiguous() -> None:
    result = choose([face(160, 240, 100), face(480, 240, 100), face(20, 20, 30)], (480, 640, 3))
    assert isinstance(result, Failure)
    assert not result
    assert result.status == Status.AMBIGUOUS


def test_a_region_decides() -> None:
    left, right = face(160, 240, 100), face(480, 240, 100)
    assert choose([left, right], (480, 640, 3), region=(320, 0, 320, 480)) is right
    assert choose([left, right], (480, 640, 3), region=(0, 0, 320, 480)) is left
    outside = choose([left], (480, 640, 3), region=(320, 0, 320, 480))
    assert isinstance(outside, Failure)
    assert outside.status == Status.NO_FACE


@pytest.mark.parametrize(
    ("region", "inside"),
    [
        ((-300, 0, 400, 480), (50, 240)),
        ((540, 0, 400, 480), (590, 240)),
        ((0, -300, 640, 400), (320, 50)),
        ((0, 380, 640, 400), (320, 430)),
    ],
)
def test_of_a_region_that_leaves_the_picture_the_part_in_it_counts(region, inside) -> None:
    x, y = inside
    far = [face(x + 38, y + 38, 40), face(x - 38, y - 38, 40)]
    middle = face(x, y, 30)
    assert choose([*far, middle], (480, 640, 3), region=region) is middle


@pytest.mark.parametrize("region", [(700, 0, 50, 50), (0, 500, 50, 50), (-90, 0, 50, 50)])
def test_a_region_beside_the_picture_holds_no_face(region) -> None:
    result = choose([face(320, 240, 100)], (480, 640, 3), region=region)
    assert isinstance(result, Failure)
    assert result.status == Status.NO_FACE


def test_shifted_moves_box_and_points() -> None:
    moved = face(10, 20, 8).shifted(3, -5)
    assert moved.box.tolist() == [9, 11, 17, 19]
    assert moved.landmarks[0].tolist() == [13, 15]
    assert moved.side == 8


def test_sources_are_found_by_file_and_others_refused() -> None:
    assert {"mtcnn", "precomputed"} <= set(landmarks.sources())
    assert not any(name.startswith("_") for name in landmarks.sources())
    with pytest.raises(ConfigError, match="unknown landmark source 'dlib'"):
        landmark_settings({"source": "dlib"})
