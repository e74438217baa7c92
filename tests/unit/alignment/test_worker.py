import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from facemotion.alignment.geometry import TEMPLATE
from facemotion.alignment.settings import AlignSettings
from facemotion.alignment.worker import align_shard
from facemotion.errors import EnvironmentProblem, Status
from facemotion.geometry import apply
from facemotion.landmarks import create
from facemotion.landmarks.faces import Face, Failure, LandmarkSource
from facemotion.landmarks.settings import landmark_settings

SETTINGS = AlignSettings(landmarks=landmark_settings({"min_face": 0.15}))
EXPECTED = {
    **{f"{number:02d}": "ok" for number in range(7)},
    **{"11": "ok", "15": "ok", "20": "ok"},
    **{"30": "unreadable", "31": "unreadable", "32": "unreadable", "33": "unreadable"},
    **{"34": "no_face", "35": "no_face", "36": "ambiguous", "37": "missing_source", "38": "missing_source"},
    "40": "unreadable",
}


class Given(LandmarkSource):
    """A source that returns what it was given, or raises it."""

    name = "given"
    absent = Failure(Status.NO_FACE, "no face was found")

    def __init__(self, answer: list[Face] | Exception) -> None:
        self.answer = answer

    def detect(self, image: np.ndarray, **_: object) -> list[Face]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture(scope="module")
def mtcnn() -> LandmarkSource:
    return create(SETTINGS.landmarks)


def face(points: np.ndarray) -> Face:
    return Face(np.array([0, 0, 96, 112], np.float32), 0.5, points.astype(np.float32))


def test_every_frame_is_a_row_with_its_status(tree: tuple[pd.DataFrame, Path], mtcnn: LandmarkSource) -> None:
    rows, root = tree
    records, aligned, crops, _ = align_shard(rows, root, mtcnn, SETTINGS)
    assert [record["sample_id"] for record in records] == rows["sample_id"].tolist()
    assert {record["sample_id"]: record["status"] for record in records} == EXPECTED
    good = [record for record in records if record["status"] == "ok"]
    assert [record["row"] for record in good] == list(range(len(good)))
    assert aligned.shape == (len(good), 112, 96, 3)
    assert crops.shape == (len(good), 70, 70, 3)
    for record in records:
        assert (record["message"] == "") == (record["status"] == "ok")
        assert (record["row"] == -1) == (record["status"] != "ok")
        assert record["detector"] == "mtcnn"
    by_id = {record["sample_id"]: record for record in records}
    for name, source in (("03", "3.png"), ("15", "clip.avi"), ("31", "text.png"), ("40", "clip.avi")):
        assert by_id[name]["sha256"] == hashlib.sha256((root / source).read_bytes()).hexdigest()
    assert by_id["37"]["sha256"] == by_id["38"]["sha256"] == ""
    assert by_id["36"]["faces_found"] == 2


def test_similarity_takes_landmarks_to_the_template(tree: tuple[pd.DataFrame, Path], mtcnn: LandmarkSource) -> None:
    records, aligned, crops, _ = align_shard(tree[0][:3], tree[1], mtcnn, SETTINGS)
    for record in records:
        points = apply(np.reshape(record["similarity"], (2, 3)), np.reshape(record["landmarks"], (5, 2)))
        assert np.hypot(*(points - TEMPLATE).T).mean() < 6
    # The frames differ by a shift alone, so their aligned faces agree.
    first = aligned[0].astype(int)
    assert np.abs(aligned[1:].astype(int) - first).mean() < 6
    assert np.abs(crops[1:].astype(int) - crops[0].astype(int)).mean() < 8


def test_crop_is_the_window_of_the_aligned_face_around_the_nose(tree: tuple[pd.DataFrame, Path]) -> None:
    rows, root = tree
    points = TEMPLATE * 2 + [100.3, 70.7]
    points[2] = (TEMPLATE[2] + [1.4748, -0.2366]) * 2 + [100.3, 70.7]
    for centre in ("nose", "template"):
        settings = AlignSettings(crop_centre=centre, fit="eyes-nose")
        (record,), aligned, crops, _ = align_shard(rows[:1], root, Given([face(points)]), settings)
        middle = apply(np.reshape(record["similarity"], (2, 3)), points)[2] if centre == "nose" else TEMPLATE[2]
        # A crop centred on (cx, cy) is the aligned face from (cx - 34.5, cy - 34.5) on; compare where both are whole.
        x, y = np.rint(middle - 34.5).astype(int)
        window = aligned[0][y : y + 70, x : x + 70].astype(float)
        assert np.abs(crops[0] - window).mean() < 8
        shifted = aligned[0][y + 4 : y + 74, x + 4 : x + 74].astype(float)
        same = crops[0][: shifted.shape[0], : shifted.shape[1]]
        assert np.abs(same - shifted).mean() > 12


@pytest.mark.parametrize(
    ("shift", "outside"), [((0, 0), 0), ((280, 0), 2), ((300, 0), 3), ((9000, 0), 5), ((0, -90), 3)]
)
def test_landmarks_of_which_most_lie_outside_the_picture_are_none(tree, shift: tuple[int, int], outside: int) -> None:
    rows, root = tree  # of 340x320 pixels
    (record,), aligned, _, _ = align_shard(rows[:1], root, Given([face(TEMPLATE + shift)]), SETTINGS)
    assert len(aligned) == (outside <= 2)
    if outside > 2:
        assert record["status"] == "degenerate_landmarks"
        assert record["message"].startswith(f"{outside} of its five points lie outside the picture (340x320 pixels); ")


def test_same_video_frame_twice_gives_the_same_crop(tree: tuple[pd.DataFrame, Path], mtcnn: LandmarkSource) -> None:
    rows, root = tree
    twice = pd.concat([rows[rows["sample_id"] == "11"]] * 2, ignore_index=True)
    records, _, crops, _ = align_shard(twice, root, mtcnn, SETTINGS)
    assert [record["row"] for record in records] == [0, 1]
    np.testing.assert_array_equal(crops[0], crops[1])


def test_unexpected_errors_become_rows(tree: tuple[pd.DataFrame, Path]) -> None:
    rows, root = tree
    (record,), aligned, crops, _ = align_shard(rows[:1], root, Given(RuntimeError("odd tensor")), SETTINGS)
    assert record["status"] == "unreadable"
    assert "RuntimeError: odd tensor" in record["message"]
    assert aligned.shape == (0, 112, 96, 3)
    assert crops.shape == (0, 70, 70, 3)
    assert record["sha256"]


def test_a_broken_environment_stops_the_run(tree: tuple[pd.DataFrame, Path]) -> None:
    with pytest.raises(EnvironmentProblem):
        align_shard(tree[0][:1], tree[1], Given(EnvironmentProblem("no weights")), SETTINGS)


def test_degenerate_landmarks_keep_what_was_found(tree: tuple[pd.DataFrame, Path]) -> None:
    (record,), _, _, _ = align_shard(tree[0][:1], tree[1], Given([face(np.full((5, 2), 30.0))]), SETTINGS)
    assert record["status"] == "degenerate_landmarks"
    assert record["landmarks"] == [30.0] * 10
    assert record["similarity"] is None
