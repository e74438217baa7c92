"""What every landmark source promises; parametrised over the files of `facemotion.landmarks`."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skimage.data

from facemotion import landmarks
from facemotion.config import LandmarkSettings
from facemotion.errors import Status
from facemotion.landmarks import Face, LandmarkSource, choose

IMAGE = skimage.data.astronaut()
POINTS = [202.2, 101.6, 248.5, 103.6, 225.6, 127.3, 205.5, 140.3, 244.7, 141.5]
SOURCE, FRAME = "people/astronaut.png", 0


@pytest.fixture(params=landmarks.sources())
def source(request: pytest.FixtureRequest, tmp_path: Path) -> LandmarkSource:
    """Return each source, ready for the astronaut."""
    settings = LandmarkSettings(source=request.param)
    if request.param != "precomputed":
        return landmarks.create(settings)
    names = [f"{axis}{number}" for number in range(1, 6) for axis in "xy"]
    path = tmp_path / "points.csv"
    pd.DataFrame([[SOURCE, *POINTS]], columns=["source", *names]).to_csv(path, index=False)
    return landmarks.create(settings, table=path)


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
    assert source.absent in (Status.NO_FACE, Status.NO_LANDMARKS)
    assert source.name in landmarks.sources()
