from pathlib import Path

import pandas as pd
import pytest

from facemotion import sharing

SEQUENCES = {
    f"S{subject:03d}_{session:03d}": (code, 6) for subject in (5, 10, 11) for session, code in ((1, 3), (2, 5))
}


@pytest.fixture(autouse=True)
def commands(monkeypatch):
    from facemotion_cli import root

    monkeypatch.setitem(root.COMMANDS, "manifest", root.COMMANDS.get("manifest", "Manifests."))


def words(output: str) -> str:
    return " ".join(output.replace("│", " ").split())


def test_export_ingests_and_writes_neither_labels_nor_absolute_paths(run, ck_tree):
    tree = ck_tree(SEQUENCES)
    output = run("manifest", "export", "--dataset", "ckplus", "--root", tree, "-o", "out/ckplus.csv").output
    assert "24 rows in out/ckplus.csv; labels left out, no folds" in output
    text = Path("out/ckplus.csv").read_text()
    assert str(tree) not in text
    assert "disgust" not in text
    assert "happiness" not in text
    shared = sharing.read_shared(Path("out/ckplus.csv"))
    assert shared.rows["source"].iloc[0] == "cohn-kanade-images/S005/001/S005_001_00000001.png"
    assert "Signed agreement" in shared.header["licence"]


def test_what_one_exports_another_verifies(run, ck_tree):
    tree = ck_tree(SEQUENCES)
    other = ck_tree(SEQUENCES, root="other", images="a/b/{subject}/{session}")
    run("folds", "--dataset", "ckplus", "--root", tree, "--folds", 3)
    for suffix in ("csv", "jsonl", "parquet"):
        run("manifest", "export", "--dataset", "ckplus", "--root", tree, "-o", f"shared.{suffix}")
        own = run("manifest", "verify", f"shared.{suffix}", "--dataset", "ckplus", "--root", tree).output
        assert "the manifests are the same, 24 rows" in own
        assert own.endswith("verified\n")
        output = run("manifest", "verify", f"shared.{suffix}", "--root", other, "--work", "another").output
        assert "24 sources have the same names in other folders, which is no difference" in output
        assert "labels: all agree" in output
        assert "not compared: folds, since you have none" in output
        assert output.endswith("\nverified\n")


def test_a_copy_that_lacks_a_sequence_is_not_verified(run, ck_tree):
    run("manifest", "export", "--dataset", "ckplus", "--root", ck_tree(SEQUENCES), "-o", "shared.csv")
    less = ck_tree({name: value for name, value in SEQUENCES.items() if name != "S011_002"}, root="less")
    output = run("manifest", "verify", "shared.csv", "--root", less, "--work", "another", fails=True).output
    assert "missing in yours: 4 rows: S011_002_00000001, S011_002_00000004" in output
    assert output.endswith("NOT VERIFIED\n")


def test_labels_are_written_when_asked_for(run, ck_tree):
    tree = ck_tree(SEQUENCES)
    run("manifest", "export", "--dataset", "ckplus", "--root", tree, "-o", "shared.csv", "--with-labels")
    assert pd.read_csv("shared.csv", comment="#")["expression"].value_counts().to_dict() == {
        "disgust": 9,
        "happiness": 9,
        "neutral": 6,
    }


def test_names_of_oulu_casia_state_labels_and_the_header_says_so(run, oulu_tree):
    run("manifest", "export", "--dataset", "oulu-casia", "--root", oulu_tree, "-o", "shared.csv")
    text = Path("shared.csv").read_text()
    assert '# labels: "left out, but the dataset\'s own names of files and folders state them"' in text
    assert "expression" not in pd.read_csv("shared.csv", comment="#")


def test_a_tree_of_class_folders_needs_with_labels(run, tmp_path):
    for label in ("happy", "sad"):
        (tmp_path / "tree" / label / "p1").mkdir(parents=True)
        (tmp_path / "tree" / label / "p1" / f"{label[0]}.png").touch()
    command = ("manifest", "export", "--dataset", "folder", "--root", tmp_path / "tree", "-o", "shared.csv")
    assert "its names state them" in words(run(*command, fails=True).output)
    assert not Path("shared.csv").exists()
    run(*command, "--with-labels")
    assert sharing.read_shared(Path("shared.csv")).rows["expression"].tolist() == ["happiness", "sadness"]


def test_numbered_class_folders_and_their_label_map_are_labels_too(run, tmp_path):
    for number in ("0", "1"):
        (tmp_path / "tree" / number / "p1").mkdir(parents=True)
        (tmp_path / "tree" / number / "p1/1.png").touch()
    run("ingest", "--dataset", "folder", "--root", tmp_path / "tree", "--label-map", "0=anger,1=fear")
    command = ("manifest", "export", "--dataset", "folder", "--root", tmp_path / "tree", "-o", "shared.jsonl")
    assert "its folders are its labels, by the label map" in words(run(*command, fails=True).output)
    assert not Path("shared.jsonl").exists()
    run(*command, "--with-labels")
    shared = sharing.read_shared(Path("shared.jsonl"))
    assert shared.rows["expression"].tolist() == ["anger", "fear"]
    assert shared.header["ingest_settings"] == {
        "label_map": {"0": "anger", "1": "fear"},
        "label_space": "basic7",
    }


def test_a_folder_is_no_manifest(run):
    Path("a.csv").mkdir()
    said = "a.csv is a folder; give a file that `facemotion manifest export` wrote"
    assert said in words(run("manifest", "verify", "a.csv", fails=True).output)


def test_a_wrong_suffix_stops_before_anything_is_ingested(run, ck_tree):
    tree = ck_tree(SEQUENCES)
    output = run("manifest", "export", "--dataset", "ckplus", "--root", tree, "-o", "shared.xlsx", fails=True).output
    assert "names no format" in output
    assert not Path("facemotion-work").exists()


def test_verify_refuses_another_dataset_and_a_file_that_is_none(run, ck_tree):
    tree = ck_tree(SEQUENCES)
    run("manifest", "export", "--dataset", "ckplus", "--root", tree, "-o", "shared.csv")
    output = run("manifest", "verify", "shared.csv", "--dataset", "mmi", "--root", tree, fails=True).output
    assert "is of ckplus, not of mmi" in words(output)
    Path("other.csv").write_text("a,b\n1,2\n")
    output = run("manifest", "verify", "other.csv", "--root", tree, fails=True).output
    assert "is not a manifest that" in words(output)
