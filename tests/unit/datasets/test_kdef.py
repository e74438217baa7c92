"""KDEF: who is shown, which neutral face belongs to whom, and what real copies hold besides."""

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from facemotion.datasets.kdef import DATASET as KDEF
from facemotion.datasets.kdef.info import BLACK, CODES, FACTS, SUBJECTS
from facemotion.datasets.kdef.selection import shot_of
from facemotion.errors import ConfigError, DataError
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree

GRAY = cv2.imencode(".jpg", np.full((24, 18, 3), 128, np.uint8))[1].tobytes()
DARK = cv2.imencode(".jpg", np.zeros((24, 18, 3), np.uint8))[1].tobytes()


def build(root: Path, *people: str, angles=("S",), codes=tuple(CODES)) -> Path:
    for person in people:
        (root / person).mkdir(parents=True)
        for code in codes:
            for angle in angles:
                (root / person / f"{person}{code}{angle}.JPG").write_bytes(GRAY)
    return root


def run(root: Path, **options) -> Ingest:
    return KDEF.ingest(Tree.read(root, "KDEF"), KDEF.choose(options))


def test_two_sessions_are_one_person_with_a_neutral_face_each(tmp_path):
    table = run(build(tmp_path, "AF01", "BF01", "AM01")).manifest
    assert sorted(set(table["subject"])) == ["F01", "M01"]
    assert sorted(set(table["sequence"])) == ["F01_A", "F01_B", "M01_A"]
    neutral = table[table["role"] == "neutral"].set_index("sequence")["source"].to_dict()
    assert neutral == {"F01_A": "AF01/AF01NES.JPG", "F01_B": "BF01/BF01NES.JPG", "M01_A": "AM01/AM01NES.JPG"}
    assert KDEF.info.neutral == "sequence"


def test_af_is_afraid(tmp_path):
    table = run(build(tmp_path, "AF01")).manifest.set_index("sample_id")
    assert table.loc["AF01AFS", "expression"] == "fear"
    assert table.loc["AF01SAS", "expression"] == "sadness"


def test_the_view_is_chosen(tmp_path):
    build(tmp_path, "AF01", angles=("S", "HL"))
    assert set(run(tmp_path).manifest["sample_id"].str[6:]) == {"S"}
    assert set(run(tmp_path, view="half-left").manifest["sample_id"].str[6:]) == {"HL"}
    with pytest.raises(DataError, match="none of view full-right, only HL, S"):
        run(tmp_path, view="full-right")
    with pytest.raises(ConfigError, match="view = 'top' is not allowed"):
        run(tmp_path, view="top")


def test_the_two_misnamed_files_are_known(tmp_path):
    build(tmp_path, "AF31", angles=("S", "HL"))
    (tmp_path / "AF31/AF31SAHL.JPG").rename(tmp_path / "AF31/AF31V.JPG")
    result = run(tmp_path, view="half-left")
    assert result.manifest.set_index("sample_id").loc["AF31SAHL", "source"] == "AF31/AF31V.JPG"
    assert any("AF31V.JPG is AF31SAHL" in note for note in result.notes)
    shot = shot_of("AM31H.JPG")
    assert shot is not None
    assert (shot.name, shot.angle) == ("AM31SUHR", "HR")


def test_black_pictures_are_told_by_content_and_against_the_list(tmp_path):
    build(tmp_path, "AF01", angles=("S", "FR"))
    (tmp_path / "AF01/AF01SUFR.JPG").write_bytes(DARK)
    (tmp_path / "AF01/AF01HAFR.JPG").write_bytes(DARK)
    found = {each.item: each.detail for each in run(tmp_path, view="full-right").exclusions}
    assert "as is known of it" in found.pop("AF01/AF01SUFR.JPG")
    assert "is the copy damaged" in found.pop("AF01/AF01HAFR.JPG")
    assert found == {}
    assert not any(name.endswith("S") for name in BLACK)  # no straight view


def test_a_picture_that_does_not_decode_is_left_to_alignment(tmp_path):
    build(tmp_path, "AF01")
    (tmp_path / "AF01/AF01HAS.JPG").write_bytes(b"no picture")
    assert "AF01HAS" in set(run(tmp_path).manifest["sample_id"])


def test_averaged_faces_are_nobody(tmp_path):
    build(tmp_path / "KDEF", "AF01")
    (tmp_path / "AKDEF").mkdir()
    (tmp_path / "AKDEF/FAFFL.JPG").write_bytes(GRAY)
    assert set(run(tmp_path).manifest["subject"]) == {"F01"}


def test_mirrors_and_morphs_are_refused_by_name(tmp_path):
    for word in ("happy", "sad"):
        (tmp_path / "mirror" / word).mkdir(parents=True)
        (tmp_path / "mirror" / word / "12.jpg").write_bytes(GRAY)
    with pytest.raises(DataError, match=r"a mirror in class folders.*--dataset folder"):
        run(tmp_path / "mirror")
    build(tmp_path / "morphs/KDEF-dyn", "AF01")
    with pytest.raises(DataError, match="KDEF-dyn holds morphs"):
        run(tmp_path / "morphs")


def test_the_published_digests_are_those_of_the_rule_of_the_names():
    people = [f"{session}{subject}" for session in "AB" for subject in SUBJECTS]
    for angles, digest in (
        (("S",), FACTS.digests["names of the straight views"]),
        (("FL", "HL", "S", "HR", "FR"), FACTS.digests["names of all pictures"]),
    ):
        names = sorted(f"{person}{code}{angle}.JPG" for person in people for code in CODES for angle in angles)
        assert hashlib.sha256("".join(f"{name}\n" for name in names).encode()).hexdigest() == digest
