from pathlib import Path

import pytest

from facemotion.datasets.folder import DATASET as FOLDER
from facemotion.errors import ConfigError, DataError
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree


def build(root: Path, *paths: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    return root


def run(root: Path, **options) -> Ingest:
    return FOLDER.ingest(Tree.read(root, "pictures"), FOLDER.choose(options))


def test_words_are_understood_and_the_folder_below_is_the_subject(tmp_path):
    build(tmp_path, "Happy/ann/img_7.png", "sad/ben/s1/12.jpg", "neutral/ann/1.png")
    table = run(tmp_path).manifest.set_index("sample_id")
    assert table["expression"].to_dict() == {
        "Happy/ann/img_7.png": "happiness",
        "neutral/ann/1.png": "neutral",
        "sad/ben/s1/12.jpg": "sadness",
    }
    assert table["subject"].tolist() == ["ann", "ann", "ben"]
    assert table.loc["sad/ben/s1/12.jpg", "frame"] == 12
    assert table.loc["neutral/ann/1.png", "role"] == "neutral"


def test_neutral_is_a_class_where_the_label_space_says_so(tmp_path):
    build(tmp_path, "neutral/ann/1.png", "happy/ann/1.png", "contempt/ann/1.png")
    result = run(tmp_path, label_space="affectnet7")
    assert set(result.manifest["role"]) == {"expressive"}
    assert set(result.manifest["expression"]) == {"neutral", "happiness"}
    assert [(item.item, item.reason) for item in result.exclusions] == [("contempt", "outside_label_space")]


def test_numbered_folders_need_a_map(tmp_path):
    build(tmp_path, "0/a/1.png", "1/a/1.png", "2/a/1.png")
    with pytest.raises(DataError, match=r"0, 1, 2 are numbered, and the same number means .*--label-map 0="):
        run(tmp_path)
    result = run(tmp_path, label_map={"0": "anger", "1": "happy", "2": "-"})
    assert result.manifest["expression"].tolist() == ["anger", "happiness"]
    assert result.exclusions[0].item == "2"


def test_the_map_is_checked(tmp_path):
    build(tmp_path, "0/a/1.png")
    with pytest.raises(ConfigError, match="label map names '5'; the class folders are 0"):
        run(tmp_path, label_map={"0": "anger", "5": "fear"})
    with pytest.raises(ConfigError, match="label map, folder '0': unknown expression 'wrath'"):
        run(tmp_path, label_map={"0": "wrath"})


def test_unknown_words_need_a_map_too(tmp_path):
    build(tmp_path, "happy/1.png", "misc/1.png")
    with pytest.raises(DataError, match="misc are not named after expressions"):
        run(tmp_path)


def test_splits_above_the_labels_are_kept(tmp_path):
    build(tmp_path, "train/happy/1.png", "Val/happy/1.png", "train/sad/1.png")
    table = run(tmp_path).manifest.set_index("sample_id")
    assert table["split"].to_dict() == {
        "Val/happy/1.png": "val",
        "train/happy/1.png": "train",
        "train/sad/1.png": "train",
    }


def test_pictures_without_a_subject_are_warned_about(tmp_path):
    build(tmp_path, "happy/1.png", "happy/2.png", "sad/ann/1.png")
    result = run(tmp_path)
    assert "2 of 3 pictures lie in no subject's folder" in result.notes[0]
    assert "NOT person-independent" in result.notes[0]
    assert result.manifest["subject"].nunique() == 3


def test_the_warning_counts_the_pictures_that_are_used(tmp_path):
    build(tmp_path, "happy/1.png", "misc/1.png", "neutral/ann/1.png", "contempt/2.png")
    result = run(tmp_path, label_map={"misc": "-"}, label_space="affectnet7")
    assert "1 of 2 pictures lie in no subject's folder" in result.notes[0]


@pytest.mark.parametrize("suffix", ["PNG", "jpe", "jfif", "gif", "ppm", "pgm", "webp", "jp2"])
def test_all_pictures_that_can_be_decoded_are_used(tmp_path, suffix):
    result = run(build(tmp_path, f"happy/1.{suffix}", "happy/notes.txt", "happy/clip.avi"))
    assert result.manifest["source"].tolist() == [f"happy/1.{suffix}"]


def test_of_odd_names_only_those_of_pictures_are_excluded(tmp_path):
    result = run(build(tmp_path, "happy/1.png", "happy/a\\b.gif", "happy/a\\b.txt"))
    assert [(item.item, item.reason) for item in result.exclusions] == [("happy/a\\b.gif", "odd_name")]


def test_copies_that_notebooks_leave_are_no_pictures(tmp_path):
    checkpoints = ("happy/.ipynb_checkpoints/1-checkpoint.png", ".ipynb_checkpoints/2.png")
    assert run(build(tmp_path, "happy/1.png", *checkpoints)).manifest["source"].tolist() == ["happy/1.png"]


def test_a_tree_without_pictures_in_folders_is_refused(tmp_path):
    build(tmp_path, "1.png", "notes/readme.txt")
    with pytest.raises(DataError, match="is not a tree of class folders"):
        run(tmp_path)


@pytest.mark.parametrize("wrapper", ["data", "RAF-DB/images", "a/b/c"])
@pytest.mark.parametrize("tree", [("happy/ann/1.png", "sad/ann/2.png"), ("train/happy/1.png", "val/happy/2.png")])
def test_folders_that_wrap_the_whole_tree_do_not_count(tmp_path, wrapper, tree):
    plain = run(build(tmp_path / "plain", *tree))
    wrapped = run(build(tmp_path / "wrapped", *(f"{wrapper}/{path}" for path in tree), "contact-sheet.png"))
    assert wrapped.manifest.drop(columns="source").equals(plain.manifest.drop(columns="source"))
    assert wrapped.manifest["source"].tolist() == [f"{wrapper}/{path}" for path in plain.manifest["source"]]


def test_numbered_folders_below_a_wrapper_are_named_in_the_refusal(tmp_path):
    build(tmp_path, "RAF-DB/0/a/1.png", "RAF-DB/1/a/1.png")
    with pytest.raises(DataError, match=r"class folders 0, 1 are numbered, .*--label-map 0="):
        run(tmp_path)
    assert len(run(tmp_path, label_map={"0": "anger", "1": "fear"}).manifest) == 2


def test_a_class_folder_alone_is_no_wrapper(tmp_path):
    table = run(build(tmp_path, "grin/happy/1.png"), label_map={"grin": "happy"}).manifest
    assert (table["subject"].tolist(), table["expression"].tolist()) == (["happy"], ["happiness"])


@pytest.mark.parametrize(
    ("tree", "stray"),
    [
        (("happy/ann/1.png", "sad/ann/1.png"), "sheet.png"),
        (("train/happy/1.png", "test/happy/1.png"), "train/sheet.png"),
        (("data/happy/1.png", "data/sad/1.png"), "data/sheet.png"),
    ],
)
def test_pictures_in_no_class_folder_are_excluded_by_name(tmp_path, tree, stray):
    result = run(build(tmp_path, *tree, stray))
    assert sorted(result.manifest["source"]) == sorted(tree)
    assert [(item.item, item.reason, item.detail) for item in result.exclusions] == [
        (stray, "no_class_folder", "it lies in no folder that says what it shows")
    ]


def test_folders_that_are_left_out_are_excluded_with_the_reason(tmp_path):
    result = run(build(tmp_path, "happy/1.png", "misc/1.png", "misc/2.png"), label_map={"misc": "-"})
    assert [(item.item, item.reason, item.detail) for item in result.exclusions] == [
        ("misc", "outside_label_space", "2 pictures of a folder that the label map leaves out")
    ]


def test_subjects_that_are_called_as_in_a_look_alike_are_subjects(tmp_path):
    table = run(build(tmp_path, "happy/s1/VIS/1.png", "sad/s1/NIR/1.png")).manifest
    assert set(table["subject"]) == {"s1"}


def test_casia_nir_vis_is_recognised(tmp_path):
    build(tmp_path, "s1/NIR/00001/001.jpg")
    with pytest.raises(DataError, match=r"this is CASIA NIR-VIS 2\.0, a database for face recognition"):
        run(tmp_path)


def test_ck48_is_still_recognised(tmp_path):
    build(tmp_path, "happy/S010_004_00000017.png")
    with pytest.raises(DataError, match=r"CK\+48"):
        run(tmp_path)
