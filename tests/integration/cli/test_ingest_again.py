"""What makes a dataset be ingested again, and what does not."""

import json
from pathlib import Path

from facemotion import tables

SEQUENCES = {"S005_001": (3.0, 6), "S010_001": (5.0, 6)}
LABEL = "Emotion/S005/001/S005_001_00000006_emotion.txt"


def class_folders(root: Path) -> Path:
    for word in ("happy", "sad", "neutral"):
        (root / word / "ann").mkdir(parents=True)
        (root / word / "ann" / f"{word}.png").touch()
    return root


def test_a_label_that_is_changed_from_3_to_4_is_noticed(run, ck_tree):
    root = ck_tree(SEQUENCES)
    ingest = ("ingest", "--dataset", "ckplus", "--root", root)
    run(*ingest)
    assert "ingest is up to date" in run(*ingest).output
    text = (root / LABEL).read_text()
    (root / LABEL).write_text(text.replace("3.", "4."))
    assert (root / LABEL).stat().st_size == len(text)
    assert "up to date" not in run(*ingest).output
    table, _ = tables.read_table(Path("facemotion-work/ckplus/manifest.parquet"))
    assert "fear" in set(table["expression"])


def test_a_default_that_is_given_is_the_default(run, tmp_path):
    ingest = ("ingest", "--dataset", "folder", "--root", class_folders(tmp_path / "tree"))
    run(*ingest)
    assert "ingest is up to date" in run(*ingest, "--label-space", "basic7").output
    _, header = tables.read_table(Path("facemotion-work/folder/manifest.parquet"))
    assert header["settings"] == {"label_map": {}, "label_space": "basic7"}


def test_a_file_that_was_renamed_is_the_same_setting(run, mmi_tree, tmp_path):
    ingest = ("ingest", "--dataset", "mmi", "--root", mmi_tree, "--sides")
    (tmp_path / "sides.csv").write_text("name,side\nS001,left\n")
    run(*ingest, tmp_path / "sides.csv")
    (tmp_path / "sides.csv").rename(tmp_path / "other.csv")
    assert "ingest is up to date" in run(*ingest, tmp_path / "other.csv").output
    header = json.loads(Path("facemotion-work/mmi/ingest.json").read_text())["provenance"]
    assert header["settings"]["labels"] is None
    assert header["settings"]["sides"].keys() == {"name", "sha256"}
    assert header["settings"]["sides"]["name"] == "sides.csv"


def test_a_file_that_is_not_there_is_named_with_its_option(run, mmi_tree):
    said = run("ingest", "--dataset", "mmi", "--root", mmi_tree, "--sides", "gone.csv", fails=True).output
    assert "--sides: gone.csv does not exist" in " ".join(said.split())
    assert not Path("facemotion-work").exists()
