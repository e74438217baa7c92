"""JAFFE: names, the person called NA, and leaving one person out by the default folds."""

from pathlib import Path

import pytest

from facemotion import manifest
from facemotion.config import FoldSettings
from facemotion.datasets.jaffe import DATASET as JAFFE
from facemotion.datasets.jaffe.info import CODES, SUBJECTS
from facemotion.errors import DataError
from facemotion.folds import build_folds
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree


def build(root: Path, *subjects: str, suffix: str = "tiff") -> Path:
    root.mkdir(parents=True, exist_ok=True)
    for subject in subjects:
        for place, code in enumerate(CODES):
            for take in (1, 2, 3):
                (root / f"{subject}.{code}{take}.{3 * place + take}.{suffix}").touch()
    return root


def run(root: Path) -> Ingest:
    return JAFFE.ingest(Tree.read(root, "JAFFE"), JAFFE.choose({}))


def test_na_is_a_person_in_the_table_and_after_reading_it_again(tmp_path):
    table = run(build(tmp_path / "jaffe", "NA", "KA")).manifest
    manifest.write(tmp_path / "manifest.parquet", table, header={})
    for each in (table, manifest.read(tmp_path / "manifest.parquet")[0]):
        assert each["subject"].value_counts().to_dict() == {"NA": 21, "KA": 21}
        assert not each["subject"].isna().any()


def test_the_default_folds_leave_one_person_out(tmp_path):
    folds = build_folds(run(build(tmp_path, *SUBJECTS)).manifest, FoldSettings())
    assert sorted(folds.subjects(number) for number in range(len(folds))) == [(name,) for name in sorted(SUBJECTS)]


@pytest.mark.parametrize("suffix", ["tiff", "TIF", "tiff.bmp", "jpg", "png"])
def test_converted_copies_are_read_and_make_no_second_picture(tmp_path, suffix):
    build(tmp_path, "KA")
    build(tmp_path / "converted", "KA", suffix=suffix)
    result = run(tmp_path)
    assert len(result.manifest) == 21
    assert len(run(tmp_path / "converted").manifest) == 21
    assert any("second copy" in note for note in result.notes)


def test_missing_takes_are_normal_and_a_missing_neutral_face_is_told(tmp_path):
    build(tmp_path, "KM", "KA")
    (next(tmp_path.glob("KM.DI2.*"))).unlink()
    for path in tmp_path.glob("KA.NE*"):
        path.unlink()
    result = run(tmp_path)
    assert len(result.manifest) == 42 - 4
    assert "KA has no neutral picture, so she takes no part in a prior" in result.notes


def test_other_pictures_are_refused(tmp_path):
    (tmp_path / "happy").mkdir()
    (tmp_path / "happy/1.png").touch()
    with pytest.raises(DataError, match="do not say who is shown: take them as --dataset folder"):
        run(tmp_path)


def test_the_published_counts_add_up():
    assert sum(JAFFE.info.images.values()) + JAFFE.facts.release["neutral pictures"] == 213
