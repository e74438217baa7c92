"""Shared manifests verified on other files: another light, another tree, nothing in common."""

from pathlib import Path

import pytest

from facemotion import sharing

SEQUENCES = {f"S{subject:03d}_{session:03d}": (3, 6) for subject in (5, 10, 11) for session in (1, 2)}


@pytest.fixture
def oulu(tmp_path) -> Path:
    """Return frames that have the same names in both lights."""
    for light in ("Strong", "Dark"):
        for number in range(5):
            path = tmp_path / f"oulu/VL/{light}/P001/Anger/{number:03d}.jpeg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(f"{light} {number}".encode())
    return tmp_path / "oulu"


class TestSettings:
    def test_frames_of_another_light_are_not_verified_by_their_names(self, run, oulu):
        run("ingest", "--dataset", "oulu-casia", "--root", oulu, "--light", "Dark")
        run("manifest", "export", "--dataset", "oulu-casia", "-o", "shared.csv")
        run("ingest", "--dataset", "oulu-casia", "--root", oulu, "--work", "another")
        output = run("manifest", "verify", "shared.csv", "--root", oulu, "--work", "another", fails=True).output
        assert "light is 'Dark' in the shared file and 'Strong' in yours" in output
        assert "4 sources have the same names in other folders, and can be others, by the settings" in output
        assert output.endswith("NOT VERIFIED\n")

    def test_a_default_that_was_given_is_no_difference(self, run, oulu):
        run("ingest", "--dataset", "oulu-casia", "--root", oulu, "--light", "Strong")
        run("manifest", "export", "--dataset", "oulu-casia", "-o", "shared.csv")
        run("ingest", "--dataset", "oulu-casia", "--root", oulu, "--work", "another")
        output = run("manifest", "verify", "shared.csv", "--root", oulu, "--work", "another").output
        assert "other settings" not in output

    def test_settings_that_select_the_same_files_are_no_difference(self, run, tmp_path):
        for label in ("anger", "fear"):
            (tmp_path / "tree" / label / "p1").mkdir(parents=True)
            (tmp_path / "tree" / label / "p1/1.png").touch()
        run("ingest", "--dataset", "folder", "--root", tmp_path / "tree", "--label-map", "anger=anger")
        run("manifest", "export", "--dataset", "folder", "-o", "shared.csv", "--with-labels")
        run("ingest", "--dataset", "folder", "--root", tmp_path / "tree", "--work", "another")
        output = run("manifest", "verify", "shared.csv", "--root", tmp_path / "tree", "--work", "another").output
        assert "ingested with other settings: label_map is {'anger': 'anger'} in the shared file" in output
        assert output.endswith("\nverified\n")


class TestOtherTrees:
    def test_ones_own_ingest_stays_as_it_is(self, run, ck_tree):
        own = ck_tree(SEQUENCES)
        run("manifest", "export", "--dataset", "ckplus", "--root", own, "-o", "shared.csv")
        manifest = Path("facemotion-work/ckplus/manifest.parquet")
        before = manifest.read_bytes()
        less = ck_tree({"S005_001": (3, 6)}, root="less")
        output = run("manifest", "verify", "shared.csv", "--root", less, fails=True).output
        assert "what is ingested in facemotion-work is of another tree, and stays as it is" in output
        assert "missing in yours: 20 rows" in output
        assert manifest.read_bytes() == before

    def test_one_without_a_common_row_is_compared_too(self, run, ck_tree):
        run("manifest", "export", "--dataset", "ckplus", "--root", ck_tree(SEQUENCES), "-o", "shared.csv")
        other = ck_tree({"S099_001": (3, 6)}, root="other")
        output = run("manifest", "verify", "shared.csv", "--root", other, "--work", "another", fails=True).output
        assert "ckplus: 0 rows in both" in output
        assert output.endswith("NOT VERIFIED\n")


class TestFiles:
    @pytest.mark.parametrize("suffix", ["CSV", "Jsonl", "PARQUET"])
    def test_the_case_of_a_suffix_does_not_matter(self, run, ck_tree, suffix):
        tree = ck_tree(SEQUENCES)
        run("manifest", "export", "--dataset", "ckplus", "--root", tree, "-o", f"shared.{suffix}")
        assert run("manifest", "verify", f"shared.{suffix}", "--root", tree).output.endswith("\nverified\n")

    def test_labels_whose_digest_was_lost_are_not_said_to_differ(self, run, ck_tree):
        tree = ck_tree(SEQUENCES)
        run("manifest", "export", "--dataset", "ckplus", "--root", tree, "-o", "shared.jsonl")
        shared = sharing.read_shared(Path("shared.jsonl"))
        del shared.header["labels_digest"]
        sharing.write_shared(Path("edited.jsonl"), shared)
        output = run("manifest", "verify", "edited.jsonl", "--root", tree, fails=True).output
        assert "not compared: labels, since the shared file has lost their digest" in output
        assert "some differ" not in output
