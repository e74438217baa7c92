"""A report joins a run with the dataset that it was trained on, and says where that is another one now."""

import json
import shutil

import pytest

from facemotion import tables
from facemotion.alignment.store import FACES
from facemotion.folds import Folds
from facemotion.report.page import write_report
from facemotion.runs import Run
from facemotion.workspace import Workspace, digest_file, read_json, write_json


@pytest.fixture
def copied(finished, tmp_path):
    """A copy of the workspace whose run names the alignment and the digests of what it was made from."""
    root = tmp_path / "work"
    shutil.copytree(finished.workspace.root, root)
    place = type(finished)(Workspace(root), root / "runs" / finished.run.name)
    folder = root / "demo"
    align(folder, "a" * 16)
    made_from = {
        "manifest": tables.read_table(folder / "manifest.parquet")[1]["manifest_digest"],
        "faces": digest_file(folder / "faces.parquet"),
        "folds": Folds.read(folder / "folds.json").digest,
    }
    config = read_json(place.run / "config.json") | {"alignment": {"id": "a" * 16}, "made_from": made_from}
    (place.run / "config.json").write_text(json.dumps(config))
    return place


def align(folder, alignment: str, **more) -> None:
    """Give a dataset's faces the id of an alignment."""
    faces, header = tables.read_table(folder / "faces.parquet")
    header = {**header, "alignment": alignment, **more}
    tables.write_table(folder / "faces.parquet", faces, schema=FACES, header=header)


def report(place, tmp_path) -> tuple[list[str], str]:
    gaps = write_report([Run(place.run)], place.workspace, tmp_path / "report.html")
    return gaps, (tmp_path / "report.html").read_text()


def test_what_is_as_it_was_is_not_mentioned(copied, tmp_path):
    gaps, text = report(copied, tmp_path)
    assert gaps == []
    assert "weighted by its learned mask" in text


def test_masks_are_not_laid_on_faces_of_another_alignment(copied, tmp_path):
    align(copied.workspace.root / "demo", "b" * 16)
    gaps, text = report(copied, tmp_path)
    (gap,) = gaps
    assert gap.startswith(f"first: the faces of demo are aligned in another way now ({'b' * 16})")
    assert "weighted by its learned mask" not in text
    assert "its learned masks are not shown on them" in text


def test_the_right_alignment_is_found_beside_the_first(copied, tmp_path):
    folder = copied.workspace.root / "demo"
    beside = folder / "alignments" / "five-points-a1"
    beside.mkdir(parents=True)
    for name in ("aligned", "crops", "faces.parquet"):
        (shutil.copytree if (folder / name).is_dir() else shutil.copy)(folder / name, beside / name)
    align(folder, "b" * 16)
    gaps, text = report(copied, tmp_path)
    assert gaps == []
    assert "weighted by its learned mask" in text


def test_faces_that_were_made_again_are_told(copied, tmp_path):
    align(copied.workspace.root / "demo", "a" * 16, facemotion="later")
    gaps, _ = report(copied, tmp_path)
    sentence = "demo was aligned again since it was trained: faces that are shown may not be those it saw"
    assert gaps == [f"first: {sentence}"]


def test_frames_and_folds_that_are_others_are_told(copied, tmp_path):
    config = read_json(copied.run / "config.json")
    config["made_from"] |= {"manifest": "0" * 64, "folds": "1" * 64}
    write_json(copied.run / "config.json", config)
    gaps, _ = report(copied, tmp_path)
    assert gaps == [
        "first: demo was ingested again since it was trained, with other frames or labels",
        "first: demo is dealt into other folds now than those it was trained in",
    ]


def test_a_run_that_says_nothing_of_its_origin_is_compared_by_the_header_it_has(copied, tmp_path):
    config = read_json(copied.run / "config.json")
    del config["made_from"]
    config["provenance"]["inputs"]["faces"] = "0" * 64
    write_json(copied.run / "config.json", config)
    gaps, _ = report(copied, tmp_path)
    assert [gap[:29] for gap in gaps] == ["first: demo was aligned again"]


@pytest.mark.parametrize(
    ("name", "text", "gap"),
    [
        ("config.json", "[" * 200_000, "odd: config.json, the settings: cannot be read"),
        ("config.json", '{"dataset": ["demo"], "classes": 3}', "odd: config.json, the settings: cannot be read"),
        ("metrics.json", '{"classes": {}, "variants": [1]}', "odd: metrics.json, the figures: cannot be read"),
        ("fmpn/fold-0/seed-0/history.json", '{"epochs": [[]]}', "odd: history of fmpn, fold 0, seed 0: cannot be read"),
    ],
)
def test_one_odd_run_does_not_end_the_report_on_all(copied, tmp_path, name, text, gap):
    odd = copied.run.with_name("odd")
    shutil.copytree(copied.run, odd)
    (odd / name).write_text(text)
    runs = Run.all(copied.workspace)
    assert [run.name for run in runs] == ["first", "odd"]
    gaps = write_report(runs, copied.workspace, tmp_path / "report.html")
    assert gaps == [gap]
    assert 'id="run-2"' in (tmp_path / "report.html").read_text()
