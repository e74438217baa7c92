"""AffectNet's releases B and C, an item beside each picture: copies that were merged, labels that cannot be read."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from facemotion.datasets.affectnet import DATASET as AFFECTNET
from facemotion.errors import DataError
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree


def items(root: Path, codes: dict[int, object], *, npy: bool) -> Path:
    for folder in ("images", "annotations"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for number, code in codes.items():
        (root / f"images/{number}.jpg").write_bytes(b"picture")
        if npy:
            np.save(root / f"annotations/{number}_exp.npy", np.array(code))
        else:
            (root / f"annotations/{number}.json").write_text(json.dumps({"human-label": code}))
    return root


def run(root: Path, **options: object) -> Ingest:
    return AFFECTNET.ingest(Tree.read(root, "AffectNet"), AFFECTNET.choose({"protocol": "official", **options}))


def ends(result: Ingest) -> list[tuple[str, str, str]]:
    return [(item.item, item.reason, item.detail) for item in result.exclusions]


class TestCopies:
    @pytest.mark.parametrize("npy", [True, False])
    def test_items_that_lie_there_twice_count_once(self, tmp_path, npy):
        items(tmp_path / "AffectNet/train_set", {0: 6, 1: 1}, npy=npy)
        shutil.copytree(tmp_path / "AffectNet", tmp_path / "backup")
        (tmp_path / "AffectNet/train_set/images/1.jpg").write_bytes(b"")
        result = run(tmp_path)
        assert result.manifest["source"].tolist() == [
            "AffectNet/train_set/images/0.jpg",
            "backup/train_set/images/1.jpg",
        ]
        assert all("is a second copy of" in note for note in result.notes)
        assert result.notes

    @pytest.mark.parametrize("npy", [True, False])
    def test_an_annotation_that_cannot_be_read_is_taken_from_another_copy(self, tmp_path, npy):
        root = items(tmp_path / "a/train_set", {0: 0, 1: 1}, npy=npy)
        shutil.copytree(tmp_path / "a", tmp_path / "b")
        name = "0_exp.npy" if npy else "0.json"
        (root / "annotations" / name).write_bytes(b"damaged")
        result = run(tmp_path, label_space="affectnet7")
        assert result.exclusions == []
        assert sorted(result.manifest["expression"]) == ["happiness", "neutral"]
        (note,) = (note for note in result.notes if "instead" in note)
        assert note.startswith(f"a/train_set/annotations/{name}: ")
        assert note.endswith(f"; b/train_set/annotations/{name} was used instead")

    @pytest.mark.parametrize("npy", [True, False])
    def test_a_copy_that_was_used_is_not_said_to_be_unused(self, tmp_path, npy):
        root = items(tmp_path / "a/train_set", {0: 6}, npy=npy)
        shutil.copytree(tmp_path / "a/train_set/annotations", tmp_path / "b/train_set/annotations")
        next((root / "annotations").iterdir()).write_bytes(b"damaged")
        (note,) = run(tmp_path).notes
        assert note.endswith(" was used instead")

    @pytest.mark.parametrize("npy", [True, False])
    def test_copies_that_disagree_are_left_out(self, tmp_path, npy):
        items(tmp_path / "a/train_set", {0: 6, 1: 1}, npy=npy)
        items(tmp_path / "b/train_set", {0: 4, 1: 1}, npy=npy)
        result = run(tmp_path)
        assert result.manifest["sample_id"].tolist() == ["train_1"]
        (item,) = result.exclusions
        name = "0_exp.npy" if npy else "0.json"
        assert (item.item, item.reason) == ("a/train_set/0", "labels_disagree")
        said = ", ".join(f"{top}/train_set/annotations/{name} says {code}" for top, code in (("a", 6), ("b", 4)))
        assert item.detail == f"{said}; remove all but the right one"

    def test_two_releases_are_refused(self, tmp_path):
        items(tmp_path / "B/train_set", {0: 6}, npy=True)
        items(tmp_path / "C/train_set", {0: 1}, npy=False)
        with pytest.raises(
            DataError, match=r"0_exp\.npy is an item of release B and C/train_set.*0\.json of release C"
        ):
            run(tmp_path)

    def test_items_of_no_part_are_named(self, tmp_path):
        items(tmp_path / "x", {0: 6, 1: 1}, npy=True)
        items(tmp_path / "val_set", {0: 4}, npy=True)
        result = run(tmp_path)
        assert result.manifest["sample_id"].tolist() == ["val_0"]
        detail = "2 faces lie in no folder that says train or val; give the folder above train_set"
        assert [(own.reason, own.detail) for own in result.exclusions] == [("no_part", detail)]


class TestPictures:
    @pytest.mark.parametrize("other", ["0.csv", "0.bin", "0.txt", "0.json", "0"])
    def test_a_file_that_is_no_picture_is_not_taken_for_one(self, tmp_path, other):
        root = items(tmp_path / "train_set", {0: 6, 1: 1}, npy=True)
        (root / "images" / other).write_bytes(b"x")
        result = run(tmp_path)
        assert set(result.manifest["source"]) == {"train_set/images/0.jpg", "train_set/images/1.jpg"}
        assert result.notes == []
        (root / "images/0.jpg").unlink()
        assert [item.reason for item in run(tmp_path).exclusions] == ["image_missing"]

    @pytest.mark.parametrize("name", ["valset", "valSet", "validset", "validation_set", "val"])
    def test_the_validation_part_is_known_as_copies_call_it(self, tmp_path, name):
        items(tmp_path / name, {0: 6}, npy=True)
        assert run(tmp_path).manifest["split"].tolist() == ["val"]


class TestDamage:
    def test_a_number_of_thousands_of_digits_is_named(self, tmp_path):
        root = items(tmp_path / "train_set", {0: 6, 1: 1}, npy=False)
        (root / "annotations/1.json").write_text(f'{{"human-label": {"1" * 5000}}}')
        ((detail),) = [own.detail for own in run(tmp_path).exclusions]
        assert detail.endswith("cannot be read as json: it holds a number of thousands of digits")

    @pytest.mark.parametrize("place", range(6, 128, 3))
    @pytest.mark.parametrize("byte", [0x00, 0x22, 0xD7, 0xFF])
    def test_a_wrong_byte_in_an_items_file_costs_that_item_alone(self, tmp_path, place, byte):
        root = items(tmp_path / "train_set", {0: "6", 1: "1"}, npy=True)
        path = root / "annotations/1_exp.npy"
        data = bytearray(path.read_bytes())
        data[place] = byte
        path.write_bytes(data)
        result = run(tmp_path)
        assert "train_0" in set(result.manifest["sample_id"])
        assert len(result.manifest) + len(result.exclusions) == 2
        assert not any("\n" in own.detail or "  " in own.detail for own in result.exclusions)

    def test_a_string_that_is_no_text_is_named(self, tmp_path):
        root = items(tmp_path / "train_set", {0: "6", 1: "1"}, npy=True)
        path = root / "annotations/1_exp.npy"
        path.write_bytes(path.read_bytes()[:-2] + b"\xff\xff")
        ((detail),) = [own.detail for own in run(tmp_path).exclusions]
        assert detail.endswith("holds a damaged value, where an expression code was expected")

    def test_json_that_is_nested_too_deep_is_named(self, tmp_path):
        root = items(tmp_path / "train_set", {0: 6, 1: 1}, npy=False)
        (root / "annotations/1.json").write_text("[" * 100_000)
        ((detail),) = [own.detail for own in run(tmp_path).exclusions]
        assert detail.endswith("cannot be read as json: it is nested too deep")


class TestReleaseC:
    def test_what_no_person_labelled_is_left_out(self, tmp_path):
        items(tmp_path / "AffectNet+/human_annotated/train_set", {0: 6}, npy=False)
        items(tmp_path / "AffectNet+/no_human_annotated/train_set", {0: 1, 1: 1}, npy=False)
        result = run(tmp_path)
        assert result.manifest["expression"].tolist() == ["anger"]
        detail = "2 items in it were labelled by no person"
        assert ends(result) == [("AffectNet+/no_human_annotated", "no_human_label", detail)]

    def test_labels_are_numbers_or_strings_and_codes_without_an_expression_are_counted(self, tmp_path):
        items(tmp_path / "train_set", {0: 6, 1: "1", 2: 8, 3: "10"}, npy=False)
        result = run(tmp_path)
        assert result.manifest["expression"].tolist() == ["anger", "happiness"]
        assert ends(result) == [
            ("code 8", "not_an_expression", "1 faces are labelled none"),
            ("code 10", "not_an_expression", "1 faces are labelled no-face"),
        ]

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('{"label": 6}', "has no human-label"),
            ("[6]", "has no human-label"),
            ('{"human-label": null}', "holds None, where an expression code was expected"),
            ("{", "Expecting property name enclosed in double quotes"),
        ],
    )
    def test_an_annotation_that_cannot_be_read_is_named(self, tmp_path, text, said):
        root = items(tmp_path / "train_set", {0: 6, 3: 1}, npy=False)
        (root / "annotations" / "3.json").write_text(text)
        ((item, reason, detail),) = ends(run(tmp_path))
        assert (item, reason) == ("train_set/3", "label_unreadable")
        assert detail.startswith(f"train_set/annotations/3.json: {said}")
