from pathlib import Path

import cv2
import matplotlib.cbook
import numpy as np
import pytest
import skimage.data

from facemotion import media
from facemotion.errors import EnvironmentProblem
from facemotion.landmarks import _cascade, _runtime
from facemotion.landmarks._ladder import LADDER, Mtcnn, Rung
from facemotion.landmarks.faces import Face

ASTRONAUT = skimage.data.astronaut()
HOPPER = media.read_image(Path(matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)))
# Pupils, nose tip and mouth corners, read off the enlarged photographs by eye.
POINTS = {
    "astronaut": np.array([[202.2, 101.6], [248.5, 103.6], [225.6, 127.3], [205.5, 140.3], [244.7, 141.5]]),
    "hopper": np.array([[221.3, 189.6], [304.0, 186.7], [267.5, 240.4], [234.4, 280.4], [306.0, 274.9]]),
}
PHOTOS = {"astronaut": ASTRONAUT, "hopper": HOPPER}


@pytest.fixture(scope="module")
def mtcnn() -> Mtcnn:
    return Mtcnn(min_face=0.15)


def error(face: Face, points: np.ndarray) -> float:
    """Mean distance over the five points, as a share of the distance between the eyes."""
    return float(np.hypot(*(face.landmarks - points).T).mean() / np.hypot(*(points[1] - points[0])))


def rotated(image: np.ndarray, points: np.ndarray, degrees: float) -> tuple[np.ndarray, np.ndarray]:
    middle = tuple(points.mean(axis=0))
    matrix = cv2.getRotationMatrix2D(middle, degrees, 1)
    return cv2.warpAffine(image, matrix, image.shape[1::-1]), points @ matrix[:, :2].T + matrix[:, 2]


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("min_face", [0.06, 0.12, 0.15, 0.2])
def test_one_face_with_its_points(name: str, min_face: float) -> None:
    faces = Mtcnn(min_face=min_face).detect(PHOTOS[name])
    assert len(faces) == 1
    assert faces[0].score > 0.97
    assert error(faces[0], POINTS[name]) < 0.07
    x1, y1, x2, y2 = faces[0].box
    assert (POINTS[name] > [x1, y1]).all()
    assert (POINTS[name] < [x2, y2]).all()


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("change", ["gray", "dark", "very dark", "half size", "noisy"])
def test_changed_pictures_keep_their_points(mtcnn: Mtcnn, name: str, change: str) -> None:
    image, points = PHOTOS[name], POINTS[name]
    if change == "gray":
        image = np.dstack([cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)] * 3)
    elif "dark" in change:
        image = (image * (0.25 if change == "dark" else 0.05)).astype(np.uint8)
    elif change == "half size":
        image, points = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), (points - 0.5) / 2
    else:
        noise = np.random.default_rng(1).normal(0, 12, image.shape)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    faces = mtcnn.detect(image)
    assert len(faces) == 1
    assert error(faces[0], points) < 0.1


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("degrees", [-30, -15, 15, 30])
def test_turned_faces(mtcnn: Mtcnn, name: str, degrees: float) -> None:
    image, points = rotated(PHOTOS[name], POINTS[name], degrees)
    faces = mtcnn.detect(image)
    assert faces
    assert error(faces[0], points) < 0.1


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("margin", [0.45, 0.6, 0.9])
def test_close_ups(mtcnn: Mtcnn, name: str, margin: float) -> None:
    points = POINTS[name]
    reach = margin * np.hypot(*(points[1] - points[0]))
    x1, y1 = (points.min(axis=0) - reach).astype(int)
    x2, y2 = (points.max(axis=0) + reach).astype(int)
    faces = mtcnn.detect(np.ascontiguousarray(PHOTOS[name][y1:y2, x1:x2]))
    assert len(faces) == 1
    assert error(faces[0], points - [x1, y1]) < 0.1


