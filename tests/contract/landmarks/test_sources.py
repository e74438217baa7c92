"""What every landmark source promises; parametrised over the files of `facemotion.landmarks`."""

import functools
import json
import pickle
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
import skimage.data

from facemotion import landmarks
from facemotion.alignment.face import Aligned, align_face, align_image, locate
from facemotion.alignment.settings import AlignSettings
from facemotion.config import FileSetting
from facemotion.errors import ConfigError, Status
from facemotion.landmarks.faces import Face, LandmarkSource, choose
from facemotion.landmarks.settings import landmark_settings

IMAGE = skimage.data.astronaut()
POINTS = [202.2, 101.6, 248.5, 103.6, 225.6, 127.3, 205.5, 140.3, 244.7, 141.5]
SOURCE, FRAME = "people/astronaut.png", 0
KERNEL = 48


LOCATING = [name for name in landmarks.sources() if name != "given"]
"""The sources that locate a face; ``given`` takes a picture whole, see ``tests/unit/landmarks/test_given.py``."""


@pytest.fixture(params=LOCATING)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> LandmarkSource:
    """Return each source, ready for the astronaut."""
    if request.param == "precomputed":
        names = [f"{axis}{number}" for number in range(1, 6) for axis in "xy"]
        path = tmp_path / "points.csv"
        pd.DataFrame([[SOURCE, *POINTS]], columns=["source", *names]).to_csv(path, index=False)
        return landmarks.create(landmark_settings({"source": request.param, "table": path}))
    if request.param == "insightface":
        path = request.getfixturevalue("build_detector")(tmp_path / "det_astronaut.onnx", heads_by_heart(), size=640)
        return landmarks.create(landmark_settings({"source": request.param, "model_pack": path}))
    return landmarks.create(landmark_settings({"source": request.param}))


