import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from facemotion.config import DemoSettings
from facemotion.datasets import demo
from facemotion.demo import NOTICE, render_ckplus
from facemotion.errors import WorkspaceError
from facemotion.ingestion.tree import Tree
from facemotion.workspace import read_json

SMALL = DemoSettings(subjects=3, frames=4, size=(96, 128), seed=5)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("demo") / "tree"
    render_ckplus(root, SMALL, workers=1)
    return root


def digests(root: Path) -> dict[str, str]:
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_layout_is_that_of_ckplus(tree):
    assert (tree / "cohn-kanade-images/S005/001/S005_001_00000001.png").is_file()
    assert (tree / "Emotion/S005/001/S005_001_00000004_emotion.txt").is_file()
    labels = sorted(tree.glob("Emotion/S005/*/*.txt"))
    assert sorted(label.read_text() for label in labels) == [f"   {code}.0000000e+00\n" for code in range(1, 8)]


def test_unlabelled_sequences_come_in_the_three_ways_of_ckplus(tree):
    empty, hidden, absent = (tree / "Emotion" / name / "008" for name in ("S005", "S006", "S007"))
    assert (empty.is_dir(), list(empty.iterdir())) == (True, [])
    assert [path.name for path in hidden.iterdir()] == [".DS_Store"]
    assert not absent.exists()
    for name in ("S005", "S006", "S007"):
        assert len(list((tree / "cohn-kanade-images" / name / "008").glob("*.png"))) == 4


def test_the_demo_reads_its_own_tree(tree):
    result = demo.ingest(Tree.read(tree, "demo"), {})
    assert len(result.manifest) == 3 * 7 * 4
    assert result.exclusions == []
    assert all(check.ok for check in result.checks)


def test_every_frame_has_its_true_landmarks_and_weights(tree):
    landmarks, truth = (pd.read_parquet(tree / f"{name}.parquet") for name in ("landmarks", "truth"))
    labelled = demo.ingest(Tree.read(tree, "demo"), {}).manifest
    assert set(labelled["source"]) == set(landmarks["source"]) == set(truth["source"])
    assert landmarks.drop(columns="source").to_numpy().min() > 0
    neutral = truth[truth["time"] == 0].drop(columns=["source", "expression", "time"])
    assert not neutral.to_numpy().any()


def test_the_notice_is_written(tree):
    content = read_json(tree / "demo.json")
    assert content["notice"] == NOTICE
    assert "says nothing about real faces" in " ".join(NOTICE.split())
    assert len(content["subjects"]) == 3


def test_two_workers_give_the_same_bytes(tree, tmp_path):
    render_ckplus(tmp_path / "again", SMALL, workers=2)
    assert digests(tmp_path / "again") == digests(tree)


def test_clean_leaves_the_junk_out(tmp_path):
    render_ckplus(tmp_path / "clean", SMALL.model_copy(update={"subjects": 2}), workers=1, clean=True)
    names = list(digests(tmp_path / "clean"))
    assert not [name for name in names if "__MACOSX" in name or ".DS_Store" in name]
    assert not list((tmp_path / "clean").glob("Emotion/*/008"))


def test_an_older_tree_is_replaced(tmp_path):
    (tmp_path / "tree" / "old").mkdir(parents=True)
    render_ckplus(tmp_path / "tree", SMALL.model_copy(update={"subjects": 2}), workers=1, clean=True)
    assert not (tmp_path / "tree" / "old").exists()


def test_an_unwritable_place_is_one_clear_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceError, match="cannot write"):
        render_ckplus(tmp_path / "file" / "tree", SMALL, workers=1)


def test_faces_look_alike_within_a_sequence_and_differ_between_subjects(tree):
    import cv2

    def gray(path: str) -> np.ndarray:
        return cv2.imread(str(tree / "cohn-kanade-images" / path), cv2.IMREAD_GRAYSCALE).astype(float)

    same = np.abs(gray("S005/001/S005_001_00000003.png") - gray("S005/001/S005_001_00000004.png")).mean()
    other = np.abs(gray("S005/001/S005_001_00000001.png") - gray("S006/001/S006_001_00000001.png")).mean()
    assert same < other / 3
