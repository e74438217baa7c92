"""What people get wrong: each ends in one clear sentence and a non-zero exit, with nothing half-written."""

import shutil
from pathlib import Path

import pytest

from facemotion import tables

WORK = Path("facemotion-work")


def written() -> list[Path]:
    return [path for path in WORK.rglob("*") if path.is_file() and path.name != ".lock"]


@pytest.mark.parametrize("command", [("ingest", "--dataset"), ("align", "--dataset"), ("build-priors", "--source")])
def test_a_root_that_does_not_exist(run, command):
    output = run(*command, "ckplus", "--root", "nowhere", fails=True).output
    assert "nowhere does not exist" in output.replace("\n", " ")
    assert written() == []


def test_no_root_at_all(run):
    output = run("ingest", "--dataset", "ckplus", fails=True).output
    assert "$FACEMOTION_CKPLUS_ROOT" in output


def test_an_unknown_dataset(run):
    assert "unknown dataset 'ck'" in run("ingest", "--dataset", "ck", fails=True).output


def test_a_folder_that_is_not_ckplus(run, tmp_path):
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "beach.jpg").touch()
    output = run("build-priors", "--source", "ckplus", "--root", tmp_path / "holiday", fails=True).output
    assert "is not CK+" in " ".join(output.split())
    assert written() == []


def test_a_truncated_picture_is_a_row_and_the_rest_goes_on(run, rendered, tmp_path):
    root = tmp_path / "tree"
    shutil.copytree(rendered, root)
    victims = sorted(root.rglob("S*_*_*.png"))
    victims = [path for path in victims if not path.name.startswith("._") and "__MACOSX" not in path.parts]
    victims[0].write_bytes(victims[0].read_bytes()[:500])
    victims[1].write_bytes(b"")
    output = run("align", "--dataset", "ckplus", "--root", root, "--workers", 1).output
    assert "unreadable: 2" in output
    faces = tables.read_table(WORK / "ckplus/faces.parquet")[0].set_index("sample_id")
    for victim in victims[:2]:
        assert faces.loc[victim.stem, "status"] == "unreadable"
        assert faces.loc[victim.stem, "row"] == -1
        assert f"{victim.stem}: {faces.loc[victim.stem, 'message']}" in output
    run("align", "--dataset", "ckplus", "--root", root, "--force", "--workers", 1, "--max-failures", 1, fails=True)


def test_an_unwritable_workspace(run, rendered, tmp_path):
    (tmp_path / "file").touch()
    output = run("ingest", "--dataset", "ckplus", "--root", rendered, "--work", tmp_path / "file", fails=True).output
    assert "cannot write" in output


def test_a_setting_out_of_range_stops_before_anything_is_written(run, rendered):
    output = run("align", "--dataset", "ckplus", "--root", rendered, "--min-face", 7, fails=True).output
    assert "min_face" in output
    assert written() == []


def test_more_folds_than_subjects(run, rendered):
    output = run("folds", "--dataset", "ckplus", "--root", rendered, "--folds", 10, fails=True).output
    advice = "10 folds need at least 10 subjects, but there are 4: `facemotion folds --dataset ckplus --folds 4`"
    assert advice in " ".join(output.replace("│", " ").split())


def test_fewer_subjects_than_the_usual_folds_are_dealt_as_they_can_be_and_give_a_bank(run, rendered):
    output = run("build-priors", "--source", "ckplus", "--root", rendered, "--workers", 1).output
    assert "there are 4 subjects, so 4 folds, not 10: one subject is tested in each" in output
    assert "priors of 4 folds and of all subjects in ckplus.npz" in output
    again = run("folds", "--dataset", "ckplus").output
    assert "folds is up to date" in again


def test_an_output_that_is_no_npz(run, rendered):
    output = run("build-priors", "--source", "ckplus", "--root", rendered, "-o", "x.json", fails=True).output
    assert "give -o x.npz" in output


def test_a_prior_whose_file_is_truncated_or_foreign(run):
    Path("p.npz").write_bytes(b"PK")
    assert run("train", "--priors", "p.npz", fails=True).output.strip()
    assert run("train", "--priors", "none.npz", fails=True).output.strip()
