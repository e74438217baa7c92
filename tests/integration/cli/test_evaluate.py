"""A run's models on another dataset, through the command line."""

import json

import pandas as pd
import pytest

from facemotion.expressions import LABEL_SPACES

RUN = "ckplus-compact"


def plain(output: str) -> str:
    return " ".join(output.replace("│", " ").split())


def test_every_model_scores_every_face_in_the_classes_in_common(run, trained, oulu_tree):
    arguments = ("evaluate", RUN, "--dataset", "oulu-casia", "--root", oulu_tree, "--device", "cpu")
    output = plain(run(*arguments).output)
    assert "ckplus-compact on oulu-casia: 2 models trained on ckplus (synthetic faces) scored it" in output
    assert "not in oulu-casia: contempt" in output
    folder = trained / "evaluations/oulu-casia"
    table = pd.read_parquet(folder / "predictions.parquet")
    assert [name for name in table if name.startswith("p_")] == [f"p_{name}" for name in LABEL_SPACES["basic6"]]
    assert table.filter(like="p_").sum(axis=1).to_numpy() == pytest.approx(1, abs=1e-5)
    fmpn, cnn = (part for _, part in table.groupby("variant"))
    assert sorted(fmpn["sample_id"]) == sorted(cnn["sample_id"])
    content = json.loads((folder / "metrics.json").read_text())
    hit = table["expression"] == table["predicted"]
    for name, part in hit.groupby(table["variant"]):
        assert content["variants"][name]["accuracy"]["fold_mean"] == pytest.approx(part.mean())
    assert content["not_in_dataset"] == ["contempt"]

    before = (folder / "metrics.json").stat().st_mtime_ns
    assert "up to date" in run(*arguments).output
    assert (folder / "metrics.json").stat().st_mtime_ns == before

    run("report", RUN)
    with open("report.html", encoding="utf-8") as file:
        text = file.read()
    assert "On other datasets" in text
    assert "scored: all" in text  # what evaluate says stands in the report too
    assert "classes in common: " in text
    assert f"{100 * content['variants']['fmpn']['accuracy']['macro']:.1f} %" in text


def test_what_a_model_has_seen_is_refused(run, trained, rendered):
    output = run("evaluate", RUN, "--dataset", "ckplus", "--root", rendered, fails=True).output
    assert "the run was trained on ckplus: its models have seen these faces" in plain(output)
    assert not (trained / "evaluations").exists()


def test_the_same_pictures_under_another_name_are_refused(run, trained, rendered):
    output = run("evaluate", RUN, "--dataset", "demo", "--root", rendered, fails=True).output
    assert "pictures of demo are also in ckplus" in plain(output)
    assert not (trained / "evaluations").exists()


def test_another_alignment_is_refused(run, trained, oulu_tree):
    run("align", "--dataset", "oulu-casia", "--root", oulu_tree, "--crop-centre", "template", "--workers", 1)
    output = run("evaluate", RUN, "--dataset", "oulu-casia", "--alignment", "first", fails=True).output
    assert "oulu-casia was aligned in another way" in plain(output)
    assert not (trained / "evaluations").exists()


def test_an_unknown_run_is_named_with_those_there_are(run, trained):
    output = run("evaluate", "nothing", "--dataset", "mmi", fails=True).output
    assert f"there are {RUN}" in plain(output)
