from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from facemotion import media
from facemotion.config import DemoSettings
from facemotion.datasets.ckplus.selection import select
from facemotion.datasets.demo import DATASET as DEMO
from facemotion.demo import NOTICE, render_ckplus
from facemotion.errors import WorkspaceError
from facemotion.ingestion.findings import Exclusion
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree
from facemotion.workspace import read_json


@pytest.fixture(scope="module")
def tree(ckplus_quirks: Path) -> Path:
    """A tree with every quirk; do not write into it."""
    return ckplus_quirks


@pytest.fixture(scope="module")
def selected(tree: Path) -> Ingest:
    return select(Tree.read(tree, "CK+"), dataset="ckplus")


def lengths(root: Path) -> dict[str, int]:
    """Return the frames that labels name, by sequence."""
    return {path.name[:8]: int(path.name[9:17]) for path in root.glob("Emotion/*/*/*_emotion.txt")}


def test_the_layout_is_that_of_ckplus(rendered):
    assert (rendered / "cohn-kanade-images/S005/001/S005_001_00000001.png").is_file()
    assert (rendered / "Emotion/S005/001/S005_001_00000004_emotion.txt").is_file()
    labels = sorted(rendered.glob("Emotion/S005/*/*.txt"))
    assert sorted(label.read_text() for label in labels) == [f"   {code}.0000000e+00\n" for code in range(1, 8)]


def test_subjects_sessions_and_lengths_are_as_uneven_as_in_ckplus(tree):
    assert sorted(path.name for path in (tree / "Emotion").iterdir()) == ["S005", "S006", "S501", "S999"]
    assert sorted(path.name for path in (tree / "Emotion/S005").iterdir()) == [
        f"00{n}" for n in (1, 3, 4, 5, 6, 7, 8, 9)
    ]
    found = lengths(tree)
    assert len(found) == 4 * 7
    assert set(found.values()) == {4, 5, 6}
    assert [name for name, frames in found.items() if frames == 6] == ["S006_004"]  # the label that names too many


def test_a_few_subjects_keep_their_numbers(quirks):
    assert sorted(path.name for path in (quirks("ckplus") / "Emotion").iterdir()) == ["S005", "S006"]


def test_pictures_are_gray_but_for_one_subject_whose_are_lower(tree):
    kinds = {}
    for path in sorted(tree.glob("cohn-kanade-images/*/001/*_00000001.png")):
        with Image.open(path) as image:
            kinds[path.name[:4]] = (image.mode, image.size)
    gray, coloured = ("L", (144, 112)), ("RGB", (144, 110))
    assert kinds == {"S005": gray, "S006": gray, "S501": coloured, "S999": gray}


def test_unlabelled_sequences_come_in_the_three_ways_of_ckplus(tree):
    empty, hidden, absent = (tree / "Emotion" / name / "009" for name in ("S005", "S006", "S501"))
    assert (empty.is_dir(), list(empty.iterdir())) == (True, [])
    assert [path.name for path in hidden.iterdir()] == [".DS_Store"]
    assert not absent.exists()
    for name in ("S005", "S006", "S501"):
        assert len(list((tree / "cohn-kanade-images" / name / "009").glob("*.png"))) == 4


def test_labels_that_do_not_fit_their_frames_are_there_once_each(tree, selected):
    detail = "its label names frame 6, which is missing (the frames end at 5); the peak is not on disk"
    assert selected.exclusions == [Exclusion("S006_004", "label_frame_missing", detail)]
    assert selected.notes == ["S005_003: frames after the labelled 4 (up to 5) were not used"]
    assert len(selected.manifest) == (4 * 7 - 1) * 4


def test_one_selected_picture_is_broken(tree, selected):
    broken = []
    for source in selected.manifest["source"]:
        try:
            media.load(tree / source)
        except media.Unreadable as error:
            broken.append((source, str(error)))
    ((source, message),) = broken
    assert source == "cohn-kanade-images/S005/005/S005_005_00000005.png"
    assert message.startswith("the image cannot be decoded")


