"""The data stages through the command line, on a rendered tree in CK+'s layout."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from facemotion import manifest, tables
from facemotion.priors.bank import PriorBank

WORK = Path("facemotion-work/ckplus")


@pytest.fixture
def built(run, rendered):
    run("folds", "--dataset", "ckplus", "--folds", 2, "--root", rendered)
    run("build-priors", "--source", "ckplus", "--root", rendered, "--workers", 1)
    return rendered


def test_build_priors_runs_every_stage_before_it(built):
    rows, _ = manifest.read(WORK / "manifest.parquet")
    faces, header = tables.read_table(WORK / "faces.parquet")
    bank = PriorBank.load(Path("ckplus.npz"))
    assert (rows["role"] == "expressive").sum() == 4 * 7 * 3
    assert faces["sample_id"].tolist() == rows["sample_id"].tolist()
    assert (faces["status"] == "ok").mean() > 0.97
    assert bank.mask.shape == (3, 7, 70, 70)
    assert bank.meta.alignment == header["alignment"]
    assert bank.count[-1].sum() == (faces["status"][rows["role"] == "expressive"] == "ok").sum()
    assert np.array_equal(bank.count[:-1].sum(axis=0), bank.count[-1])  # two folds: each trains on the other's subjects
    for name in ("ckplus.png", WORK / "contact-sheet.png", WORK / "ingest.json", WORK / "folds.json"):
        assert Path(name).stat().st_size > 0


def test_no_artefact_holds_an_absolute_path(built):
    for path in [*WORK.rglob("*"), Path("ckplus.npz")]:
        if path.is_file():
            assert str(built).encode() not in path.read_bytes(), path


def test_the_second_run_does_nothing_and_says_so(run, built):
    before = {path: path.stat().st_mtime_ns for path in [*WORK.rglob("*.*"), Path("ckplus.npz")]}
    output = run("build-priors", "--source", "ckplus", "--root", built).output
    assert "up to date" in output
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_force_gives_the_same_bytes(run, built):
    before = Path("ckplus.npz").read_bytes()
    output = run("build-priors", "--source", "ckplus", "--root", built, "--force").output
    assert "priors of 2 folds" in output
    assert Path("ckplus.npz").read_bytes() == before


def test_another_workspace_and_more_workers_give_the_same_bytes(run, built):
    run("folds", "--dataset", "ckplus", "--folds", 2, "--root", built, "--work", "other")
    run("build-priors", "--source", "ckplus", "--root", built, "--work", "other", "--workers", 2, "-o", "other.npz")
    assert Path("other.npz").read_bytes() == Path("ckplus.npz").read_bytes()
    for name in ("manifest.parquet", "ingest.json", "faces.parquet", "folds.json"):
        assert (Path("other/ckplus") / name).read_bytes() == (WORK / name).read_bytes()


def test_a_changed_tree_is_ingested_again(run, built, tmp_path):
    output = run("ingest", "--dataset", "ckplus", "--root", built).output
    assert "up to date" in output
    copy = tmp_path / "copy"
    pairs = [(path, copy / path.relative_to(built)) for path in built.rglob("*") if path.is_file()]
    for source, target in pairs[:-1] if pairs[-1][0].suffix == ".png" else pairs[1:]:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    assert "class order" in run("ingest", "--dataset", "ckplus", "--root", copy).output


def test_ingest_names_layout_counts_and_classes(run, rendered):
    output = run("ingest", "--dataset", "ckplus", "--root", rendered).output
    content = json.loads((WORK / "ingest.json").read_text())
    assert "class order: anger, contempt, disgust, fear, happiness, sadness, surprise" in output
    assert content["layout"] == "CK+ layout, frames in cohn-kanade-images, labels in Emotion"
    assert {"name": "images, anger", "found": 12, "expected": 135, "agrees": False} in content["checks"]


def test_precomputed_landmarks_replace_the_detector(run, rendered):
    run("align", "--dataset", "ckplus", "--root", rendered, "--table", rendered / "landmarks.parquet", "--workers", 1)
    faces = tables.read_table(WORK / "faces.parquet")[0]
    assert set(faces["detector"]) == {"precomputed"}
    assert set(faces["status"]) == {"ok"}
    truth = pd.read_parquet(rendered / "landmarks.parquet").set_index("source")
    rows = manifest.read(WORK / "manifest.parquet")[0]
    expected = truth.loc[rows["source"], ["x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4", "x5", "y5"]].to_numpy()
    assert np.allclose(np.stack(faces["landmarks"].to_list()), expected, atol=1e-3)
