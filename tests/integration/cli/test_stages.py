"""The data stages through the command line, on a rendered tree in CK+'s layout."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from facemotion import manifest, tables
from facemotion.alignment import changes
from facemotion.priors.bank import PriorBank

WORK = Path("facemotion-work/ckplus")


@pytest.fixture
def built(untrained, rendered):
    """The tree, when `folds` and `build-priors` ran on it: their workspace and bank are in the current folder."""
    return rendered


def test_build_priors_runs_every_stage_before_it(built):
    rows, _ = manifest.read(WORK / "manifest.parquet")
    faces, header = tables.read_table(WORK / "faces.parquet")
    bank = PriorBank.load(Path("ckplus.npz"))
    assert (rows["role"] == "expressive").sum() == 4 * 7 * 3
    assert faces["sample_id"].tolist() == rows["sample_id"].tolist()
    assert (faces["status"] == "ok").mean() > 0.97
    assert bank.mask.shape == (3, 7, 70, 70)
    assert bank.meta.alignment == header["alignment"]
    assert bank.count[-1].sum() == (faces["status"][rows["role"] == "expressive"] == "ok").sum()
    assert np.array_equal(bank.count[:-1].sum(axis=0), bank.count[-1])  # two folds: each trains on the other's subjects
    for name in ("ckplus.png", WORK / "contact-sheet.png", WORK / "ingest.json", WORK / "folds.json"):
        assert Path(name).stat().st_size > 0


def decoded(path):
    """Return everything that an artefact says, out of its compression."""
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        return f"{table.schema.metadata} {table.to_pylist()}"
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as archive:
            return " ".join(str(archive[name]) for name in archive if archive[name].dtype.kind in "US")
    if path.suffix == ".png":
        with Image.open(path) as picture:
            return str(picture.info)
    return path.read_bytes().decode("utf-8", "replace")


def test_no_artefact_holds_an_absolute_path(built, trained_once):
    artefacts = [*(path for path in WORK.rglob("*") if path.is_file()), Path("ckplus.npz"), Path("ckplus.png")]
    assert {".parquet", ".json", ".npy", ".npz", ".png"} <= {path.suffix for path in artefacts}
    for path in artefacts:
        for place in (built, trained_once):  # the tree, and where the commands ran
            assert str(place) not in decoded(path), path


def test_a_root_that_was_given_once_is_remembered_outside_the_artefacts(run, built, tmp_path):
    assert json.loads(Path("facemotion-work/roots.json").read_text()) == {"ckplus": str(built)}
    output = run("align", "--dataset", "ckplus", "--fit", "eyes-nose", "--workers", 1).output
    assert "aligned" in output
    Path("facemotion-work/roots.json").write_text(json.dumps({"ckplus": str(tmp_path / "gone")}))
    assert "up to date" in run("folds", "--dataset", "ckplus", "--folds", 2).output  # nothing needs the frames
    output = run("align", "--dataset", "ckplus", "--crop-centre", "template", fails=True).output
    assert "the one that was given last" in " ".join(output.replace("│", " ").split())


def test_another_alignment_lies_beside_the_first_and_takes_nothing_from_it(run, built):
    before = {path: path.read_bytes() for path in WORK.glob("*/*.npy")}
    run("align", "--dataset", "ckplus", "--root", built, "--fit", "eyes-nose", "--workers", 1)
    assert {path: path.read_bytes() for path in before} == before
    (place,) = (WORK / "alignments").iterdir()
    assert place.name.startswith("fit-eyes-nose-")
    assert tables.read_header(place / "faces.parquet")["settings"]["fit"] == "eyes-nose"
    run("build-priors", "--source", "ckplus", "--alignment", place.name, "-o", "eyes.npz")
    one, two = PriorBank.load(Path("ckplus.npz")), PriorBank.load(Path("eyes.npz"))
    assert one.meta.alignment != two.meta.alignment
    assert "up to date" in run("build-priors", "--source", "ckplus").output
    output = run("build-priors", "--source", "ckplus", "--alignment", "nose", "-o", "x.npz", fails=True).output
    assert "there are first" in output


def test_a_label_changed_in_place_is_noticed(run, rendered, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(rendered, copy)
    run("ingest", "--dataset", "ckplus", "--root", copy)
    label = sorted(copy.rglob("*_emotion.txt"))[0]
    text = label.read_text()
    code = int(text.strip()[0])
    label.write_text(text.replace(f"{code}.", f"{code % 7 + 1}.", 1))
    assert len(label.read_text()) == len(text)
    assert label.read_text() != text
    output = run("ingest", "--dataset", "ckplus", "--root", copy).output
    assert "ingest again, since its inputs changed (tree)" in output


def test_an_edited_manifest_stops_what_needs_it_until_it_is_accepted(run, built):
    path = WORK / "manifest.parquet"
    table = pq.read_table(path)
    subjects = ["S999" if name == "S005" else name for name in table["subject"].to_pylist()]
    place = table.column_names.index("subject")
    pq.write_table(table.set_column(place, table.schema.field("subject"), pa.array(subjects)), path)
    output = " ".join(run("build-priors", "--source", "ckplus", fails=True).output.replace("│", " ").split())
    assert "was changed after it was written" in output
    assert "facemotion manifest accept" in output
    assert "is accepted" in run("manifest", "accept", "--dataset", "ckplus").output
    run("build-priors", "--source", "ckplus", "--workers", 1)
    assert "S999" in {name for left_out in PriorBank.load(Path("ckplus.npz")).meta.left_out for name in left_out}
    assert "nothing" not in run("manifest", "accept", "--dataset", "ckplus", fails=True).output.lower()
    assert "since it was changed" not in run("ingest", "--dataset", "ckplus", "--force").output
    assert "S999" not in set(manifest.read(path)[0]["subject"])


def test_the_second_run_does_nothing_and_says_so(run, built, monkeypatch):
    monkeypatch.setattr(changes, "_COARSE", 0)  # pictures of the last two seconds would be looked at once more
    run("build-priors", "--source", "ckplus", "--root", built)
    before = {path: path.stat().st_mtime_ns for path in [*WORK.rglob("*.*"), Path("ckplus.npz")]}
    output = run("build-priors", "--source", "ckplus", "--root", built).output
    assert "up to date" in output
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_force_gives_the_same_bytes(run, built):
    before = Path("ckplus.npz").read_bytes()
    output = run("build-priors", "--source", "ckplus", "--root", built, "--force").output
    assert "priors of 2 folds" in output
    assert Path("ckplus.npz").read_bytes() == before


def test_another_workspace_and_more_workers_give_the_same_bytes(run, built):
    run("folds", "--dataset", "ckplus", "--folds", 2, "--root", built, "--work", "other")
    run("build-priors", "--source", "ckplus", "--root", built, "--work", "other", "--workers", 2, "-o", "other.npz")
    assert Path("other.npz").read_bytes() == Path("ckplus.npz").read_bytes()
    for name in ("manifest.parquet", "ingest.json", "faces.parquet", "folds.json"):
        assert (Path("other/ckplus") / name).read_bytes() == (WORK / name).read_bytes()


def test_a_changed_tree_is_ingested_again(run, built, tmp_path):
    output = run("ingest", "--dataset", "ckplus", "--root", built).output
    assert "up to date" in output
    copy = tmp_path / "copy"
    pairs = [(path, copy / path.relative_to(built)) for path in built.rglob("*") if path.is_file()]
    for source, target in pairs[:-1] if pairs[-1][0].suffix == ".png" else pairs[1:]:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    assert "class order" in run("ingest", "--dataset", "ckplus", "--root", copy).output


def test_ingest_names_layout_counts_and_classes(run, rendered):
    output = run("ingest", "--dataset", "ckplus", "--root", rendered).output
    content = json.loads((WORK / "ingest.json").read_text())
    assert "class order: anger, contempt, disgust, fear, happiness, sadness, surprise" in output
    assert content["layout"] == "CK+ layout, frames in cohn-kanade-images, labels in Emotion"
    assert {"name": "images, anger", "found": 12, "expected": None, "agrees": None} in content["checks"]
    assert "no count of the real ckplus is expected" in output  # these faces are rendered
    assert "135" not in output


def test_real_counts_are_expected_of_a_tree_without_the_renderers_mark(run, rendered, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(rendered, copy)
    (copy / "demo.json").unlink()
    assert "expected 135" in run("ingest", "--dataset", "ckplus", "--root", copy).output
    content = json.loads((WORK / "ingest.json").read_text())
    assert {"name": "images, anger", "found": 12, "expected": 135, "agrees": False} in content["checks"]


def test_precomputed_landmarks_replace_the_detector(run, rendered):
    run("align", "--dataset", "ckplus", "--root", rendered, "--table", rendered / "landmarks.parquet", "--workers", 1)
    faces = tables.read_table(WORK / "faces.parquet")[0]
    assert set(faces["detector"]) == {"precomputed"}
    assert set(faces["status"]) == {"ok"}
    truth = pd.read_parquet(rendered / "landmarks.parquet").set_index("source")
    rows = manifest.read(WORK / "manifest.parquet")[0]
    expected = truth.loc[rows["source"], ["x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4", "x5", "y5"]].to_numpy()
    assert np.allclose(np.stack(faces["landmarks"].to_list()), expected, atol=1e-3)
