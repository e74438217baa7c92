"""Folders that wrap class folders or splits, what lies beside them, and trees in which no folder is one of a class."""

from pathlib import Path

import pytest

from facemotion.datasets.folder import DATASET as FOLDER
from facemotion.errors import ConfigError, DataError
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree

TWO = ("train/happy/1.png", "train/sad/2.png", "test/happy/3.png", "test/sad/4.png")


def ingest(root: Path, *paths: str, **options) -> Ingest:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    return FOLDER.ingest(Tree.read(root, "pictures"), FOLDER.choose(options))


def below(wrapper: str, paths: tuple[str, ...] = TWO) -> list[str]:
    return [f"{wrapper}/{path}" for path in paths]


def labels(result: Ingest) -> dict[str, tuple[str, str]]:
    table = result.manifest
    return dict(zip(table["sample_id"], zip(table["expression"], table["split"], strict=True), strict=True))


def refusal(root: Path, *paths: str, **options) -> str:
    with pytest.raises(DataError) as caught:
        ingest(root, *paths, **options)
    return str(caught.value)


WORDS = {"happy": "happiness", "sad": "sadness"}
LABELS = {path: (WORDS[path.split("/")[1]], path.split("/")[0]) for path in TWO}


class TestBesideAWrapper:
    @pytest.mark.parametrize(
        "stray", ["logo.png", "A/logo.png", "A/docs/fig.png", "A/docs/a/b/c/fig.png", "docs/1.png"]
    )
    def test_a_stray_picture_is_excluded_by_name(self, tmp_path, stray):
        result = ingest(tmp_path, *below("A/B"), stray)
        assert labels(result) == LABELS
        assert [(item.item, item.reason, item.detail) for item in result.exclusions] == [
            (stray, "no_class_folder", "it lies in no folder that says what it shows")
        ]

    def test_a_folder_that_holds_most_of_the_pictures_is_not_left_out(self, tmp_path):
        said = refusal(tmp_path, "A/happy/1.png", *(f"B/grin/{number}.png" for number in range(3)))
        assert "class folders (happy) lie below other folders (A)" in said

    def test_one_subject_of_several_is_no_wrapper(self, tmp_path):
        said = refusal(tmp_path, "ann/x/1.png", "ben/x/1.png", "cid/sad/1.png")
        assert "class folders (sad) lie below other folders (cid)" in said

    def test_class_folders_in_two_wrappers_are_not_chosen_from(self, tmp_path):
        said = refusal(tmp_path, "A/happy/1.png", "B/sad/2.png")
        assert "class folders (happy, sad) lie below other folders (A, B)" in said
        assert "if they are parts or copies of a dataset, give one of them with --root" in said


class TestNumbers:
    @pytest.mark.parametrize("wrapper", ["1", "2013", "fer/versions/1", "versions/1/fer2013", "1/1"])
    def test_a_number_above_splits_or_classes_is_a_wrapper(self, tmp_path, wrapper):
        assert labels(ingest(tmp_path / "splits", *below(wrapper))) == LABELS
        result = ingest(tmp_path / "classes", *below(wrapper, ("happy/ann/1.png", "sad/ann/2.png")))
        assert labels(result) == {"happy/ann/1.png": ("happiness", ""), "sad/ann/2.png": ("sadness", "")}

    @pytest.mark.parametrize("paths", [("1/1.png", "2/2.png"), ("train/1/1.png", "train/2/2.png")])
    def test_the_label_map_is_that_of_the_class_folders(self, tmp_path, paths):
        tree = below("versions/1", paths)
        assert "class folders 1, 2 are numbered" in refusal(tmp_path, *below("data", paths))
        result = ingest(tmp_path / "numbered", *tree, label_map={"1": "happy", "2": "sad"})
        assert result.manifest["expression"].tolist() == ["happiness", "sadness"]

    def test_the_number_of_a_wrapper_can_be_that_of_a_class_to_leave_out(self, tmp_path):
        tree = below("versions/1", ("train/1/1.png", "train/2/2.png"))
        assert labels(ingest(tmp_path, *tree, label_map={"1": "-", "2": "sad"})) == {
            "train/2/2.png": ("sadness", "train")
        }

    def test_a_wrapper_is_not_called_an_expression(self, tmp_path):
        with pytest.raises(ConfigError, match="the label map names '1'; the class folders are happy, sad"):
            ingest(tmp_path, *below("1"), label_map={"1": "anger"})

    @pytest.mark.parametrize("path", ["1/1.png", "1/ann/1.png", "1/7/1.png", "1/train/1.png", "1/train/ann/1.png"])
    def test_a_number_without_class_folders_below_it_is_a_class(self, tmp_path, path):
        assert "class folders 1 are numbered" in refusal(tmp_path, path)
        assert ingest(tmp_path, label_map={"1": "anger"}).manifest["expression"].tolist() == ["anger"]


