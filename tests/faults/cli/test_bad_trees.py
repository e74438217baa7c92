"""Roots that are no dataset, or only half of one: one sentence or a named exclusion, never a traceback."""

import json
import os
import shutil
from pathlib import Path

import pytest

from facemotion import manifest
from facemotion.datasets.ckplus import DATASET as CKPLUS
from facemotion.ingestion.tree import Tree, TreeFile

WORK = Path("facemotion-work")
TWO = {"S005_001": (5.0, 11), "S010_002": (7.0, 14)}
NAMES = ["affectnet", "ckplus", "demo", "folder", "mmi", "oulu-casia"]


def sentence(printed: str) -> str:
    """Return an error as one line, without the box that it is printed in."""
    return " ".join(printed.replace("│", " ").split())


def ingest(run, dataset: str, root: Path | str, *options: object, fails: bool = False) -> str:
    return sentence(run("ingest", "--dataset", dataset, "--root", root, *options, fails=fails).output)


@pytest.mark.parametrize("dataset", NAMES)
def test_an_empty_folder_a_file_and_an_archive(run, tmp_path, dataset):
    (tmp_path / "empty").mkdir()
    assert "is not" in (said := ingest(run, dataset, tmp_path / "empty", fails=True)) or "is no release" in said
    for name, what in (("a.txt", "is a file; give the folder"), ("a.rar", "is an archive; unpack it and give")):
        (tmp_path / name).touch()
        assert what in ingest(run, dataset, tmp_path / name, fails=True)
    assert not (WORK / dataset / "manifest.parquet").exists()


needs_a_user = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything"
)


@needs_a_user
def test_a_folder_that_may_not_be_read(run, ck_tree):
    root = ck_tree(TWO)
    (root / "Emotion").chmod(0)
    try:
        assert "cannot be listed: Permission denied; mend its permissions" in ingest(run, "ckplus", root, fails=True)
    finally:
        (root / "Emotion").chmod(0o755)


@needs_a_user
def test_a_root_that_may_not_be_looked_at_is_told_by_every_list(run, monkeypatch, tmp_path):
    root = tmp_path / "closed/ck"
    root.mkdir(parents=True)
    monkeypatch.setenv("FACEMOTION_CKPLUS_ROOT", str(root))
    root.parent.chmod(0)
    try:
        assert "cannot be looked at: Permission denied" in sentence(
            run("datasets", "set", "mmi", root, fails=True).output
        )
        assert f"NOT FOUND: {root}" in run("datasets").output
        assert f"the root of ckplus, {root}, is not a folder" in sentence(run("doctor", fails=True).output)
    finally:
        root.parent.chmod(0o755)


def test_a_label_that_vanishes_is_an_exclusion_without_an_absolute_path(ck_tree):
    root = ck_tree(TWO)
    path = "Emotion/S005/001/S005_001_00000011_emotion.txt"
    files = Tree.read(root, "CK+").files
    (root / path).unlink()
    (item,) = CKPLUS.ingest(
        Tree(root, tuple(TreeFile(file.path, file.size) for file in files)), CKPLUS.choose({})
    ).exclusions
    assert (item.item, item.reason) == ("S005_001", "label_unreadable")
    assert item.detail == f"{path} cannot be read: No such file or directory"


def test_links_to_folders_are_followed_and_loops_and_broken_links_do_no_harm(run, ck_tree, tmp_path):
    root = ck_tree(TWO)
    place = tmp_path / "links"
    place.mkdir()
    (place / "imgs").symlink_to(root / "cohn-kanade-images")
    (place / "labels").symlink_to(Path("..") / "ck" / "Emotion")
    (place / "again").symlink_to(".")
    (place / "S005_001_00000099.png").symlink_to("nowhere.png")
    assert "frames in imgs, labels in labels" in ingest(run, "ckplus", place)
    rows, _ = manifest.read(WORK / "ckplus/manifest.parquet")
    assert rows["source"].str.startswith("imgs/").all()
    content = json.loads((WORK / "ckplus/ingest.json").read_text())
    told = [(item["item"], item["reason"]) for item in content["exclusions"]]
    assert told == [("S005_001_00000099.png", "dangling_link"), ("again", "link_back")]
    assert content["notes"] == []


def test_one_folder_of_all_datasets_serves_each(run, ck_tree, oulu_tree, tmp_path):
    place = tmp_path / "data"
    shutil.copytree(ck_tree(TWO), place / "CK+")
    (place / "Oulu").symlink_to(oulu_tree)
    for path in ("MAHNOB/Sessions/5/S001-001_mic.wav", "ckextended.csv", "CK+48/sadness/S010_002_00000014.png"):
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).touch()
    assert "frames in CK+/cohn-kanade-images, labels in CK+/Emotion" in ingest(run, "ckplus", place)
    assert "original frames, VL/Strong, in Oulu/B_OriginalImg" in ingest(run, "oulu-casia", place)


@pytest.mark.parametrize(
    ("dataset", "other", "said"),
    [
        ("mmi", "ckplus", "this is not MMI: none of its"),
        ("oulu-casia", "ckplus", "is not Oulu-CASIA NIR&VIS: none of its"),
        ("affectnet", "ckplus", "is no release of AffectNet"),
        ("folder", "ckplus", "class folders cohn-kanade-images are not named after expressions"),
        ("demo", "ckplus", "is not a rendered demo: it has no demo.json"),
        ("ckplus", "oulu", "is not CK+ (Extended Cohn-Kanade): none of its"),
    ],
)
def test_the_root_of_another_dataset_is_not_taken_for_it(run, ck_tree, oulu_tree, dataset, other, said):
    assert said in ingest(run, dataset, oulu_tree if other == "oulu" else ck_tree(TWO), fails=True)


@pytest.mark.parametrize("text", ["{}", "[]", "{", '{"settings": {"subjects": "many"}}'])
def test_a_demo_whose_description_is_damaged(run, rendered, tmp_path, text):
    shutil.copytree(rendered, tmp_path / "tree")
    (tmp_path / "tree/demo.json").write_text(text)
    said = ingest(run, "demo", tmp_path / "tree", fails=True)
    assert "is not a rendered demo: it has no demo.json that says how many subjects it shows" in said


def test_a_label_map_that_contradicts_itself(run, tmp_path):
    (tmp_path / "tree/0").mkdir(parents=True)
    (tmp_path / "tree/0/1.png").touch()
    said = ingest(run, "folder", tmp_path / "tree", "--label-map", "0=anger,0=fear", fails=True)
    assert "folder '0' is both anger and fear" in said
    ingest(run, "folder", tmp_path / "tree", "--label-map", "0=anger", "--label-map", "0=anger")
