"""A prior of the laboratory faces, carried to AffectNet's layouts, through the command line."""

import json
from pathlib import Path

import pandas as pd
import pytest

from facemotion import manifest

WORK = Path("facemotion-work/affectnet")


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from facemotion.config import DemoSettings
    from facemotion.demo import render_affectnet

    root = tmp_path_factory.mktemp("affectnet")
    for release in "abc":
        render_affectnet(root / release, DemoSettings(subjects=6, size=(200, 200), seed=2), release=release, workers=1)
    return root


@pytest.mark.parametrize("release", ["a", "b", "c"])
def test_every_release_is_aligned(run, trees, release):
    arguments = ("align", "--dataset", "affectnet", "--root", trees / release, "--workers", 1)
    output = run(*arguments, "--protocol", "official").output
    assert f"release {release.upper()}" in output
    rows, _ = manifest.read(WORK / "manifest.parquet")
    faces, _ = manifest.read_table(WORK / "faces.parquet")
    assert set(rows["split"]) == {"train", "val"}
    assert len(rows) == 6 * 7 + 2 * (release == "a")  # two broken files
    assert (faces["status"] == "ok").sum() >= 6 * 7 - 2
    if release == "a":
        assert (faces["status"] == "unreadable").sum() == 2
        content = json.loads((WORK / "ingest.json").read_text())
        reasons = {item["reason"] for item in content["exclusions"]}
        assert reasons == {"bad_box", "image_missing", "not_an_expression", "outside_label_space"}


def test_a_prior_of_ckplus_trains_on_affectnet_in_one_line(run, trees, rendered, tiny, monkeypatch):
    monkeypatch.setenv("FACEMOTION_CKPLUS_ROOT", str(rendered))
    monkeypatch.setenv("FACEMOTION_AFFECTNET_ROOT", str(trees / "a"))
    run("folds", "--dataset", "ckplus", "--folds", 2)
    run("build-priors", "--source", "ckplus")
    run("train", "--priors", "ckplus.npz", "--dataset", "affectnet", *tiny)
    out = Path("facemotion-work/runs/affectnet-from-ckplus-compact")
    scored = pd.read_parquet(out / "predictions.parquet")
    rows = manifest.read(WORK / "manifest.parquet")[0].set_index("sample_id")
    assert set(rows.loc[scored["sample_id"], "split"]) == {"test"}
    history = json.loads(next(out.rglob("history.json")).read_text())["epochs"]
    assert {epoch["phase"] for epoch in history} == {"joint"}  # the paper trains AffectNet without the first phase
    run("report", "affectnet-from-ckplus-compact")
    assert "ckplus" in Path("report.html").read_text()


def test_affectnet_gives_no_priors(run, trees):
    output = run("build-priors", "--source", "affectnet", "--root", trees / "a", fails=True).output
    assert "has no neutral faces" in " ".join(output.split())


def test_a_layout_is_rendered_by_command(run):
    run("demo", "render", "--layout", "affectnet-b", "tree", "--subjects", 2, "--size", "120x120", "--workers", 1)
    assert list(Path("tree/train_set/annotations").glob("*_exp.npy"))
    output = run("demo", "render", "tree", "--subjects", 2, fails=True).output
    assert "tree exists" in output
