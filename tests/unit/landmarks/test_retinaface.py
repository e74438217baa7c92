"""RetinaFace on photographs and on rendered faces, whose points are known."""

import cv2
import numpy as np
import pytest
import skimage.data

from facemotion import demo, landmarks
from facemotion.errors import EnvironmentProblem
from facemotion.landmarks import _retina, _runtime
from facemotion.landmarks.faces import LandmarkSource
from facemotion.landmarks.settings import landmark_settings

ASTRONAUT = skimage.data.astronaut()
POINTS = np.array([[202.2, 101.6], [248.5, 103.6], [225.6, 127.3], [205.5, 140.3], [244.7, 141.5]])
CONDITIONS = ("upright", "rotated", "dark", "very dark", "small", "gray")


@pytest.fixture(scope="module")
def retinaface() -> LandmarkSource:
    return landmarks.create(landmark_settings({"source": "retinaface"}))


def error(found: np.ndarray, points: np.ndarray) -> float:
    """Mean distance over the five points, as a share of the distance between the eyes."""
    return float(np.hypot(*(found - points).T).mean() / np.hypot(*(points[1] - points[0])))


def changed(image: np.ndarray, points: np.ndarray, how: str) -> tuple[np.ndarray, np.ndarray]:
    if how == "rotated":
        matrix = cv2.getRotationMatrix2D(tuple(points.mean(axis=0)), 30, 1)
        return cv2.warpAffine(image, matrix, image.shape[1::-1]), points @ matrix[:, :2].T + matrix[:, 2]
    if "dark" in how:
        return (image * (0.25 if how == "dark" else 0.08)).astype(np.uint8), points
    if how == "small":
        return cv2.resize(image, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), (points - 1.5) / 4
    if how == "gray":
        return np.dstack([cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)] * 3), points
    return image, points


@pytest.mark.parametrize("how", CONDITIONS)
def test_a_photograph(retinaface: LandmarkSource, how: str) -> None:
    image, points = changed(ASTRONAUT, POINTS, how)
    faces = retinaface.detect(image, source="", frame=0)
    assert len(faces) == 1
    assert error(faces[0].landmarks, points) < 0.08
    assert (faces[0].box[:2] < points.min(axis=0)).all()
    assert (faces[0].box[2:] > points.max(axis=0)).all()


@pytest.mark.parametrize("how", CONDITIONS)
def test_rendered_faces(retinaface: LandmarkSource, how: str) -> None:
    errors = []
    for seed, expression in enumerate(("anger", "happiness", "surprise", None)):
        image, points = changed(*demo.render_face(seed, expression), how)
        faces = retinaface.detect(image, source="", frame=0)
        assert len(faces) == 1, (seed, expression)
        errors.append(error(faces[0].landmarks, points))
    assert np.mean(errors) < 0.075
    assert np.max(errors) < 0.12


def test_a_small_face_in_a_large_picture(retinaface: LandmarkSource) -> None:
    canvas = np.full((1400, 2600, 3), 90, np.uint8)
    canvas[500:1012, 600:1112] = ASTRONAUT
    faces = retinaface.detect(canvas, source="", frame=0)
    assert len(faces) == 1
    assert error(faces[0].landmarks, POINTS + np.array([600, 500])) < 0.08


@pytest.mark.parametrize("name", ["chelsea", "moon", "clock"])
def test_a_face_of_which_it_is_unsure_must_be_seen_by_the_second_network(
    retinaface: LandmarkSource, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    picture = getattr(skimage.data, name)()
    picture = picture if picture.ndim == 3 else np.dstack([picture] * 3)
    assert retinaface.detect(picture, source="", frame=0) == []
    monkeypatch.setattr(_retina, "ENOUGH", 0.0)
    assert retinaface.detect(picture, source="", frame=0)  # the first network alone is taken in


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (12, 12), (19, 640), (64, 48)])
def test_pictures_without_a_face_give_nothing(retinaface: LandmarkSource, size: tuple[int, int]) -> None:
    for value in (0, 127, 255):
        assert retinaface.detect(np.full((*size, 3), value, np.uint8), source="", frame=0) == []
    noise = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    assert retinaface.detect(noise, source="", frame=0) == []


def test_damaged_weights_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_runtime.DIGESTS, "retinaface", "0" * 64)
    with pytest.raises(EnvironmentProblem, match=r"retinaface\.onnx is damaged"):
        landmarks.create(landmark_settings({"source": "retinaface"}))
