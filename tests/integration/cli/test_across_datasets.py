"""Priors of one dataset, training on another, scores on a third: through the command line, on rendered trees."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from facemotion import manifest

SOURCES = ("crema-d", "jaffe", "kdef", "mead", "rafd", "ravdess")
WILD = {"affectnet": "affectnet-b", "fer2013": "fer2013", "ferplus": "ferplus", "raf-db": "raf-db"}
"""The layouts of those that have an official split and people whom nobody names."""
CROPS = ("fer2013", "ferplus")
OPTIONS = {
    "affectnet": ("--protocol", "official"),
    "crema-d": ("--peaks", "middle"),
    "mead": ("--peaks", "middle", "--level", "3"),
    "ravdess": ("--peaks", "middle"),
}
WORK = Path("facemotion-work")
WRONG_ALIGNMENT = "was made with another alignment"


def roots(trees: dict[str, Path]) -> dict[str, str]:
    return {f"FACEMOTION_{name.upper().replace('-', '_')}_ROOT": str(root) for name, root in trees.items()}


@pytest.fixture(scope="module")
def trees(quirks, wild) -> dict[str, Path]:
    """The tree of each dataset; those with an official split need people in both parts."""
    return {name: quirks(name) for name in SOURCES} | {name: wild(layout) for name, layout in WILD.items()}


@pytest.fixture(scope="module")
def ready(share, trees) -> Path:
    """A folder with a workspace in which every dataset is aligned, and with a prior of each source."""
    from facemotion_cli.root import main

    def make(folder: Path) -> None:
        part = folder.with_suffix(".part")
        part.mkdir()
        commands = [["align", "--dataset", name, *OPTIONS.get(name, ())] for name in trees]
        commands += [["folds", "--dataset", name, "--folds", "2"] for name in SOURCES]
        commands += [["build-priors", "--source", name, "-o", str(part / f"{name}.npz")] for name in SOURCES]
        for command in commands:
            command += ["--work", str(part / WORK), "--quiet"] + ["--workers", "1"] * (command[0] != "folds")
            result = CliRunner(env=roots(trees)).invoke(main, command, catch_exceptions=False)
            assert result.exit_code == 0, (command, result.output)
        part.rename(folder)

    return share("across", make)


@pytest.fixture
def place(ready, trees, tmp_path, monkeypatch) -> Path:
    """A copy of that folder, which is the current one; the trees are where the environment says."""
    for name, root in roots(trees).items():
        monkeypatch.setenv(name, root)
    shutil.copytree(ready, tmp_path, dirs_exist_ok=True)
    assert Path(os.getcwd()) == tmp_path
    return tmp_path


@pytest.fixture
def trained(run, place, tiny) -> Callable[[str, str], str]:
    """Return a function that trains on a dataset with a prior of another one and returns what the command said."""

    def train(source: str, target: str) -> str:
        bank, fold = f"{source}.npz", () if target in WILD else ("--fold", 0)
        if target in CROPS:
            refused = run("train", "--priors", bank, "--dataset", target, *tiny, fails=True).output
            assert WRONG_ALIGNMENT in refused  # nothing is said to be aligned that is not
            run("priors", "transfer", bank, "--align-to", target, "-o", "crops.npz")
            bank = "crops.npz"
        return run("train", "--priors", bank, "--dataset", target, *tiny, *fold, "--name", "across").output

    return train


@pytest.mark.parametrize(
    ("source", "target", "unguided", "unused"),
    [
        ("jaffe", "kdef", "", ""),
        ("rafd", "jaffe", "", "contempt"),
        ("kdef", "crema-d", "", "surprise"),
        ("crema-d", "ravdess", "surprise", ""),
        ("kdef", "rafd", "contempt", ""),
        ("ravdess", "mead", "contempt", ""),
        ("mead", "raf-db", "neutral", "contempt"),
        ("rafd", "affectnet", "", ""),
        ("crema-d", "fer2013", "neutral, surprise", ""),
        ("crema-d", "ferplus", "contempt, neutral, surprise", ""),
    ],
)
def test_a_prior_of_one_trains_on_another_and_classes_are_matched_by_name(trained, source, target, unguided, unused):
    output = " ".join(trained(source, target).split())
    lacking = f"the prior has no mask of {unguided}: those faces have no part in the mask loss"
    spare = f"{target} has no {unused}: such masks of the prior are not used"
    assert output.count("the prior has no mask of") == output.count(lacking) == bool(unguided)
    assert output.count("such masks of the prior are not used") == output.count(spare) == bool(unused)
    table = pd.read_parquet(WORK / "runs/across/predictions.parquet")
    classes = json.loads((WORK / target / "ingest.json").read_text())["classes"]
    assert [str(name) for name in table if str(name).startswith("p_")] == [f"p_{name}" for name in classes]
    rows = manifest.read(WORK / target / "manifest.parquet")[0].set_index("sample_id").loc[table["sample_id"]]
    if target in WILD:
        assert set(rows["split"]) in ({"test"}, {"val"})  # AffectNet publishes no other part for testing
    else:
        (tested,) = set(rows["subject"])
        assert tested in set(json.loads((WORK / target / "folds.json").read_text())["folds"][0]["subjects"])


def scored(run, dataset: str) -> tuple[dict, str]:
    said = run("evaluate", "across", "--dataset", dataset, "--device", "cpu").output
    return json.loads((WORK / f"runs/across/evaluations/{dataset}/metrics.json").read_text()), said


def test_a_run_on_aligned_faces_scores_every_other_dataset(run, trained):
    trained("rafd", "raf-db")  # the models know neutral and no contempt
    known = {"neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise"}
    for dataset in (*SOURCES, *WILD):
        if dataset in ("rafd", "raf-db"):
            assert "seen these faces" in run("evaluate", "across", "--dataset", dataset, fails=True).output
            continue
        content, said = scored(run, dataset)
        has = set(json.loads((WORK / dataset / "ingest.json").read_text())["classes"])
        assert set(content["classes"]) == known & has, dataset
        assert set(content["left_out"]) == {"contempt"} & has, dataset
        assert set(content["not_in_dataset"]) == known - has, dataset
        assert content["scored"]["faces"] > 0
        assert ("are crops, taken as given" in said) == (dataset in CROPS)
        for name in content["left_out"]:
            assert f"left out, as the models do not know them: {name}" in said


def test_a_run_on_crops_scores_other_crops_and_aligned_faces_and_says_so(run, trained):
    trained("jaffe", "fer2013")
    content, said = scored(run, "ferplus")
    assert content["crops_as_given"] == ""
    assert list(content["left_out"]) == ["contempt"]
    assert "taken as given" not in said
    content, said = scored(run, "kdef")
    assert content["crops_as_given"] == "fer2013"
    assert "pictures of fer2013 are crops, taken as given, while faces of kdef are aligned" in said


def test_a_dataset_that_is_not_aligned_yet_is_aligned_as_it_needs_to_be(run, trained):
    trained("jaffe", "fer2013")
    for dataset in ("kdef", "ferplus"):
        shutil.rmtree(WORK / dataset)
        scored(run, dataset)
    detectors = {name: set(pd.read_parquet(WORK / name / "faces.parquet")["detector"]) for name in ("kdef", "ferplus")}
    assert detectors == {"kdef": {"mtcnn"}, "ferplus": {"given"}}
