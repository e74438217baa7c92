"""Priors that lack a class of the dataset: no mask loss for that class, said once and kept in the report."""

import json
from pathlib import Path

import pandas as pd
import pytest

from facemotion.expressions import LABEL_SPACES


def runs(work: str) -> Path:
    (found,) = Path(work, "runs").iterdir()
    return found


@pytest.mark.parametrize(
    ("space", "lacking"), [("affectnet7", "neutral"), ("affectnet8", "neutral"), ("basic7", "contempt")]
)
def test_faces_of_that_class_are_trained_and_tested_without_mask_loss(run, trained, wild, tiny, space, lacking):
    bank = "ckplus.npz"
    if lacking == "contempt":  # as MMI's and Oulu-CASIA's masks are
        run("priors", "transfer", bank, "--to", "basic6", "-o", "six.npz")
        bank = "six.npz"
    common = ("--dataset", "affectnet", "--root", wild("affectnet-b"), "--work", "other")
    run("ingest", *common, "--label-space", space, "--protocol", "official")
    output = " ".join(run("train", "--priors", bank, *common, *tiny, "--protocol", "paper").output.split())
    sentence = f"the prior has no mask of {lacking}: those faces have no part in the mask loss"
    assert output.count(sentence) == 1
    out = runs("other")
    table = pd.read_parquet(out / "predictions.parquet")
    assert [name for name in table if name.startswith("p_")] == [f"p_{name}" for name in LABEL_SPACES[space]]
    assert lacking in set(table["expression"])
    assert table.groupby("variant").size().nunique() == 1
    (history,) = (json.loads(path.read_text())["epochs"] for path in (out / "fmpn").rglob("history.json"))
    assert {epoch["phase"] for epoch in history} == {"joint"}
    assert all(epoch["mask_loss"] > 0 for epoch in history)
    run("report", "--work", "other")
    assert f"There is no mask for {lacking}: no mask loss there." in Path("report.html").read_text()
