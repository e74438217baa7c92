"""``facemotion verify``: a clean workspace has no finding, and each kind of damage is found and named."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from facemotion.runs import Run

WORK = Path("facemotion-work")
DATA = WORK / "ckplus"
RUN = WORK / "runs/ckplus-compact"


@pytest.fixture
def copied(monkeypatch, rendered, tmp_path) -> Path:
    """A copy of the tree that the workspace was made from, which is its root from then on."""
    shutil.copytree(rendered, tmp_path / "tree")
    monkeypatch.setenv("FACEMOTION_CKPLUS_ROOT", str(tmp_path / "tree"))
    return tmp_path / "tree"


def said(run, *options: str, fails: bool = True) -> str:
    return run("verify", *options, fails=fails).output


def edited(path: Path, **columns: object) -> None:
    """Edit a table with other software, which keeps the header."""
    table = pq.read_table(path)
    frame = table.to_pandas()
    for name, value in columns.items():
        frame.loc[0, name] = value
    made = type(table).from_pandas(frame, schema=table.schema, preserve_index=False)
    pq.write_table(made.replace_schema_metadata(table.schema.metadata), path)


def rewritten(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_an_empty_workspace_has_nothing_to_find(run):
    assert said(run, fails=False) == "looked at an empty workspace: nothing is wrong\nnext: facemotion demo --quick\n"
    assert not WORK.exists()


def test_a_clean_workspace_has_no_finding_and_is_not_changed(run, trained, copied):
    before = {path: path.read_bytes() for path in WORK.rglob("*") if path.is_file()}
    for options in ((), ("--sources",)):
        assert said(run, *options, fails=False).splitlines()[-2:] == [
            "looked at 1 selection, 1 alignment, 1 run: nothing is wrong",
            "next: facemotion runs",
        ]
    after = {path: path.read_bytes() for path in WORK.rglob("*") if path.is_file() and path.name != ".tree.json"}
    assert {path: before.get(path) for path in after} == after


def test_an_unknown_root_is_a_note(run, trained):
    (WORK / "roots.json").unlink()
    assert "note: ckplus: its root is not known, so its sources were not looked at" in said(run, fails=False)


def damaged(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def replaced_array(path: Path) -> None:
    np.save(path, np.load(path)[::-1])


def other_folds(path: Path) -> None:
    content = json.loads(path.read_text())
    first, second = content["folds"]
    first["subjects"], second["subjects"] = second["subjects"], first["subjects"]
    first["test_samples"], second["test_samples"] = second["test_samples"], first["test_samples"]
    path.write_text(json.dumps(content))


def leaking_folds(path: Path) -> None:
    content = json.loads(path.read_text())
    content["folds"][0]["subjects"] += content["folds"][1]["subjects"]
    path.write_text(json.dumps(content))


def other_answers(path: Path) -> None:
    content = json.loads(path.read_text())
    content["variants"]["fmpn"]["accuracy"]["pooled"] = 1.0
    path.write_text(json.dumps(content))


TRAINING = RUN / "fmpn/fold-0/seed-0"
DAMAGE = {
    "an edited manifest": (DATA / "manifest.parquet", lambda path: edited(path, subject="S999"), "was changed after"),
    "a manifest that is no table": (DATA / "manifest.parquet", lambda path: path.write_text("x"), "cannot be read as"),
    "a lost manifest": (DATA / "manifest.parquet", Path.unlink, "manifest.parquet does not exist"),
    "a lost record": (DATA / "ingest.json", Path.unlink, "ingest.json is missing, or of another manifest"),
    "folds that leak": (DATA / "folds.json", leaking_folds, "is tested more than once"),
    "folds in another order": (DATA / "folds.json", other_folds, "other folds than its settings deal"),
    "folds of another manifest": (
        DATA / "folds.json",
        lambda path: rewritten(path, provenance={**json.loads(path.read_text())["provenance"], "inputs": {}}),
        "folds are out of date: its inputs changed (manifest)",
    ),
    "an edited table of faces": (DATA / "faces.parquet", lambda path: edited(path, score=0.5), "was changed after"),
    "lost faces": (DATA / "faces.parquet", Path.unlink, "it was interrupted: faces.parquet is not there"),
    "a bit of the crops": (DATA / "crops/00000.npy", damaged, "crops/00000.npy is not what alignment wrote"),
    "crops in another order": (DATA / "crops/00000.npy", replaced_array, "crops/00000.npy is not what alignment"),
    "a bit of the faces": (DATA / "aligned/00000.npy", damaged, "aligned/00000.npy is not what alignment wrote"),
    "a lost shard": (DATA / "crops/00000.npy", Path.unlink, "crops holds no shards"),
    "an edited part": (DATA / "parts/00000.parquet", lambda path: edited(path, score=0.5), "was changed after"),
    "a lost sheet": (DATA / "contact-sheet.png", Path.unlink, "contact-sheet.png is not there"),
    "what was half-written": (
        DATA / "crops/00000.npy",
        lambda path: shutil.copy(path, path.with_name(".00000.999999999.tmp.npy")),
        "crops/.00000.999999999.tmp.npy was left half-written",
    ),
    "another prior": (RUN / "prior.npz", damaged, "prior.npz"),
    "a config of nothing": (RUN / "config.json", lambda path: path.write_text("{}"), "is not the config of a run"),
    "no config": (RUN / "config.json", Path.unlink, "its folder holds no config.json"),
    "damaged weights": (TRAINING / "model.safetensors", lambda path: path.write_bytes(b"x"), "model.safetensors"),
    "lost weights": (TRAINING / "model.safetensors", Path.unlink, "fmpn, fold 0, seed 0 is not finished"),
    "damaged curves": (TRAINING / "history.json", lambda path: path.write_text("["), "is not finished"),
    "edited predictions": (TRAINING / "predictions.parquet", lambda path: edited(path, subject="x"), "was changed"),
    "a lost table": (RUN / "predictions.parquet", Path.unlink, "predictions.parquet does not exist"),
    "edited figures": (RUN / "metrics.json", other_answers, "metrics.json does not follow from predictions.parquet"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found_and_named(run, trained, name):
    path, harm, words = DAMAGE[name]
    harm(path)
    output = said(run)
    assert words in output
    assert "run `" in next(line for line in output.splitlines() if words in line)
    assert output.splitlines()[-1].endswith("wrong")


def test_predictions_that_do_not_follow_from_the_trainings(run, trained):
    shutil.rmtree(RUN / "cnn")
    output = said(run)
    assert "predictions.parquet does not follow from its trainings; run `facemotion train --name" in output


def test_sources_that_are_gone_or_altered(run, trained, copied):
    sources = pd.read_parquet(DATA / "manifest.parquet")["source"]
    damaged(copied / sources[0])
    assert "align is out of date: the pictures of 1 frames were replaced" in said(run)
    output = said(run, "--sources")
    assert f"files are not those that were aligned (1 of {len(sources)}): {sources[0]}; run `facemotion align" in output
    (copied / sources[1]).unlink()
    output = said(run)
    assert f"1 of {len(sources)} source files are not in the root: {sources[1]}" in output
    assert "ingest is out of date: its inputs changed (tree)" in output


def test_a_run_whose_faces_are_no_longer_there(run, trained, copied, rendered):
    run("align", "--dataset", "ckplus", "--root", copied, "--fit", "eyes-nose", "--workers", 1)
    assert "looked at 1 selection, 2 alignments, 1 run: nothing is wrong" in said(run, fails=False)
    for name in ("faces.parquet", "aligned", "crops", "parts", "contact-sheet.png"):
        place = DATA / name
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    assert "the faces of ckplus that it was trained on are no longer in this workspace" in said(run)


def test_a_training_that_was_interrupted(run, trained, copied):
    (Run(RUN).folder / "cnn/fold-1/seed-0").mkdir(parents=True)
    assert "cnn, fold 1, seed 0 is not finished" in said(run)
