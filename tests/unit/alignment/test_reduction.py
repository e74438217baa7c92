"""Large JPEG pictures aligned from a reduced decoding, and where the whole one is needed after all."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
import skimage.data
from PIL import Image

from facemotion import landmarks, manifest
from facemotion.alignment.reduction import least_for
from facemotion.alignment.settings import AlignSettings
from facemotion.alignment.shards import Shard
from facemotion.alignment.worker import align_shard
from facemotion.landmarks.faces import LandmarkSource
from facemotion.landmarks.settings import landmark_settings
from facemotion.media import Reduced

ASTRONAUT = skimage.data.astronaut()
LARGE = cv2.resize(ASTRONAUT, (1400, 1400), interpolation=cv2.INTER_CUBIC)
ROW = {
    "sample_id": "a",
    "dataset": "folder",
    "subject": "S1",
    "sequence": "a",
    "frame": 0,
    "role": "expressive",
    "expression": "happiness",
    "rotate": 0,
    "region": None,
    "split": "",
}
REDUCED, FULL = AlignSettings(), AlignSettings(decode="full")


def small_face() -> np.ndarray:
    picture = np.full((1000, 1100, 3), 128, np.uint8)
    picture[200:712, 300:812] = ASTRONAUT
    return picture


PICTURES = {
    "large": LARGE,
    "small face": small_face(),
    "nobody": np.full((900, 900, 3), 128, np.uint8),
    "laboratory": cv2.resize(ASTRONAUT, (640, 490)),
}


def shard(root: Path, settings: AlignSettings, source: LandmarkSource, *rows: dict) -> Shard:
    return align_shard(manifest.validate(pd.DataFrame(list(rows))), root, source, settings)


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    for name, picture in PICTURES.items():
        Image.fromarray(picture).save(folder / f"{name}.jpg", quality=92)
    return folder


@pytest.fixture(scope="module", params=["mtcnn", "retinaface"])
def source(request) -> LandmarkSource:
    return landmarks.create(landmark_settings({"source": request.param}))


@pytest.fixture
def whole(monkeypatch) -> list[int]:
    """Return a list that grows when a reduced picture is decoded in full after all."""
    asked: list[int] = []
    initialise = Reduced.__init__

    def counting(self, pixels, factor, full) -> None:
        initialise(self, pixels, factor, lambda: (asked.append(factor), full())[1])

    monkeypatch.setattr(Reduced, "__init__", counting)
    return asked


@pytest.mark.parametrize("region", [None, (500.0, 150.0, 400.0, 500.0)])
def test_a_large_face_is_nearly_the_same_and_told_in_pixels_of_the_whole_picture(root, source, whole, region) -> None:
    row = {**ROW, "source": "large.jpg", "region": region}
    (reduced,), faces, crops, _ = shard(root, REDUCED, source, row)
    assert not whole
    (full,), faces_full, crops_full, _ = shard(root, FULL, source, row)
    eyes = np.diff(np.reshape(full["landmarks"], (5, 2))[:2], axis=0)
    assert np.abs(np.subtract(reduced["landmarks"], full["landmarks"])).max() < 0.03 * np.hypot(*eyes[0])
    assert np.abs(np.subtract(reduced["box"], full["box"])).max() < 0.2 * np.hypot(*eyes[0])
    np.testing.assert_allclose(reduced["similarity"][:2], full["similarity"][:2], atol=0.02)
    assert reduced["sha256"] == full["sha256"]
    assert np.abs(faces.astype(float) - faces_full).mean() < 3
    assert np.abs(crops.astype(float) - crops_full).mean() < 3


@pytest.mark.parametrize("name", ["small face", "nobody"])
def test_where_less_is_there_than_hoped_the_whole_picture_decides(root, source, whole, name) -> None:
    row = {**ROW, "source": f"{name}.jpg"}
    reduced, full = (shard(root, settings, source, row) for settings in (REDUCED, FULL))
    assert whole == [2]
    assert reduced.records == full.records
    np.testing.assert_array_equal(reduced.aligned, full.aligned)


def test_a_frame_of_the_laboratory_is_the_same_to_the_bit(root, source, whole) -> None:
    row = {**ROW, "source": "laboratory.jpg"}
    reduced, full = (shard(root, settings, source, row) for settings in (REDUCED, FULL))
    assert reduced.records[0]["status"] == "ok"
    assert not whole
    assert reduced.records == full.records
    np.testing.assert_array_equal(reduced.crops, full.crops)


def test_the_face_is_warped_to_where_its_points_say(root, source) -> None:
    """Drawn by the similarity of faces.parquet from the whole picture, it is the face that was made of the reduced."""
    (record,), faces, _, _ = shard(root, REDUCED, source, {**ROW, "source": "large.jpg"})
    matrix = np.reshape(record["similarity"], (2, 3))
    smooth = cv2.GaussianBlur(LARGE, (0, 0), 0.5 / np.sqrt(np.linalg.det(matrix[:, :2])))
    drawn = cv2.warpAffine(smooth, matrix, (96, 112), flags=cv2.INTER_LINEAR)
    for shift in (-1, 1):
        moved = np.roll(drawn, shift, axis=1)
        assert np.abs(drawn.astype(float) - faces[0]).mean() < np.abs(moved.astype(float) - faces[0]).mean() / 2


def test_how_far_follows_from_source_size_and_region(source) -> None:
    plain = least_for(REDUCED, source)
    assert plain == (784, 392, None)
    assert least_for(REDUCED, source, (10.0, 20.0, 400.0, 340.0)) == (784, 168, 340)
    assert least_for(FULL, source) is None
    assert least_for(AlignSettings(face_size=(224, 192)), source) == (1568, 784, None)
    far = landmarks.create(landmark_settings({"min_face": 0.05}))
    assert least_for(REDUCED, far) == (1920, 960, None)
    given = landmarks.create(landmark_settings({"source": "given"}))
    assert least_for(REDUCED, given) is None
