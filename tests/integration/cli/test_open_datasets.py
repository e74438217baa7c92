"""Datasets without a signature, on rendered trees: what their alignments and priors say; see test_across_datasets."""

from pathlib import Path

import pytest

from facemotion import tables
from facemotion.priors.bank import PriorBank

WORK = Path("facemotion-work")


@pytest.fixture(autouse=True)
def roots(quirks, wild, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, tree in (("kdef", quirks), ("raf-db", wild), ("ferplus", wild), ("jaffe", quirks)):
        monkeypatch.setenv(f"FACEMOTION_{name.upper().replace('-', '_')}_ROOT", str(tree(name)))


@pytest.fixture
def prior(run) -> PriorBank:
    run("folds", "--dataset", "kdef", "--folds", 2)
    run("build-priors", "--source", "kdef", "--workers", 1)
    return PriorBank.load(Path("kdef.npz"))


def test_the_neutral_face_of_kdef_is_of_the_same_session_and_crops_are_not_called_aligned(run, prior):
    assert prior.meta.neutral == "sequence"
    assert prior.count[-1].tolist() == [4] * 5 + [3]  # two people in two sessions; one surprise is a black picture

    run("align", "--dataset", "ferplus", "--workers", 1)
    faces, header = tables.read_table(WORK / "ferplus/faces.parquet")
    assert set(faces["detector"]) == {"given"}
    assert faces["landmarks"].isna().all()
    assert header["alignment"] != prior.meta.alignment


def test_the_crops_of_raf_db_are_taken_as_given_and_its_originals_by_their_own_points(run):
    run("align", "--dataset", "raf-db", "--pictures", "aligned", "--workers", 1)
    faces = tables.read_table(WORK / "raf-db/faces.parquet")[0]
    assert set(faces["detector"]) == {"given"}
    assert set(faces["status"]) == {"ok"}

    run("align", "--dataset", "raf-db", "--work", "other", "--landmarks", "precomputed", "--workers", 1)
    faces = tables.read_table(Path("other/raf-db/faces.parquet"))[0]
    assert set(faces["detector"]) == {"precomputed"}
    assert set(faces["status"]) == {"ok"}


def test_a_person_called_na_survives_every_stage(run):
    run("folds", "--dataset", "jaffe", "--folds", 2)
    run("build-priors", "--source", "jaffe", "--workers", 1)
    assert sorted(map(tuple, PriorBank.load(Path("jaffe.npz")).meta.left_out)) == [("KA",), ("NA",)]
    run("manifest", "export", "--dataset", "jaffe", "-o", "jaffe.csv", "--with-labels")
    assert "verified" in run("manifest", "verify", "jaffe.csv").output
