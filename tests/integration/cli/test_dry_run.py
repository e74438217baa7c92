"""``--dry-run`` says what would run and why, and writes nothing."""

import json
import os


def everything() -> dict[str, int]:
    return {
        os.path.join(folder, name): os.stat(os.path.join(folder, name)).st_mtime_ns
        for folder, _, names in os.walk(".")
        for name in names
    }


def planned(run, *arguments) -> list[str]:
    found = json.loads(run(*arguments, "--dry-run", "--json").stdout.splitlines()[-1])
    return [each["stage"] for each in found["figures"]["planned"]]


def test_nothing_is_there_yet(run, rendered):
    assert planned(run, "demo", "--quick") == ["render", "ingest", "align", "folds", "priors", "train", "report"]
    assert planned(run, "build-priors", "--source", "ckplus", "--root", rendered) == [
        "ingest",
        "align",
        "folds",
        "priors",
    ]
    assert everything() == {}


def test_only_what_changes_is_named_with_its_reason(run, rendered):
    run("folds", "--dataset", "ckplus", "--root", rendered, "--folds", 2)
    before = everything()
    output = run("folds", "--dataset", "ckplus", "--folds", 4, "--dry-run").output
    assert "would run folds on ckplus, since its settings changed (folds)" in output
    assert planned(run, "folds", "--dataset", "ckplus", "--folds", 2) == []
    assert planned(run, "folds", "--dataset", "ckplus", "--folds", 2, "--force") == ["folds"]
    assert everything() == before


def test_a_training_is_planned_by_its_cells(run, trained, rendered, tiny):
    again = ("train", "--priors", "ckplus.npz", "--root", rendered, *tiny, "--variant", "fmpn", "--variant", "cnn")
    before = everything()
    assert "every training is up to date" in run(*again, "--fold", 0, "--dry-run").output
    assert "since 2 trainings are to be done" in run(*again, "--dry-run").output
    assert everything() == before
