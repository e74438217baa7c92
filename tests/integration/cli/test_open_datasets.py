"""Datasets without a signature, on rendered trees: what their alignments and priors say; see test_across_datasets."""

from pathlib import Path

import pytest

from facemotion import tables
from facemotion.config import DemoSettings
from facemotion.demo.layout_crops import render_ferplus
from facemotion.demo.layout_stills import render_jaffe, render_kdef
from facemotion.demo.layout_wild import render_raf_db
from facemotion.priors.bank import PriorBank

WORK = Path("facemotion-work")


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("open")
    render_kdef(root / "kdef", DemoSettings(subjects=2, size=(160, 160), seed=2), workers=1, clean=True)
    wild = DemoSettings(subjects=6, size=(160, 160), seed=2)
    render_raf_db(root / "raf-db", wild, workers=1, clean=True)
    render_ferplus(root / "ferplus", wild, workers=1, clean=True)
    return root


@pytest.fixture
def roots(trees: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("kdef", "raf-db", "ferplus"):
        monkeypatch.setenv(f"FACEMOTION_{name.upper().replace('-', '_')}_ROOT", str(trees / name))
    return trees


@pytest.fixture
def prior(run, roots) -> PriorBank:
    run("folds", "--dataset", "kdef", "--folds", 2)
    run("build-priors", "--source", "kdef", "--workers", 1)
    return PriorBank.load(Path("kdef.npz"))


def test_the_neutral_face_of_kdef_is_of_the_same_session_and_crops_are_not_called_aligned(run, prior):
    assert prior.meta.neutral == "sequence"
    assert prior.count[-1].tolist() == [4] * 6  # two people in two sessions

    run("align", "--dataset", "ferplus", "--workers", 1)
    faces, header = tables.read_table(WORK / "ferplus/faces.parquet")
    assert set(faces["detector"]) == {"given"}
    assert faces["landmarks"].isna().all()
    assert header["alignment"] != prior.meta.alignment


def test_the_crops_of_raf_db_are_taken_as_given_and_its_originals_by_their_own_points(run, roots):
    run("align", "--dataset", "raf-db", "--pictures", "aligned", "--workers", 1)
    faces = tables.read_table(WORK / "raf-db/faces.parquet")[0]
    assert set(faces["detector"]) == {"given"}
    assert set(faces["status"]) == {"ok"}

    run("align", "--dataset", "raf-db", "--work", "other", "--landmarks", "precomputed", "--workers", 1)
    faces = tables.read_table(Path("other/raf-db/faces.parquet"))[0]
    assert set(faces["detector"]) == {"precomputed"}
    assert set(faces["status"]) == {"ok"}


def test_a_person_called_na_survives_every_stage(run, tmp_path):
    render_jaffe(tmp_path / "jaffe", DemoSettings(subjects=2, size=(160, 160), seed=2), workers=1, clean=True)
    run("folds", "--dataset", "jaffe", "--root", tmp_path / "jaffe", "--folds", 2)
    run("build-priors", "--source", "jaffe", "--workers", 1)
    assert sorted(map(tuple, PriorBank.load(Path("jaffe.npz")).meta.left_out)) == [("KA",), ("NA",)]
    run("manifest", "export", "--dataset", "jaffe", "-o", "jaffe.csv", "--with-labels")
    assert "verified" in run("manifest", "verify", "jaffe.csv").output
