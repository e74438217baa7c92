"""FER2013 and FERPlus: crops in class folders, and votes that a rule makes into classes."""

from pathlib import Path

import pytest

from facemotion.datasets.fer2013 import DATASET as FER2013
from facemotion.datasets.ferplus import DATASET as FERPLUS
from facemotion.datasets.ferplus.info import COLUMNS, FACTS, MAJORITY
from facemotion.datasets.ferplus.votes import majority, plurality
from facemotion.errors import DataError
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree

HEADER = "Usage,Image name," + ",".join(COLUMNS)


def place(root: Path, *paths: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    return root


def fer2013(root: Path, **options) -> Ingest:
    return FER2013.ingest(Tree.read(root, "FER2013"), FER2013.choose(options))


def ferplus(root: Path, **options) -> Ingest:
    return FERPLUS.ingest(Tree.read(root, "FERPlus"), FERPLUS.choose(options))


def test_the_private_part_is_the_test_part_and_the_public_one_is_left_out(tmp_path):
    place(tmp_path, "train/happy/Training_1.jpg", "test/sad/PrivateTest_1.jpg", "test/sad/PublicTest_1.jpg")
    result = fer2013(tmp_path)
    assert result.manifest[["sample_id", "expression", "split"]].to_numpy().tolist() == [
        ["PrivateTest_sadness_1", "sadness", "test"],
        ["Training_happiness_1", "happiness", "train"],
    ]
    assert [each.reason for each in result.exclusions] == ["validation"]
    assert fer2013(tmp_path, validation="train").manifest["split"].tolist() == ["test", "train", "train"]


def test_numbered_folders_have_fer2013_s_codes_and_numbers_start_anew_in_each_class(tmp_path):
    place(tmp_path, "train/0/Training_1.jpg", "train/6/Training_1.jpg", "train/9/Training_1.jpg")
    result = fer2013(tmp_path)
    assert result.manifest["expression"].tolist() == ["anger", "neutral"]
    assert "1 pictures lie in no folder of a class, and were not used" in result.notes


@pytest.mark.parametrize("name", ["fer2013.csv", "icml_face_data.csv"])
def test_a_table_of_pixels_is_no_tree_of_pictures(tmp_path, name):
    (tmp_path / name).write_text("emotion,pixels,Usage\n")
    with pytest.raises(DataError, match=rf"holds {name}, whose pixels are text.*msambare/fer2013"):
        fer2013(tmp_path)


@pytest.mark.parametrize(
    ("votes", "most", "many"),
    [
        ((10, 0, 0, 0, 0, 0, 0, 0, 0, 0), "neutral", "neutral"),
        ((5, 5, 0, 0, 0, 0, 0, 0, 0, 0), "", ""),
        ((4, 3, 2, 1, 0, 0, 0, 0, 0, 0), "", "neutral"),  # 4 of the 9 that are left is no majority
        ((0, 4, 1, 1, 1, 1, 1, 1, 0, 0), "happiness", "happiness"),  # single votes are dropped
        ((1, 1, 1, 1, 1, 1, 1, 1, 1, 1), "", ""),
        ((0, 0, 0, 0, 0, 0, 0, 0, 2, 8), "", ""),  # no face
        ((0, 0, 0, 0, 0, 0, 0, 6, 3, 0), "contempt", "contempt"),  # a ballot of nine
    ],
)
def test_rules(votes, most, many):
    assert (majority(votes), plurality(votes)) == (most, many)


def tree(root: Path) -> Path:
    rows = [
        "Training,fer0000000.png,0,9,0,0,0,0,0,1,0,0",
        "Training,,0,0,0,0,0,0,0,0,0,10",
        "Training,fer0000002.png,4,3,2,1,0,0,0,0,0,0",
        "PublicTest,fer0000003.png,9,1,0,0,0,0,0,0,0,0",
        "PrivateTest,fer0000004.png,0,0,0,0,0,0,0,9,1,0",
        "PrivateTest,fer0000005.png,0,0,0,0,9,0,0,0,0,0",
        "PrivateTest,fer0000006.png,0,0,0,0,9,0,0,0,0,0",
    ]
    place(root, *(f"FER2013Train/fer000000{number}.png" for number in (0, 2)))
    place(root, "FER2013Valid/fer0000003.png", "FER2013Test/fer0000004.png", "FER2013Test/fer0000005.png")
    (root / "fer2013new.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    return root


def test_the_table_s_names_are_believed_not_its_row_numbers(tmp_path):
    table = ferplus(tree(tmp_path)).manifest
    assert table[["sample_id", "expression", "split"]].to_numpy().tolist() == [
        ["fer0000000", "happiness", "train"],
        ["fer0000004", "contempt", "test"],
        ["fer0000005", "anger", "test"],
    ]


def test_which_rule_is_said_and_what_it_leaves_out_is_counted(tmp_path):
    result = ferplus(tree(tmp_path))
    assert "the authors' majority" in result.layout
    assert {each.reason: each.item for each in result.exclusions} == {
        "no_majority": "1 pictures",
        "missing_picture": "1 pictures",
        "validation": "1 pictures",
    }
    other = ferplus(tmp_path, rule="plurality", validation="train")
    assert "plurality" in other.layout
    assert other.manifest["split"].tolist() == ["train", "train", "train", "test", "test"]
    assert "contempt" not in set(ferplus(tmp_path, label_space="affectnet7").manifest["expression"])


def test_the_lists_that_lie_in_the_parts_folders_do_too(tmp_path):
    tree(tmp_path)
    (tmp_path / "fer2013new.csv").unlink()
    (tmp_path / "FER2013Train/label.csv").write_text('fer0000000.png,"(0, 0, 48, 48)",0,9,0,0,0,0,0,1,0,0\nbad,line\n')
    result = ferplus(tmp_path)
    assert result.manifest["sample_id"].tolist() == ["fer0000000"]
    assert any("1 lines hold no votes, the first is line 2" in note for note in result.notes)
    assert any(each.reason == "no_label" and "(4 like this)" in each.detail for each in result.exclusions)


def test_votes_or_pictures_alone_are_refused_with_what_to_do(tmp_path):
    place(tmp_path / "a", "FER2013Train/fer0000000.png")
    with pytest.raises(DataError, match=r"no votes: put fer2013new\.csv beside them"):
        ferplus(tmp_path / "a")
    (tmp_path / "b").mkdir()
    (tmp_path / "b/fer2013new.csv").write_text(HEADER + "\nTraining,fer0000000.png,0,9,0,0,0,0,0,1,0,0\n")
    with pytest.raises(DataError, match=r"with the script generate_training_data.py"):
        ferplus(tmp_path / "b")


def test_published_counts_add_up():
    assert sum(FACTS.annotated["train, majority rule"].values()) == MAJORITY["Training"] == 25060
    assert all(dataset.crops(dataset.options()) for dataset in (FER2013, FERPLUS))