class TestInSplits:
    @pytest.mark.parametrize("names", [("images", "images"), ("train", "test"), ("Train_Set", "testing")])
    @pytest.mark.parametrize("wrapper", ["", "archive/"])
    def test_a_folder_can_wrap_the_class_folders_of_each_split(self, tmp_path, names, wrapper):
        train, test = names
        paths = (f"train/{train}/happy/ann/1.png", f"test/{test}/sad/2.png")
        result = ingest(tmp_path, *(wrapper + path for path in paths))
        assert labels(result) == {paths[0]: ("happiness", "train"), paths[1]: ("sadness", "test")}
        assert result.manifest["subject"].tolist() == [paths[1], "ann"]

    @pytest.mark.parametrize("wrapper", ["train", "test", "data/test"])
    def test_a_split_s_name_above_splits_is_a_wrapper_s(self, tmp_path, wrapper):
        assert labels(ingest(tmp_path, *below(wrapper))) == LABELS

    def test_a_stray_picture_in_the_wrapper_is_excluded(self, tmp_path):
        result = ingest(tmp_path, "train/images/happy/1.png", "train/images/2.png", "test/images/sad/3.png")
        assert [item.item for item in result.exclusions] == ["train/images/2.png"]

    def test_nobody_is_told_to_leave_all_splits_out(self, tmp_path):
        said = refusal(tmp_path, "train/train/1.png", "test/test/2.png")
        assert "named after splits (test, train)" in said
        assert "--label-map" not in said


class TestNoClassFolders:
    @pytest.mark.parametrize("path", ["KDEF/AF01/AF01AFS.JPG", "basic/Image/aligned/train_00001.jpg"])
    def test_nobody_is_told_that_a_wrapper_is_an_expression(self, tmp_path, path):
        said = refusal(tmp_path, path)
        assert f"class folders {path.partition('/')[0]} are not named after expressions, nor is any" in said
        assert "pictures are expected in <label>/<subject>/, such as happy/ann/: sort them so" in said
        assert "=anger" not in said

    @pytest.mark.parametrize(
        ("first", "second"),
        [("001", "002"), ("P001", "P002"), ("VL/Strong/P001", "VL/Strong/P002"), ("train/001", "train/002")],
    )
    def test_class_folders_below_those_of_subjects_are_seen(self, tmp_path, first, second):
        said = refusal(tmp_path, f"{first}/Anger/1.png", f"{first}/Happy/1.png", f"{second}/Anger/1.png")
        one, two = Path(first).name, Path(second).name
        assert (
            f"class folders (Anger, Happy) lie below other folders ({one}, {two}), but pictures are expected in "
            f"<label>/<subject>/: if those are subjects, move them into the folders of the expressions, as Anger/{one}"
        ) in said
        assert "--label-map" not in said

    def test_splits_between_subjects_and_classes_are_no_subjects(self, tmp_path):
        said = refusal(tmp_path, "001/train/Anger/1.png", "002/train/Anger/1.png")
        assert "class folders (Anger) lie below other folders (001, 002)" in said

    def test_abbreviations_count_where_all_folders_are_such(self, tmp_path):
        assert "class folders (AN, SU) lie below" in refusal(tmp_path / "all", "P1/AN/1.png", "P2/SU/1.png")
        assert "class folders P1, P2 are not named" in refusal(tmp_path / "one", "P1/an/1.png", "P2/bo/1.png")


@pytest.mark.parametrize("number", ["1", "versions/1"])
@pytest.mark.parametrize("inner", ["images", "doubled"])
def test_a_number_may_wrap_splits_whose_class_folders_are_wrapped_too(tmp_path, number, inner):
    paths = []
    for path in TWO:
        split, rest = path.split("/", 1)
        paths.append(f"{number}/{split}/{split if inner == 'doubled' else inner}/{rest}")
    found = ingest(tmp_path, *paths).manifest
    assert dict(zip(found["expression"], found["split"], strict=True)).keys() == {"happiness", "sadness"}
    assert sorted(found["split"]) == ["test", "test", "train", "train"]


def test_a_number_with_subjects_of_whom_one_is_called_joy_is_a_class(tmp_path):
    found = ingest(tmp_path, "1/anna/1.png", "1/joy/2.png", label_map={"1": "sad"}).manifest
    assert sorted(found["subject"]) == ["anna", "joy"]
    assert set(found["expression"]) == {"sadness"}


def test_subjects_that_are_named_after_expressions_are_noted(tmp_path):
    result = ingest(tmp_path, "neutral/happy/1.png", "neutral/sad/2.png", label_space="affectnet7")
    assert (
        "the folders happy, sad in class folders are named after expressions, but count as subjects here; if they are "
        "class folders, give the folder that holds them with --root"
    ) in result.notes
