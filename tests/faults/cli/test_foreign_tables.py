"""A landmark table that was made for other frames: one sentence, before anything is written."""

from pathlib import Path

import pandas as pd
import pytest

from facemotion import tables

WORK = Path("facemotion-work/ckplus")


def align(run, root: Path, table: str, *options: str, fails: bool = False) -> str:
    arguments = ("align", "--dataset", "ckplus", "--root", root, "--table", table, "--workers", 1, *options)
    return " ".join(run(*arguments, fails=fails).output.replace("│", " ").split())


@pytest.mark.parametrize("landmarks", [("--landmarks", "precomputed"), ()])
def test_it_is_refused_with_a_frame_of_each_side(run, rendered, landmarks):
    points = pd.read_parquet(rendered / "landmarks.parquet")
    points.assign(source=points["source"].str.rpartition("/")[2]).to_csv("names.csv", index=False)
    said = align(run, rendered, "names.csv", *landmarks, fails=True)
    name = points["source"][0]
    assert f"it has {name.rpartition('/')[2]!r} where the manifest has {name!r}" in said
    assert {path.name for path in WORK.iterdir()} <= {
        "manifest.parquet",
        "ingest.json",
        ".lock",
        ".pictures.json",
        ".tree.json",
    }


def artefacts():
    """Return every artefact; what this machine remembers of the tree begins with a dot."""
    return {path: path.read_bytes() for path in WORK.rglob("[!.]*") if path.is_file()}


def test_an_earlier_alignment_stays(run, rendered):
    points = pd.read_parquet(rendered / "landmarks.parquet")
    points.to_csv("right.csv", index=False)
    points.assign(source="x/" + points["source"]).to_csv("wrong.csv", index=False)
    align(run, rendered, "right.csv")
    before = artefacts()
    align(run, rendered, "wrong.csv", fails=True)
    assert artefacts() == before


def test_one_that_names_some_frames_is_used(run, rendered):
    pd.read_parquet(rendered / "landmarks.parquet")[:1].to_csv("one.csv", index=False)
    assert "aligned 1 of" in align(run, rendered, "one.csv")
    assert set(tables.read_table(WORK / "faces.parquet")[0]["status"]) == {"ok", "no_landmarks"}
