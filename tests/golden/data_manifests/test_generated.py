"""The folder ``data_manifests/`` is what the code writes, byte by byte, and holds nothing that may not be shared."""

import json
from pathlib import Path

import mlcroissant
import pytest
from click.testing import CliRunner

from facemotion import datasets, sharing
from facemotion.folds import Folds
from facemotion.pipeline.publishing import write_all
from facemotion_cli.root import main

COMMITTED = Path(__file__).parents[3] / "data_manifests"
NAMES = [name for name in datasets.names() if name != "folder"]


def test_the_folder_is_what_the_code_writes(tmp_path):
    write_all(tmp_path / "out")
    expected = {
        path.relative_to(COMMITTED).as_posix(): path.read_bytes()
        for path in COMMITTED.rglob("*")
        if path.is_file() and path.name != "README.md"
    }
    found = {
        path.relative_to(tmp_path / "out").as_posix(): path.read_bytes()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    }
    changed = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    assert not changed, "run `python tools/build_data_manifests.py` and look at what changed"


@pytest.mark.parametrize("name", NAMES)
def test_a_dataset_that_is_not_ours_has_descriptions_only(name):
    files = {path.name for path in (COMMITTED / name).iterdir()}
    gated = json.loads((COMMITTED / name / "facts.json").read_text(encoding="utf-8"))["labels"]["given_under_agreement"]
    ours = name == "demo"
    assert gated == datasets.load(name).facts.gated
    assert not (ours and gated)
    assert files == {"facts.json", "croissant.json"} | ({"manifest.csv", "folds.json"} if ours else set())
    distribution = json.loads((COMMITTED / name / "croissant.json").read_text(encoding="utf-8")).get("distribution")
    assert (distribution is None) != ours


@pytest.mark.parametrize("name", NAMES)
def test_croissants_own_library_finds_each_description_valid(name):
    dataset = mlcroissant.Dataset(COMMITTED / name / "croissant.json")
    assert not dataset.metadata.issues.errors
    # a description of a dataset that somebody else gives has no version of its own
    assert all("schema.org/version" in warning for warning in dataset.metadata.issues.warnings)
    rows = sorted(dataset.records("expressions"), key=lambda row: row["expressions/index"])
    assert [row["expressions/name"] for row in rows] == list(datasets.load(name).info.classes)
    assert len(list(dataset.records("manifest_fields"))) > 0


def test_the_worked_example_can_be_read_and_agrees_with_its_folds():
    shared = sharing.read_shared(COMMITTED / "demo" / "manifest.csv")
    folds = Folds.read(COMMITTED / "demo" / "folds.json")
    assert shared.intact
    assert shared.header["folds"]["folds_digest"] == folds.digest
    assert shared.header["manifest_digest"] == folds.manifest_digest
    for number, fold in enumerate(folds.folds):
        rows = shared.rows[shared.rows["fold"] == number]
        assert sorted(rows["sample_id"][rows["role"] == "expressive"]) == sorted(fold.test_samples)


def test_published_sizes_are_those_of_the_facts():
    content = json.loads((COMMITTED / "ckplus" / "facts.json").read_text(encoding="utf-8"))
    assert content["folds"]["test_subjects"] == [12, 12, 11, 12, 12, 12, 12, 11, 12, 12]
    assert sum(content["folds"]["test_images"]) == content["images"]["all"] == 981
    content = json.loads((COMMITTED / "mmi" / "facts.json").read_text(encoding="utf-8"))
    assert content["folds"]["test_subjects"] == [3, 3, 3, 3, 3, 4, 3, 3, 3, 3]
    assert sum(content["folds"]["test_images"]) == content["images"]["all"] == 624


def test_the_worked_example_of_the_readme_ends_as_it_says():
    lines = [line.strip() for line in (COMMITTED / "README.md").read_text(encoding="utf-8").splitlines()]
    commands = [line.split()[1:] for line in lines if line.startswith("facemotion ") and "demo-frames" in line]
    assert [command[0] for command in commands] == ["demo", "folds", "manifest"]
    for command in commands:
        own = [str(COMMITTED.parent / word) if word.startswith(COMMITTED.name) else word for word in command]
        if command[:2] == ["demo", "render"]:
            own += ["--workers", "1"]  # the bytes are the same; starting processes takes longer than rendering this
        done = CliRunner().invoke(main, own)
        assert done.exit_code == 0, done.output
    assert done.output.strip().splitlines()[-1] == "verified"
