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
        broken = faces[faces["status"] == "unreadable"].set_index("sample_id")["message"].to_dict()
        assert broken.pop(f"0001_{'0' * 56}") == "the file is empty (0 bytes)"
        assert broken.pop(f"0001_{'1' * 56}").startswith("the image cannot be decoded: ")
        assert broken == {}
        content = json.loads((WORK / "ingest.json").read_text())
        ends = {(item["item"], item["reason"], item["detail"]) for item in content["exclusions"]}
        bad = {end for end in ends if end[1] == "bad_box"}
        assert [detail for _, _, detail in bad] == ["its box is 12, 10, -1 x 40"]
        assert ends - bad == {
            (f"1/{'3' * 56}.jpg", "image_missing", "its list names it, but it is not on disk"),
            ("code 8", "not_an_expression", "1 faces are labelled none"),
            ("code 9", "not_an_expression", "1 faces are labelled uncertain"),
            ("code 10", "not_an_expression", "1 faces are labelled no-face"),
            ("neutral", "outside_label_space", "6 faces of neutral are not in the label space"),
        }
        assert content["notes"] == ["1 rows repeat another to the letter and were counted once"]


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
