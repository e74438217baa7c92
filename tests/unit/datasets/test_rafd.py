"""RaFD: what names say, one gaze of a pose, children and adults, and what is taken for it."""

from pathlib import Path

import pytest

from facemotion.config import DemoSettings, FoldSettings
from facemotion.datasets.raf_db import DATASET as RAF_DB
from facemotion.datasets.rafd import DATASET as RAFD
from facemotion.datasets.rafd.info import CODES, FACTS, GROUPS
from facemotion.datasets.rafd.selection import shot_of
from facemotion.demo.layout_rafd import render_rafd
from facemotion.errors import ConfigError, DataError
from facemotion.folds import build_folds
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree

ANN, BEN, KID = "01_Caucasian_female", "02_Moroccan_male", "63_Kid_female"


def build(root: Path, *people: str, cameras=("090",), gazes=("frontal",), words=tuple(CODES), ending="jpg") -> Path:
    root.mkdir(parents=True, exist_ok=True)
    for who in people:
        for camera in cameras:
            for word in words:
                for gaze in gazes:
                    (root / f"Rafd{camera}_{who}_{word}_{gaze}.{ending}").touch()
    return root


def run(root: Path, **options) -> Ingest:
    return RAFD.ingest(Tree.read(root, "RaFD"), RAFD.choose(options))


def test_seven_expressions_contempt_among_them_with_a_neutral_face_each(tmp_path):
    result = run(build(tmp_path, ANN, BEN))
    table = result.manifest.set_index("sample_id")
    assert result.classes == ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")
    assert table.loc["Rafd090_01_Caucasian_female_contemptuous_frontal", "expression"] == "contempt"
    assert set(table["subject"]) == set(table["sequence"]) == {"01", "02"}
    calm = table[table["role"] == "neutral"]
    assert calm["source"].tolist() == [f"Rafd090_{who}_neutral_frontal.jpg" for who in (ANN, BEN)]


def test_three_gazes_are_one_pose_and_cameras_are_chosen(tmp_path):
    build(tmp_path, ANN, gazes=("frontal", "left", "right"), cameras=("045", "090"))
    assert len(run(tmp_path).manifest) == len(CODES)
    names = run(tmp_path, gaze="left", camera="045").manifest["sample_id"]
    assert set(names.str[:7]) == {"Rafd045"}
    assert set(names.str.rpartition("_")[2]) == {"left"}
    with pytest.raises(DataError, match="none of camera 180, gaze frontal and people all; it has cameras 045, 090"):
        run(tmp_path, camera="180")
    with pytest.raises(ConfigError, match="camera = '30' is not allowed"):
        run(tmp_path, camera="30")


@pytest.mark.parametrize(
    ("people", "found"), [("all", {"01", "02", "63"}), ("adults", {"01", "02"}), ("children", {"63"})]
)
def test_children_and_adults_are_told_by_the_names(tmp_path, people, found):
    result = run(build(tmp_path, ANN, BEN, KID), people=people)
    assert set(result.manifest["subject"]) == found
    checks = {check.name: check.expected for check in result.checks}
    assert checks["people"] == GROUPS[people]
    assert checks["images, contempt"] == GROUPS[people]


def test_default_folds_keep_people_apart(tmp_path):
    people = [f"{number:02d}_Caucasian_male" for number in range(1, 21)]
    table = run(build(tmp_path, *people)).manifest
    folds = build_folds(table, FoldSettings())
    assert sorted(subject for fold in range(len(folds)) for subject in folds.subjects(fold)) == sorted(
        set(table["subject"])
    )


def test_sorted_and_converted_copies_are_read_and_count_once(tmp_path):
    build(tmp_path / "RaFD/happy", ANN, words=("happy",))
    build(tmp_path / "RaFD", ANN, words=("neutral", "sad"))
    build(tmp_path / "aligned/128", ANN, words=("happy",), ending="PNG")
    result = run(tmp_path)
    assert len(result.manifest) == 3
    assert any("second copy" in note for note in result.notes)


def test_a_number_of_two_people_and_a_missing_neutral_face_are_told(tmp_path):
    build(tmp_path, ANN, "01_Caucasian_male", words=("angry",))
    notes = run(tmp_path).notes
    assert "01 is called Caucasian female and Caucasian male: one person was assumed" in notes
    assert "01 has no neutral picture of this camera and gaze, so takes no part in a prior" in notes


def test_mirrors_and_the_dataset_of_nearly_the_same_name_are_refused(tmp_path):
    (tmp_path / "mirror/happy").mkdir(parents=True)
    (tmp_path / "mirror/happy/12.jpg").touch()
    with pytest.raises(DataError, match=r"a mirror in class folders.*--dataset folder"):
        run(tmp_path / "mirror")
    (tmp_path / "raf").mkdir()
    (tmp_path / "raf/train_00001.jpg").touch()
    with pytest.raises(DataError, match=r"holds RAF-DB.*--dataset raf-db"):
        run(tmp_path / "raf")
    build(tmp_path / "rafd", ANN)
    with pytest.raises(DataError, match=r"holds RaFD.*--dataset rafd"):
        RAF_DB.ingest(Tree.read(tmp_path / "rafd", "RAF-DB"), RAF_DB.choose({}))


def test_names_in_any_case_and_no_others():
    shot = shot_of("RAFD090_01_caucasian_Female_ANGRY_frontal.JPG")
    assert shot is not None
    assert shot.name == "Rafd090_01_Caucasian_female_angry_frontal"
    assert shot_of("Rafd090_01_Caucasian_female_bored_frontal.jpg") is None
    assert shot_of("Rafd090_01_Caucasian_female_angry_frontal.txt") is None


def test_the_published_counts_add_up():
    assert GROUPS["adults"] + GROUPS["children"] == GROUPS["all"] == FACTS.subjects
    assert FACTS.release["pictures"] == 8040


def test_no_more_people_are_rendered_than_there_are(tmp_path):
    with pytest.raises(ConfigError, match="rafd has 67 people, so that at most 67 subjects"):
        render_rafd(tmp_path / "many", DemoSettings(subjects=68), workers=1)
