"""A prior of the laboratory faces, carried to AffectNet's layouts, through the command line."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from cheap_faces import each_moment_once

from facemotion import manifest, tables

WORK = Path("facemotion-work/affectnet")


@pytest.fixture(scope="module")
def trees(share: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """A folder with a tree of each release, with its quirks: six people in small pictures."""
    from facemotion.config import DemoSettings
    from facemotion.demo import render_affectnet

    def render(folder: Path) -> None:
        part, settings = folder.with_suffix(".part"), DemoSettings(subjects=6, size=(96, 96))
        with each_moment_once():
            for release in "abc":
                render_affectnet(part / release, settings, release=release, workers=1)
        part.rename(folder)

    return share("affectnet", render)


@pytest.mark.parametrize("release", ["a", "b", "c"])
def test_every_release_is_aligned(run, trees, release):
    arguments = ("align", "--dataset", "affectnet", "--root", trees / release, "--workers", 1)
    output = run(*arguments, "--protocol", "official").output
    assert f"release {release.upper()}" in output
    rows, _ = manifest.read(WORK / "manifest.parquet")
    faces, _ = tables.read_table(WORK / "faces.parquet")
    assert set(rows["split"]) == {"train", "val"}
    assert len(rows) == 6 * 7 + 4 * (release == "a")  # two broken files, and two faces in one picture
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
        assert content["notes"] == ["1 rows repeat another and were counted once"]


def test_two_faces_of_one_picture_are_told_apart_by_boxes_that_leave_it(run, trees):
    from facemotion import media

    arguments = ("--dataset", "affectnet", "--root", trees / "a", "--protocol", "official", "--workers", 1)
    for source in ("mtcnn", "precomputed"):
        run("align", *arguments, "--landmarks", source)
        rows, _ = manifest.read(WORK / "manifest.parquet")
        faces, _ = tables.read_table(WORK / "faces.parquet")
        pair = rows.merge(faces, on="sample_id")[rows["sample_id"].str.contains("+", regex=False)]
        assert pair["sample_id"].str[-2:].tolist() == ["+1", "+2"]
        assert pair["expression"].tolist() == ["happiness", "sadness"]
        assert pair["status"].tolist() == ["ok", "ok"]
        assert pair["subject"].nunique() == pair["source"].nunique() == 1
        width = media.load(trees / "a" / pair["source"].iloc[0]).shape[1]
        (left, right), (one, other) = pair["region"], pair["landmarks"]
        assert left[0] == 0  # its box begins outside
        assert right[0] + right[2] == width + 8
        assert one[4] < width / 2 < other[4]  # the noses


@pytest.mark.parametrize("source", ["ckplus", "demo"])
def test_a_prior_of_another_dataset_trains_on_affectnet_in_one_line(run, trees, rendered, tiny, monkeypatch, source):
    monkeypatch.setenv("FACEMOTION_AFFECTNET_ROOT", str(trees / "a"))
    run("folds", "--dataset", source, "--folds", 2, "--root", rendered)
    run("build-priors", "--source", source, "--root", rendered)
    said = run("train", "--priors", f"{source}.npz", "--dataset", "affectnet", *tiny).output
    reason = "an official split is trained on in the joint phase only"
    assert f"training.generator_epochs has no effect: {reason}" in said
    assert "training.joint_epochs has no effect" not in said
    out = Path(f"facemotion-work/runs/affectnet-from-{source}-compact")
    scored = pd.read_parquet(out / "predictions.parquet")
    rows = manifest.read(WORK / "manifest.parquet")[0].set_index("sample_id")
    assert set(rows.loc[scored["sample_id"], "split"]) == {"test"}
    history = json.loads(next(out.rglob("history.json")).read_text())["epochs"]
    assert {epoch["phase"] for epoch in history} == {"joint"}  # the paper trains AffectNet without the first phase
    assert len(history) == 2
    run("report", out.name)
    assert f"built from {source}" in " ".join(re.sub("<[^>]*>", " ", Path("report.html").read_text()).split())


def test_affectnet_gives_no_priors(run, trees):
    output = run("build-priors", "--source", "affectnet", "--root", trees / "a", fails=True).output
    assert "has no neutral faces" in " ".join(output.split())


def test_a_layout_is_rendered_by_command(run, cheaply):
    run("demo", "render", "--layout", "affectnet-b", "tree", "--subjects", 2, "--size", "96x96", "--workers", 1)
    assert list(Path("tree/train_set/annotations").glob("*_exp.npy"))
    output = run("demo", "render", "tree", "--subjects", 2, fails=True).output
    assert "tree exists" in output
