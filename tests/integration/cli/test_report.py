"""``facemotion report`` of several runs, with and without the faces of a licensed dataset; what ``train`` remarks."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from facemotion.evaluation.remarks import remarks

RUN = "ckplus-compact"


@pytest.fixture
def licensed(trained: Path) -> Path:
    """Return the run's folder in a workspace whose faces bear no mark of the renderer."""
    path = trained.parent.parent / "ckplus" / "ingest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"synthetic": False}))
    content = json.loads((trained / "config.json").read_text())
    content["provenance"]["synthetic"] = False
    (trained / "config.json").write_text(json.dumps(content))
    return trained


def test_two_runs_are_compared_and_faces_are_left_out_unless_asked_for(run, licensed):
    shutil.copytree(licensed, licensed.with_name("second"))
    run("report", RUN, "second", "-o", "two.html")
    text = Path("two.html").read_text()
    assert "Runs compared" in text
    assert ">second, fmpn</td>" in text
    assert "data:image/jpeg" not in text
    assert "of 981 images.</strong>" in text
    run("report", RUN, "-o", "faces.html", "--with-faces")
    text = Path("faces.html").read_text()
    assert "data:image/jpeg" in text
    assert "Runs compared" not in text


def test_a_rendered_tree_is_called_synthetic_wherever_its_figures_stand(run, trained, rendered, tiny):
    path = trained.parent.parent / "ckplus" / "ingest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"synthetic": True}))
    run("report", RUN)
    text = Path("report.html").read_text()
    assert "synthetic faces" in text
    assert "98.06" not in text
    common = ("--root", rendered, "--folds", 0, "--variant", "fmpn", "--variant", "cnn")
    output = run("train", "--priors", "ckplus.npz", *tiny, *common).output
    assert "synthetic faces: accuracy on them says nothing about real faces" in output
    assert "98.06" not in output


def test_train_says_what_its_models_have_not_learned(run, trained, rendered, tiny):
    common = ("--root", rendered, "--folds", 0, "--variant", "fmpn", "--variant", "cnn")
    output = run("train", "--priors", "ckplus.npz", *tiny, *common).output
    metrics = json.loads((trained / "metrics.json").read_text())
    expected = remarks(metrics, pd.read_parquet(trained / "predictions.parquet"))
    for line in expected:
        assert line in output
    assert ("learned nothing" in output) == any("learned nothing" in line for line in expected)