@pytest.mark.parametrize("name", PHOTOS)
def test_points_follow_a_picture_that_moves(mtcnn: Mtcnn, name: str) -> None:
    found = []
    for step in range(6):
        moved = np.float64([[1, 0, 1.3 * step], [0, 1, 0.7 * step]])
        image = cv2.warpAffine(PHOTOS[name], moved, PHOTOS[name].shape[1::-1])
        found.append(mtcnn.detect(image)[0].landmarks - moved[:, 2])
    eyes = np.hypot(*(POINTS[name][1] - POINTS[name][0]))
    scatter = np.sqrt(((found - np.mean(found, axis=0)) ** 2).sum(axis=2).mean())
    assert scatter < 0.006 * eyes


def test_several_faces_are_all_found(mtcnn: Mtcnn) -> None:
    faces = mtcnn.detect(np.tile(ASTRONAUT, (1, 2, 1)))
    assert len(faces) == 2
    left, right = sorted(faces, key=lambda face: face.box[0])
    assert error(left, POINTS["astronaut"]) < 0.07
    assert error(right, POINTS["astronaut"] + [512, 0]) < 0.07


def test_a_region_limits_the_search(mtcnn: Mtcnn) -> None:
    image = np.tile(ASTRONAUT, (1, 2, 1))
    for shift in (0, 512):
        region = (170.0 + shift, 50.0, 110.0, 130.0)
        faces = mtcnn.detect(image, region=region)
        assert len(faces) == 1
        assert error(faces[0], POINTS["astronaut"] + [shift, 0]) < 0.08


def test_small_face_in_a_large_picture_is_found_by_a_later_rung() -> None:
    canvas = np.full((1400, 1600, 3), 90, np.uint8)
    canvas[500:1012, 600:1112] = ASTRONAUT
    faces = Mtcnn(min_face=0.2).detect(canvas)
    assert len(faces) == 1
    assert error(faces[0], POINTS["astronaut"] + [600, 500]) < 0.08


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (11, 11), (12, 12), (19, 640), (20, 20), (64, 48)])
def test_pictures_without_a_face_give_nothing(mtcnn: Mtcnn, size: tuple[int, int]) -> None:
    for value in (0, 127, 255):
        assert mtcnn.detect(np.full((*size, 3), value, np.uint8)) == []
    assert mtcnn.detect(np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)) == []


@pytest.mark.parametrize("name", ["coffee", "rocket", "chelsea"])
def test_photographs_without_people_give_nothing(mtcnn: Mtcnn, name: str) -> None:
    assert mtcnn.detect(getattr(skimage.data, name)()) == []


def test_input_is_left_alone_and_output_repeats(mtcnn: Mtcnn) -> None:
    image = ASTRONAUT.copy()
    first, second = mtcnn.detect(image), mtcnn.detect(image)
    np.testing.assert_array_equal(image, ASTRONAUT)
    np.testing.assert_array_equal(first[0].landmarks, second[0].landmarks)
    assert first[0].landmarks.dtype == np.float32


def test_ladder_begins_plain() -> None:
    assert LADDER[0] == Rung(border=False, stretch=False, smaller=1.0, thresholds=_cascade.THRESHOLDS)


def test_damaged_weights_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_runtime.DIGESTS, "rnet", "0" * 64)
    with pytest.raises(EnvironmentProblem, match=r"rnet\.onnx is damaged"):
        Mtcnn(min_face=0.2)


def test_suppression_keeps_the_better_of_overlapping_boxes() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [20, 20, 30, 30], [22, 22, 28, 28]], np.float32)
    scores = np.array([0.8, 0.9, 0.7, 0.95], np.float32)
    assert _cascade.suppress(boxes, scores, 0.5).tolist() == [3, 1, 2]
    assert _cascade.suppress(boxes, scores, 0.7, of_smaller=True).tolist() == [3, 1]
    assert _cascade.suppress(boxes[:0], scores[:0], 0.5).tolist() == []
