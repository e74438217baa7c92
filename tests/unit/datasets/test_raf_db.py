"""RAF-DB: codes, the split in the names, the manual points, and what mirrors make of it."""

from pathlib import Path

import numpy as np
import pytest

from facemotion.datasets.raf_db import DATASET as RAF
from facemotion.datasets.raf_db.info import FACTS, PARTS
from facemotion.datasets.raf_db.landmarks import five_of
from facemotion.errors import DataError
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree

POINTS = "10.5\t20\n30\t20\n20\t30\n12\t40\n28\t40\n0\n1\n2\n"


def build(root: Path, lines: str, *names: str, listed: str = "list_patition_label.txt", ending: str = "") -> Path:
    (root / "EmoLabel").mkdir(parents=True)
    (root / "EmoLabel" / listed).write_text(lines)
    (root / "Image").mkdir()
    for name in names:
        (root / "Image" / f"{name}{ending}.jpg").touch()
    return root


def run(root: Path, **options) -> Ingest:
    return RAF.ingest(Tree.read(root, "RAF-DB", is_content=RAF.is_content), RAF.choose(options))


@pytest.mark.parametrize("listed", ["list_patition_label.txt", "list_partition_label.txt"])
@pytest.mark.parametrize("separator", [" ", "\t"])
def test_codes_and_the_split(tmp_path, listed, separator):
    lines = "".join(f"train_{code:05d}.jpg{separator}{code}\n" for code in range(1, 8))
    names = [f"train_{code:05d}" for code in range(1, 8)]
    build(tmp_path, f"{lines}test_0001.jpg{separator}6\n", *names, "test_0001", listed=listed)
    table = run(tmp_path).manifest.set_index("sample_id")
    shown = ["surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral"]
    assert table.loc[names, "expression"].tolist() == shown
    assert set(table["role"]) == {"expressive"}
    assert table["split"].to_dict() == {**dict.fromkeys(names, "train"), "test_0001": "test"}


def test_a_picture_without_label_and_a_label_without_picture_are_told(tmp_path):
    build(tmp_path, "train_00001.jpg 1\ntrain_00002.jpg 2\nnonsense\n", "train_00001", "train_00003")
    result = run(tmp_path)
    found = {(each.item, each.reason) for each in result.exclusions}
    assert found == {("train_00002", "missing_picture"), ("train_00003", "no_label")}
    assert any("1 lines are no picture with a code, the first is line 3" in note for note in result.notes)


def test_labels_that_differ_leave_the_picture_out(tmp_path):
    build(tmp_path, "train_00001.jpg 1\ntrain_00001.jpg 2\ntrain_00002.jpg 0\ntrain_00003.jpg 4\n", "train_00003")
    reasons = {each.item: each.reason for each in run(tmp_path).exclusions}
    assert reasons == {"train_00001": "labels_disagree", "train_00002": "label_unknown"}


def test_the_compound_set_is_refused_and_does_no_harm_beside_the_basic_one(tmp_path):
    build(tmp_path / "compound", "train_00001.jpg 11\n", "train_00001")
    for root in (tmp_path, tmp_path / "compound"):
        with pytest.raises(DataError, match="give the folder basic"):
            run(root)
    build(tmp_path / "basic", "train_00001.jpg 1\n", "train_00001")
    result = run(tmp_path)
    assert result.manifest["source"].tolist() == ["basic/Image/train_00001.jpg"]
    assert any("other sets of RAF" in note for note in result.notes)


def test_the_mirror_s_aligned_crops_in_numbered_folders(tmp_path):
    for code in (1, 7):
        (tmp_path / f"DATASET/train/{code}").mkdir(parents=True)
        (tmp_path / f"DATASET/train/{code}/train_{code:05d}_aligned.jpg").touch()
    with pytest.raises(DataError, match="--pictures aligned"):
        run(tmp_path)
    table = run(tmp_path, pictures="aligned").manifest
    assert table["expression"].tolist() == ["surprise", "neutral"]
    (tmp_path / "train_labels.csv").write_text("image,label\ntrain_00001_aligned.jpg,4\n")
    assert run(tmp_path, pictures="aligned").manifest["expression"].tolist() == ["happiness"]
    assert RAF.crops(RAF.choose({"pictures": "aligned"}))
    assert not RAF.crops(RAF.choose({}))


def test_an_augmented_copy_is_refused(tmp_path, monkeypatch):
    assert FACTS.release["pictures"] == 15339
    monkeypatch.setitem(FACTS.release, "pictures", 300)  # a tree of 15340 takes long to make
    number = 301
    names = [f"train_{each:05d}" for each in range(1, number + 1)]
    build(tmp_path, "".join(f"{name}.jpg 4\n" for name in names), *names)
    with pytest.raises(DataError, match=f"has {number} labelled pictures, more than the 300"):
        run(tmp_path)


def test_the_manual_points_are_of_original_pictures(tmp_path):
    build(tmp_path, "train_00001.jpg 1\ntrain_00002.jpg 1\n", "train_00001", "train_00002")
    (tmp_path / "manual").mkdir()
    (tmp_path / "manual/train_00001_manu_attri.txt").write_text(POINTS)
    (tmp_path / "manual/train_00002_manu_attri.txt").write_text("broken")
    tree = Tree.read(tmp_path, "RAF-DB")
    assert RAF.landmarks is not None
    table = RAF.landmarks(tree, run(tmp_path).manifest)
    assert table["source"].tolist() == ["Image/train_00001.jpg"]
    assert table.iloc[0, 1:].tolist() == [10.5, 20, 30, 20, 20, 30, 12, 40, 28, 40]


def test_points_come_image_left_first_whichever_the_file_has_first():
    swapped = "30\t20\n10.5\t20\n20\t30\n28\t40\n12\t40\n"
    first, second = five_of(POINTS), five_of(swapped)
    assert first is not None
    assert second is not None
    np.testing.assert_array_equal(first, second)
    assert five_of("1 2\n3 4\n") is five_of("a b\n" * 5) is five_of("nan 1\n" * 5) is None


def test_published_counts_add_up():
    assert {part: sum(counts.values()) for part, counts in PARTS.items()} == {"train": 12271, "test": 3068}
