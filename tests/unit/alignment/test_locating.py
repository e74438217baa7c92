"""Faces that lie: found in the picture turned, and told; upright ones cost one look."""

from pathlib import Path

import numpy as np
import pytest
import skimage.data

from facemotion import demo
from facemotion.alignment import locating
from facemotion.alignment.face import Aligned, align_image
from facemotion.alignment.locating import locate, remark
from facemotion.errors import Status
from facemotion.landmarks import create
from facemotion.landmarks.faces import Face, Failure, LandmarkSource
from facemotion.landmarks.settings import landmark_settings
from facemotion.media import turned

ASTRONAUT = skimage.data.astronaut()


@pytest.fixture(scope="module")
def mtcnn() -> LandmarkSource:
    return create()


@pytest.fixture(scope="module")
def rendered_face() -> tuple[np.ndarray, np.ndarray]:
    return demo.render_face(4, "happiness")


def laid(points: np.ndarray, turn: int, shape: tuple[int, ...]) -> np.ndarray:
    """Return points where they come to lie when a picture is turned clockwise, a quarter at a time."""
    height, width = shape[:2]
    for _ in range(turn // 90):
        points = np.column_stack([height - 1 - points[:, 1], points[:, 0]])
        height, width = width, height
    return points


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_face_that_lies_is_found_where_it_is_and_its_crop_stands(mtcnn, rendered_face, turn) -> None:
    image, truth = rendered_face
    upright = align_image(image, source=mtcnn)
    found = align_image(turned(image, turn), source=mtcnn)
    assert isinstance(upright, Aligned)
    assert isinstance(found, Aligned)
    points = laid(truth, turn, image.shape)
    eyes = np.hypot(*(truth[1] - truth[0]))
    assert np.hypot(*(found.landmarks - points).T).mean() < 0.15 * eyes
    assert np.abs(found.crop.astype(int) - upright.crop).mean() < 10  # gray levels; a crop that lies differs by 50
    back = (360 - turn) % 360
    assert found.located.turn == back
    assert remark(found.located) == (
        "" if turn == 0 else f"the face lies: turned clockwise by {back} degrees it stands"
    )
    x1, y1, x2, y2 = found.located.box
    assert (points > [x1, y1]).all()
    assert (points < [x2, y2]).all()


def test_a_face_that_lies_in_the_dark_is_found(mtcnn, rendered_face) -> None:
    image, truth = rendered_face
    dark = (turned(image, 180) * 0.1).astype(np.uint8)
    found = align_image(dark, source=mtcnn)
    assert isinstance(found, Aligned)
    points = laid(truth, 180, image.shape)
    assert np.hypot(*(found.landmarks - points).T).mean() < 0.15 * np.hypot(*(truth[1] - truth[0]))


def test_a_photograph_on_its_head_is_found(mtcnn) -> None:
    found = align_image(turned(ASTRONAUT, 180), source=mtcnn)
    assert isinstance(found, Aligned)
    assert found.located.turn == 180


def test_a_region_is_turned_too(mtcnn, rendered_face) -> None:
    image, _ = rendered_face
    _, upright = locate(image, mtcnn)
    assert isinstance(upright, Face)
    two = np.concatenate([image, image], axis=1)
    lying = turned(two, 90)  # the second face is now below the first
    height, width = image.shape[:2]
    below = (0.0, float(width), float(height), float(width))
    found, face = locate(lying, mtcnn, region=below)
    assert found == 1
    assert isinstance(face, Face)
    assert face.turn == 270
    assert face.landmarks[:, 1].min() > width


class Counting(LandmarkSource):
    """Gives the same reading of whatever it is shown, and counts."""

    name = "counting"
    absent = Failure(Status.NO_FACE, "no face was found")

    def __init__(self, sure: float | None, *, drift: float = 0.0) -> None:
        self.seen: list[tuple[int, ...]] = []
        self._sure, self._drift = sure, drift

    def detect(self, image, *, source, frame, region=None):
        self.seen.append(image.shape)
        points = np.array([[30, 30], [60, 30], [45, 50], [35, 70], [55, 70]], np.float32)
        face = Face(np.array([10, 10, 80, 90], np.float32), 0.9, points)
        return [] if self._sure is None else [Face(face.box, face.score, points, sure=self._sure, drift=self._drift)]


@pytest.mark.parametrize("sure", [1.0, locating.SURE])
def test_a_sure_face_costs_one_look(sure) -> None:
    source = Counting(sure)
    locate(np.zeros((100, 120, 3), np.uint8), source)
    assert source.seen == [(100, 120, 3)]


@pytest.mark.parametrize(("sure", "drift", "looks"), [(0.97, 0.1, 1), (0.97, 0.0, 1), (0.9, 0.1, 4)])
def test_a_face_that_is_no_surer_in_any_turn_stays_as_it_was_read(sure, drift, looks) -> None:
    source = Counting(sure, drift=drift)
    _, face = locate(np.zeros((100, 120, 3), np.uint8), source)
    assert len(source.seen) == looks
    assert isinstance(face, Face)
    assert (face.turn, face.landmarks[0].tolist()) == (0, [30, 30])


def test_a_face_that_nothing_is_sure_of_in_any_turn_is_none() -> None:
    _, found = locate(np.zeros((100, 120, 3), np.uint8), Counting(0.3))
    assert isinstance(found, Failure)
    assert found.status == Status.NO_FACE
    assert found.message == "a face is seen, but neither upright nor turned (120x100 pixels)"


@pytest.mark.parametrize("name", ["mtcnn", "retinaface"])
@pytest.mark.parametrize("light", [1.0, 0.25, 0.1])
def test_upright_points_are_never_laid_over_a_face_that_lies(name, light) -> None:
    source = create(landmark_settings({"source": name}))
    for seed in (0, 2):  # which both sources took for upright ones when retinaface did not look at turned faces
        image, truth = demo.render_face(seed, "anger")
        lying, points = turned((image * light).astype(np.uint8), 180), laid(truth, 180, image.shape)
        found = align_image(lying, source=source)
        assert isinstance(found, Failure) or found.located.turn == 180
        if isinstance(found, Aligned):
            assert np.hypot(*(found.landmarks - points).T).mean() < 0.15 * np.hypot(*(truth[1] - truth[0]))


@pytest.mark.parametrize("name", ["mtcnn", "retinaface"])
def test_upright_faces_stay_as_they_were_read_to_the_bit(name, rendered_face) -> None:
    trying, plain = (create(landmark_settings({"source": name})) for _ in range(2))
    plain.looks = False
    for light in (1.0, 0.1):
        image = (rendered_face[0] * light).astype(np.uint8)
        (_, with_turns), (_, without) = locate(image, trying), locate(image, plain)
        assert isinstance(with_turns, Face)
        assert isinstance(without, Face)
        assert (with_turns.turn, with_turns.score) == (0, without.score)
        assert with_turns.landmarks.tobytes() == without.landmarks.tobytes()


def test_no_face_in_any_turn_is_a_failure_about_the_picture_as_it_was() -> None:
    source = Counting(None)
    _, found = locate(np.zeros((100, 120, 3), np.uint8), source)
    assert isinstance(found, Failure)
    assert found.message == "no face was found (120x100 pixels)"


def test_a_source_that_looks_things_up_is_asked_once() -> None:
    source = Counting(None)
    source.looks = False
    locate(np.zeros((100, 120, 3), np.uint8), source)
    assert len(source.seen) == 1


def test_pictures_without_people_stay_without(mtcnn) -> None:
    for name in ("coffee", "rocket", "chelsea"):
        _, found = locate(getattr(skimage.data, name)(), mtcnn)
        assert isinstance(found, Failure)


def test_the_row_of_faces_parquet_says_it(mtcnn, rendered_face, tmp_path: Path) -> None:
    from facemotion.alignment.settings import AlignSettings
    from facemotion.alignment.worker import align_frame

    image, _ = rendered_face
    row = {"sample_id": "a", "source": "a.png", "frame": 0, "region": None}
    record, pictures = align_frame(row, turned(image, 180), mtcnn, AlignSettings())
    assert pictures is not None
    assert (record["status"], record["message"]) == ("ok", "the face lies: turned clockwise by 180 degrees it stands")
    assert record["similarity"][0] < 0