def test_every_sequence_has_its_action_units_and_one_file_is_misspelt(tree):
    names = {path.name.removesuffix("_facs.txt") for path in tree.glob("FACS/*/*/*.txt")}
    assert len(names) == 4 * 7
    frames = lengths(tree) | {"S006_004": 5}
    assert names - {f"{name}_{last:08d}" for name, last in frames.items()} == {"S0005_001_00000005"}
    joy = next(path.name[:8] for path in tree.glob("Emotion/S999/*/*.txt") if float(path.read_text()) == 5)
    (units,) = tree.glob(f"FACS/S999/*/{joy}_*_facs.txt")
    assert units.read_text().split() == [f"{value:.7e}" for value in (6, 0, 12, 0, 25, 0)]


def test_a_mac_was_here(tree):
    (fork,) = tree.glob("__MACOSX/cohn-kanade-images/S005/001/*")
    assert fork.name == "._S005_001_00000001.png"
    assert (tree / "cohn-kanade-images/.DS_Store").is_file()


def test_the_demo_reads_its_own_tree(rendered):
    result = DEMO.ingest(Tree.read(rendered, "demo"), DEMO.choose({}))
    assert len(result.manifest) == 4 * 7 * 4
    assert result.exclusions == []
    assert result.notes == []
    assert all(check.ok for check in result.checks)


@pytest.mark.parametrize("name", ["tree", "rendered"])
def test_every_frame_has_its_true_landmarks_and_weights(name, request):
    root = request.getfixturevalue(name)
    landmarks, truth = (pd.read_parquet(root / f"{table}.parquet") for table in ("landmarks", "truth"))
    labelled = DEMO.ingest(Tree.read(root, "demo"), DEMO.choose({})).manifest
    assert set(labelled["source"]) <= set(landmarks["source"]) == set(truth["source"])
    assert all((root / source).is_file() for source in landmarks["source"])
    assert landmarks.drop(columns="source").to_numpy().min() > 0
    neutral = truth[truth["time"] == 0].drop(columns=["source", "expression", "time"])
    assert neutral.to_numpy().max() < 0.5  # what a face does at rest


def test_the_notice_is_written(tree):
    content = read_json(tree / "demo.json")
    assert content["notice"] == NOTICE
    assert "says nothing about real faces" in " ".join(NOTICE.split())
    assert list(content["subjects"]) == ["S005", "S006", "S501", "S999"]


def test_clean_leaves_the_junk_out(clean):
    top = clean("ckplus")
    files = sorted(path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file())
    names = [name for name in files if not name.endswith((".parquet", "demo.json"))]
    folders = [f"{name}/{session:03d}/{name}_{session:03d}" for name in ("S005", "S006") for session in range(1, 8)]
    labels = [f"Emotion/{folder}_00000004_emotion.txt" for folder in folders]
    frames = [f"cohn-kanade-images/{folder}_{number:08d}.png" for folder in folders for number in range(1, 5)]
    assert names == sorted(labels + frames)


def test_an_unwritable_place_is_one_clear_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceError, match="cannot write"):
        render_ckplus(tmp_path / "file" / "tree", DemoSettings(subjects=2), workers=1)


def test_faces_look_alike_within_a_sequence_and_differ_between_subjects(rendered):
    import cv2

    def gray(path: str) -> np.ndarray:
        return cv2.imread(str(rendered / "cohn-kanade-images" / path), cv2.IMREAD_GRAYSCALE).astype(float)

    same = np.abs(gray("S005/001/S005_001_00000003.png") - gray("S005/001/S005_001_00000004.png")).mean()
    other = np.abs(gray("S005/001/S005_001_00000001.png") - gray("S006/001/S006_001_00000001.png")).mean()
    assert same < other / 3
