"""By what a tree counts as another one, and what is remembered of an unchanged tree."""

import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest

from facemotion.datasets.affectnet import DATASET as AFFECTNET
from facemotion.datasets.ckplus import DATASET as CKPLUS
from facemotion.datasets.mmi import DATASET as MMI
from facemotion.ingestion import content
from facemotion.ingestion.tree import Tree, TreeFile

LABEL = "Emotion/S005/001/S005_001_00000006_emotion.txt"
FRAME = "cohn-kanade-images/S005/001/S005_001_00000001.png"


@pytest.fixture
def root(ck_tree) -> Path:
    return ck_tree({"S005_001": (3.0, 6), "S010_001": (5.0, 6)})


@pytest.fixture
def settled(monkeypatch) -> None:
    """Let every file count as one that has not been changed for long."""
    monkeypatch.setattr(content, "_SETTLED", -(10**18))


@pytest.fixture
def read(monkeypatch) -> list[str]:
    """Return the names of the files whose content is read from now on."""
    names = []
    digest_file = content.digest_file
    monkeypatch.setattr(content, "digest_file", lambda path: names.append(path.name) or digest_file(path))
    return names


def test_the_digest_is_that_of_paths_sizes_and_the_content_of_labels(tmp_path):
    (tmp_path / "a.png").write_bytes(b"xx")
    (tmp_path / "b_emotion.txt").write_bytes(b"3")
    tree = Tree.read(tmp_path, "a dataset", is_content=lambda file: file.name.endswith(".txt"))
    label = hashlib.sha256(b"3").hexdigest()
    assert tree.digest == hashlib.sha256(f"a.png\t2\nb_emotion.txt\t1\t{label}\n".encode()).hexdigest()
    plain = Tree.read(tmp_path, "a dataset").digest
    assert plain == hashlib.sha256(b"a.png\t2\nb_emotion.txt\t1\n").hexdigest()


def test_a_label_that_is_changed_from_3_to_4_makes_another_tree(root):
    before = CKPLUS.tree(root).digest
    text = (root / LABEL).read_text()
    (root / LABEL).write_text(text.replace("3.", "4."))
    assert (root / LABEL).stat().st_size == len(text)
    assert CKPLUS.tree(root).digest != before


def test_a_copy_with_other_times_is_the_same_tree(root, tmp_path):
    copy = shutil.copytree(root, tmp_path / "copy", copy_function=shutil.copyfile)
    for path in copy.rglob("*.*"):
        os.utime(path, (1, 1))
    assert CKPLUS.tree(copy).digest == CKPLUS.tree(root).digest


def test_a_picture_counts_by_its_size(root):
    before = CKPLUS.tree(root).digest
    (root / FRAME).touch()
    assert CKPLUS.tree(root).digest == before
    (root / FRAME).write_bytes(b"x")
    assert CKPLUS.tree(root).digest != before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_label_that_cannot_be_read_does_not_stop_the_digest(root):
    before = CKPLUS.tree(root).digest
    (root / LABEL).chmod(0)
    assert CKPLUS.tree(root).digest != before


def test_a_label_that_is_gone_does_not_stop_the_digest(tmp_path):
    assert Tree(tmp_path, (TreeFile(LABEL, 1),), CKPLUS.is_content).digest


class TestMemory:
    """What is remembered is taken only while nothing has changed."""

    def test_an_unchanged_tree_is_read_once(self, root, tmp_path, settled, read):
        memory = tmp_path / "work" / ".tree.json"
        first = CKPLUS.tree(root, memory=memory).digest
        assert sorted(read) == ["S005_001_00000006_emotion.txt", "S010_001_00000006_emotion.txt"]
        assert CKPLUS.tree(root, memory=memory).digest == first == CKPLUS.tree(root).digest
        assert len(read) == 4  # once with the memory, once without one

    def test_a_change_of_the_same_size_is_seen(self, root, tmp_path, settled):
        memory = tmp_path / ".tree.json"
        first = CKPLUS.tree(root, memory=memory).digest
        status = (root / LABEL).stat()
        (root / LABEL).write_text((root / LABEL).read_text().replace("3.", "4."))
        os.utime(root / LABEL, ns=(status.st_atime_ns, status.st_mtime_ns))  # its own time does not give it away
        assert CKPLUS.tree(root, memory=memory).digest != first

    def test_another_tree_is_not_taken_for_it(self, root, ck_tree, tmp_path, settled):
        memory = tmp_path / ".tree.json"
        other = ck_tree({"S011_001": (3.0, 6)}, root="other")
        assert CKPLUS.tree(root, memory=memory).digest != CKPLUS.tree(other, memory=memory).digest

    def test_files_that_have_just_changed_are_not_trusted(self, root, tmp_path):
        memory = tmp_path / ".tree.json"
        assert CKPLUS.tree(root, memory=memory).digest
        assert not memory.exists()

    @pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"form": 0, "stamp": "", "digest": ""}', "null"])
    def test_a_damaged_memory_is_written_anew(self, root, tmp_path, settled, text):
        memory = tmp_path / ".tree.json"
        memory.write_text(text)
        assert CKPLUS.tree(root, memory=memory).digest == CKPLUS.tree(root).digest
        assert json.loads(memory.read_text())["digest"] == CKPLUS.tree(root).digest

    def test_it_holds_no_path(self, root, tmp_path, settled):
        memory = tmp_path / ".tree.json"
        assert CKPLUS.tree(root, memory=memory).digest
        assert "/" not in memory.read_text()

    def test_a_place_that_cannot_be_written_costs_only_the_memory(self, root, tmp_path, settled):
        (tmp_path / "file").touch()
        assert CKPLUS.tree(root, memory=tmp_path / "file" / ".tree.json").digest == CKPLUS.tree(root).digest


@pytest.mark.parametrize(
    ("dataset", "content", "other"),
    [
        (CKPLUS, ("Emotion/S005/001/S005_001_00000011_emotion.txt", "a/S005_001_00000011_landmarks.txt"), (FRAME,)),
        (
            AFFECTNET,
            (
                "training.csv",
                "train_set/annotations/1_exp.npy",
                "val_set/annotations/1_lnd.npy",
                "a/annotations/1.json",
            ),
            (
                "train_set/annotations/1_val.npy",
                "automatically_annotated.csv",
                "train_set/images/1.jpg",
                "no_human_annotated/annotations/1.json",
                "config.json",
            ),
        ),
        (MMI, ("Sessions/1/S001-100.xml", "Sessions/1/session.XML"), ("Sessions/1/S001-100.avi", "S001_100_001.png")),
    ],
    ids=["ckplus", "affectnet", "mmi"],
)
def test_what_is_read_as_text_counts_by_its_content(dataset, content, other):
    assert all(dataset.is_content(TreeFile(path, 1)) for path in content)
    assert not any(dataset.is_content(TreeFile(path, 1)) for path in other)