@functools.cache
def heads_by_heart() -> dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return heads that know this one face by heart: one in the whole picture, one in the region below.

    A head's kernel solves the equations "1 at the face's cell, 0 at every other cell that will be seen, 0 on black".
    """
    windows = {32: (0, 0, 512, 512), 16: (135, 10, 180, 210)}  # x, y, width, height; see `landmarks._region`
    seen = {}
    for stride, (x, y, width, height) in windows.items():
        scale = 640 / max(width, height)
        fitted = cv2.resize(IMAGE[y : y + height, x : x + width], (int(width * scale), int(height * scale)))
        seen[stride] = np.zeros((640, 640, 3), np.float32)
        seen[stride][: fitted.shape[0], : fitted.shape[1]] = fitted
    heads = {}
    for stride, (left, top, width, height) in windows.items():
        points = (np.reshape(POINTS, (5, 2)) - [left, top]) * (640 / max(width, height))
        column, row = (points[2] // stride).astype(int)
        corner = np.array([column, row]) * stride
        views = [seen[stride], *(view for other, view in seen.items() if other != stride)]
        cells = np.concatenate([_cells(view, stride) for view in views] + [_cells(np.zeros_like(seen[32]), stride)[:1]])
        wanted = np.zeros(len(cells), np.float32)
        wanted[row * (640 // stride) + column] = 1
        gram = cells @ cells.T
        gram[np.diag_indices_from(gram)] += 1e-5 * gram.trace() / len(gram)
        kernel = (np.linalg.solve(gram, wanted) @ cells).reshape(3, KERNEL, KERNEL)
        low, high = points.min(axis=0) - 50 - corner, points.max(axis=0) + 50 - corner
        heads[stride] = kernel, np.array([*-low, *high]), points - corner
    return heads


def _cells(view: np.ndarray, stride: int) -> np.ndarray:
    """Return what a detector's kernel sees at each cell, a row a cell; beyond the picture there are zeros."""
    padded = np.pad((view - 127.5) / 128, ((0, KERNEL - stride), (0, KERNEL - stride), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (KERNEL, KERNEL), axis=(0, 1))[::stride, ::stride]
    return windows.reshape(-1, 3 * KERNEL * KERNEL).astype(np.float32)


def test_a_face_is_well_formed(source: LandmarkSource) -> None:
    faces = source.detect(IMAGE, source=SOURCE, frame=FRAME)
    assert faces
    face = choose(faces, IMAGE.shape)
    assert isinstance(face, Face)
    assert face.box.shape == (4,)
    assert face.landmarks.shape == (5, 2)
    assert face.box.dtype == face.landmarks.dtype == np.float32
    assert 0 < face.score <= 1
    assert (face.landmarks > face.box[:2]).all()
    assert (face.landmarks < face.box[2:]).all()


def test_points_come_in_order_and_place(source: LandmarkSource) -> None:
    face = source.detect(IMAGE, source=SOURCE, frame=FRAME)[0]
    left, right, nose, mouth_left, mouth_right = face.landmarks
    assert left[0] < nose[0] < right[0]
    assert mouth_left[0] < nose[0] < mouth_right[0]
    assert max(left[1], right[1]) < nose[1] < min(mouth_left[1], mouth_right[1])
    distance = np.hypot(*(face.landmarks - np.reshape(POINTS, (5, 2))).T).mean()
    assert distance < 0.1 * np.hypot(*(right - left))


def test_a_region_around_the_face_keeps_it(source: LandmarkSource) -> None:
    region = (165.0, 45.0, 120.0, 140.0)
    found = choose(source.detect(IMAGE, source=SOURCE, frame=FRAME, region=region), IMAGE.shape, region=region)
    assert isinstance(found, Face)
    assert np.hypot(*(found.landmarks[2] - POINTS[4:6])) < 6


def test_nothing_is_an_empty_list_with_a_status(source: LandmarkSource) -> None:
    assert source.detect(np.zeros((90, 120, 3), np.uint8), source="other.png", frame=FRAME) == []
    assert source.absent.message
    assert source.absent.status in (Status.NO_FACE, Status.NO_LANDMARKS)
    assert source.name in landmarks.sources()


def test_a_picture_is_left_alone_and_the_answer_repeats(source: LandmarkSource) -> None:
    image = IMAGE.copy()
    first, second = (source.detect(image, source=SOURCE, frame=FRAME)[0] for _ in range(2))
    np.testing.assert_array_equal(image, IMAGE)
    np.testing.assert_array_equal(first.landmarks, second.landmarks)


def test_a_manifest_with_a_frame_that_it_can_know_is_accepted(source: LandmarkSource) -> None:
    source.require_any([("other.png", FRAME), (SOURCE, FRAME)])


def test_a_picture_is_aligned_by_it(source: LandmarkSource) -> None:
    aligned = align_image(IMAGE, source=source) if source.name != "precomputed" else None
    if aligned is None:  # it looks frames up, and a picture alone has no name
        found, face = locate(IMAGE, source, name=SOURCE, frame=FRAME)
        assert found == 1
        assert isinstance(face, Face)
        aligned = align_face(IMAGE, face, AlignSettings())
    assert isinstance(aligned, Aligned)
    assert aligned.crop.shape == (70, 70, 3)


@pytest.mark.parametrize("name", landmarks.sources())
def test_settings_are_named_described_and_survive_json(name: str, tmp_path: Path) -> None:
    model = landmarks.settings_model(name)
    settings = model()
    assert settings.source == name
    assert settings.identity.split(":")[0] == name
    assert landmark_settings({"source": name}) == settings == pickle.loads(pickle.dumps(settings))
    assert hash(settings) == hash(model())
    for field, about in model.model_fields.items():
        assert about.description, f"{field} of {name} has no description"
        assert field == "source" or not about.is_required()
    files = [field for field, about in model.model_fields.items() if about.annotation == FileSetting | None]
    for field in files:
        path = tmp_path / f"{field}.onnx"
        path.write_text(field)
        given = landmark_settings({"source": name, field: path})
        kept = landmark_settings(json.loads(json.dumps(given.as_json())))
        assert kept == given != settings
        assert str(tmp_path) not in json.dumps(given.as_json())
        assert kept.with_files(**{field: path}) == given
        with pytest.raises(ConfigError, match=f"is needed again: give it with --{field.replace('_', '-')}"):
            landmarks.create(kept)


@pytest.mark.parametrize("name", landmarks.sources())
def test_new_pictures_and_another_dataset_need_no_table_of_the_first(name: str) -> None:
    settings = landmark_settings({"source": name})
    assert not settings.for_new_pictures().wants_shipped
    elsewhere = landmark_settings() if name == "given" else settings  # another dataset's pictures need not be crops
    assert settings.for_another_dataset() == elsewhere
