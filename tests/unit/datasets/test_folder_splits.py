"""Folders that are named after splits, above class folders, below them and beside what is none."""

from pathlib import Path

import pytest

from facemotion.datasets.folder import DATASET as FOLDER
from facemotion.errors import ConfigError, DataError
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree

TWO = ("train/happy/1.png", "test/happy/2.png")


def ingest(root: Path, *paths: str, **options) -> Ingest:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    return FOLDER.ingest(Tree.read(root, "pictures"), FOLDER.choose(options))


def splits(result: Ingest) -> dict[str, str]:
    return result.manifest.set_index("source")["split"].to_dict()


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("Training", "train"),
        ("PublicTest", "val"),
        ("PrivateTest", "test"),
        ("Public Test", "val"),
        ("private_test", "test"),
        ("train_set", "train"),
        ("Val-Set", "val"),
        ("Testing", "test"),
        ("FER2013Train", "train"),
        ("FER2013Valid", "val"),
        ("FER2013Test", "test"),
    ],
)
def test_splits_are_known_as_datasets_call_them(tmp_path, name, split):
    result = ingest(tmp_path, "train/happy/1.png", f"{name}/happy/2.png")
    assert splits(result)[f"{name}/happy/2.png"] == split
    assert f"{name} ({split})" in result.layout


@pytest.mark.parametrize("stray", ["misc/1.png", "misc/happy/1.png", "misc/train/happy/1.png"])
@pytest.mark.parametrize("wrapper", ["", "data/", "a/b/"])
def test_a_folder_beside_the_splits_can_be_left_out(tmp_path, wrapper, stray):
    paths = [wrapper + path for path in TWO]
    result = ingest(tmp_path, *paths, stray, label_map={"misc": "-"})
    assert splits(result) == dict(zip(paths, ("train", "test"), strict=True))
    assert [(item.item, item.reason, item.detail) for item in result.exclusions] == [
        ("misc", "outside_label_space", "1 pictures of a folder that the label map leaves out")
    ]


def test_what_is_left_out_beside_the_splits_and_in_them_is_counted_together(tmp_path):
    paths = ("train/0/1.png", "test/1/1.png", "test/1/2.png", "1/1.png")
    result = ingest(tmp_path, *paths, label_map={"0": "anger", "1": "-"})
    assert splits(result) == {"train/0/1.png": "train"}
    assert [item.detail[:10] for item in result.exclusions] == ["3 pictures"]


def test_a_split_can_be_left_out(tmp_path):
    result = ingest(tmp_path, *TWO, "val/1.png", label_map={"test": "-", "val": "-"})
    assert splits(result) == {"train/happy/1.png": "train"}
    assert [item.item for item in result.exclusions] == ["test", "val"]
    with pytest.raises(DataError, match=r"no picture of anger, .* is left; check the label map"):
        ingest(tmp_path, label_map={"train": "-", "test": "-", "val": "-"})


@pytest.mark.parametrize(
    ("beside", "leave_out"),
    [
        (("misc/1.png",), "misc=-"),
        (("sad/ann/1.png",), "sad=-"),
        (("my faces/1.png", "sad/1.png"), "'my faces=-,sad=-'"),
    ],
)
def test_what_lies_beside_the_splits_is_named_and_nobody_is_told_to_call_a_split_a_class(tmp_path, beside, leave_out):
    with pytest.raises(DataError) as caught:
        ingest(tmp_path, *TWO, *beside)
    assert (
        "class folders lie in those of splits (test, train), but beside these lies what is no split "
        f"({', '.join(sorted(path.partition('/')[0] for path in beside))}); leave that out with "
        f"--label-map {leave_out}, or the splits with --label-map test=-,train=-"
    ) in str(caught.value)


@pytest.mark.parametrize(
    "paths", [("train/1.png", "test/2.png"), ("happy/1.png", "train/2.png"), ("train/train/a/1.png",)]
)
def test_splits_where_class_folders_are_expected_are_no_classes(tmp_path, paths):
    with pytest.raises(
        DataError, match=r"named after splits \((test, )?train\); class folders lie right below"
    ) as caught:
        ingest(tmp_path, *paths)
    assert "=anger" not in str(caught.value)


def test_the_option_to_type_is_quoted_for_the_shell(tmp_path):
    with pytest.raises(DataError, match=r"such as --label-map 'my faces=anger', or --label-map 'my faces=-' to leave"):
        ingest(tmp_path, "happy/1.png", "my faces/1.png")


def test_a_map_that_calls_a_split_a_class_is_refused_with_the_class_folders(tmp_path):
    with pytest.raises(ConfigError, match="the label map names 'test'; the class folders are happy"):
        ingest(tmp_path, *TWO, label_map={"train": "anger", "test": "fear"})


def test_a_subject_s_folder_that_is_called_as_one_left_out_stays(tmp_path):
    result = ingest(tmp_path, "0/1/1.png", "1/1/1.png", label_map={"0": "anger", "1": "-"})
    assert result.manifest["source"].tolist() == ["0/1/1.png"]


class TestBelowTheClassFolders:
    def test_splits_are_splits_and_no_subjects(self, tmp_path):
        result = ingest(tmp_path, "happy/train/1.png", "happy/test/ann/2.png", "sad/Train/3.png")
        table = result.manifest.set_index("source")
        assert table["split"].to_dict() == {
            "happy/train/1.png": "train",
            "happy/test/ann/2.png": "test",
            "sad/Train/3.png": "train",
        }
        assert table["subject"].to_dict() == {
            "happy/train/1.png": "happy/train/1.png",
            "happy/test/ann/2.png": "ann",
            "sad/Train/3.png": "sad/Train/3.png",
        }
        assert "2 of 3 pictures lie in no subject's folder" in result.notes[0]

    @pytest.mark.parametrize("paths", [("happy/test/1.png", "sad/ann/1.png"), ("train/happy/test/1.png",)])
    def test_a_subject_that_is_named_after_a_split_is_noted(self, tmp_path, paths):
        result = ingest(tmp_path, *paths)
        assert "test" in set(result.manifest["subject"])
        assert result.notes == [
            "the folders test in class folders are named after splits, but count as subjects here; if they are splits, "
            "put them above the class folders"
        ]

    def test_a_picture_beside_the_splits_is_excluded(self, tmp_path):
        result = ingest(tmp_path, "happy/train/1.png", "happy/test/2.png", "sad/train/3.png", "sad/4.png")
        assert splits(result) == {"happy/test/2.png": "test", "happy/train/1.png": "train", "sad/train/3.png": "train"}
        assert [(item.item, item.reason, item.detail) for item in result.exclusions] == [
            (
                "sad/4.png",
                "no_split",
                "it lies in a class folder, but in none of the splits' folders there; move it into that of its split",
            )
        ]

    def test_a_class_without_splits_keeps_its_name_in_the_map(self, tmp_path):
        result = ingest(tmp_path, "0/train/1.png", "1/2.png", label_map={"0": "anger", "1": "fear"})
        assert [item.item for item in result.exclusions] == ["1/2.png"]

    def test_what_the_map_leaves_out_needs_no_split(self, tmp_path):
        result = ingest(tmp_path, "happy/train/1.png", "misc/2.png", label_map={"misc": "-"})
        assert [(item.item, item.reason) for item in result.exclusions] == [("misc", "outside_label_space")]

    def test_a_class_that_is_left_out_does_not_decide(self, tmp_path):
        result = ingest(tmp_path, "0/train/1.png", "1/ann/1.png", label_map={"0": "anger", "1": "-"})
        assert splits(result) == {"0/train/1.png": "train"}
