"""``facemotion manifest verify``: which settings and which checksums a shared file is compared with."""

import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest

from facemotion import pipeline, sharing
from facemotion.workspace import Workspace

SEQUENCES = {
    f"S{subject:03d}_{session:03d}": (code, 6) for subject in (5, 10, 11) for session, code in ((1, 3), (2, 5))
}


def words(output: str) -> str:
    return " ".join(output.replace("│", " ").split())


def with_checksums(path: Path, root: Path) -> sharing.Shared:
    """Write the shared manifest at `path` again with checksums of the files in `root`."""
    shared = sharing.read_shared(path)
    shared.rows["sha256"] = [hashlib.sha256((root / name).read_bytes()).hexdigest() for name in shared.rows["source"]]
    header = {**shared.header, "rows_digest": sharing.table.rows_digest(shared.rows)}
    sharing.write_shared(path, sharing.Shared(header, shared.rows))
    return shared


def test_checksums_come_with_alignment_and_are_compared(run, rendered, tmp_path):
    run("align", "--dataset", "ckplus", "--root", rendered, "--workers", 1)
    assert "checksums of the sources" in run("manifest", "export", "--dataset", "ckplus", "-o", "shared.jsonl").output
    # the other side has aligned nothing: the files themselves are read
    output = run("manifest", "verify", "shared.jsonl", "--root", rendered, "--work", "another").output
    assert "the manifests are the same" in output
    assert "not compared" not in output
    shared = sharing.read_shared(Path("shared.jsonl"))
    shared.rows.loc[4, "sha256"] = "0" * 64
    header = {**shared.header, "rows_digest": sharing.table.rows_digest(shared.rows)}
    sharing.write_shared(tmp_path / "wrong.jsonl", sharing.Shared(header, shared.rows))
    output = run(
        "manifest", "verify", tmp_path / "wrong.jsonl", "--root", rendered, "--work", "another", fails=True
    ).output
    assert f"another sha256: 1 rows: {shared.rows['sample_id'][4]}" in output


def test_checksums_are_taken_of_the_files_not_of_the_last_alignment(run, rendered, tmp_path, monkeypatch):
    tree = shutil.copytree(rendered, tmp_path / "tree")
    run("align", "--dataset", "ckplus", "--root", tree, "--workers", 1)
    run("manifest", "export", "--dataset", "ckplus", "-o", "shared.csv")
    shared = sharing.read_shared(Path("shared.csv"))
    picture = tree / shared.rows["source"][0]
    data = bytearray(picture.read_bytes())
    data[-20] ^= 1  # of the same size, so that the listing of the tree does not change
    picture.write_bytes(data)
    output = run("manifest", "verify", "shared.csv", "--root", tree, fails=True).output
    assert f"another sha256: 1 rows: {shared.rows['sample_id'][0]}" in output
    monkeypatch.setenv("FACEMOTION_CKPLUS_ROOT", str(tree))
    assert "another sha256: 1 rows" in run("manifest", "verify", "shared.csv", fails=True).output
    monkeypatch.delenv("FACEMOTION_CKPLUS_ROOT")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "another sha256: 1 rows" in run("manifest", "verify", "shared.csv", "--root", "~/tree", fails=True).output
    output = run("manifest", "verify", "shared.csv").output
    assert "checksums are those of your last align, since no root is known: give --root to take them anew" in output
    assert output.endswith("\nverified\n")


def test_a_clip_is_hashed_once_and_as_a_whole(run, mmi_tree):
    run("ingest", "--dataset", "mmi", "--root", mmi_tree)
    run("manifest", "export", "--dataset", "mmi", "--root", mmi_tree, "-o", "shared.csv")
    sources = with_checksums(Path("shared.csv"), mmi_tree).rows["source"]
    assert sources.nunique() < len(sources)
    shown = []

    def progress(items, label, /, *, total=None):
        shown.append((label, total))
        yield from items

    lines = []
    context = pipeline.Context(workspace=Workspace(None), progress=progress, say=lines.append)
    assert pipeline.verify_manifest(context, Path("shared.csv"), root=mmi_tree).ok
    assert shown == [("checking files", sources.nunique())]
    assert "last align" not in "\n".join(lines)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_cannot_be_read_is_named(run, rendered, tmp_path):
    tree = shutil.copytree(rendered, tmp_path / "tree")
    run("manifest", "export", "--dataset", "ckplus", "--root", tree, "-o", "shared.csv")
    shared = with_checksums(Path("shared.csv"), tree)
    (tree / shared.rows["source"][0]).chmod(0)
    output = run("manifest", "verify", "shared.csv", "--root", tree, fails=True).output
    assert f"the file cannot be read: 1 rows: {shared.rows['sample_id'][0]}" in output


class TestFreshWorkspaces:
    """Where nothing is ingested yet, the shared file says how it is to be done."""

    def test_the_settings_of_the_file_are_used(self, run, tmp_path):
        for number in ("0", "1"):
            (tmp_path / "tree" / number / "p1").mkdir(parents=True)
            (tmp_path / "tree" / number / "p1/1.png").touch()
        run("ingest", "--dataset", "folder", "--root", tmp_path / "tree", "--label-map", "0=anger,1=fear")
        run("manifest", "export", "--dataset", "folder", "-o", "shared.csv", "--with-labels")
        output = run("manifest", "verify", "shared.csv", "--root", tmp_path / "tree", "--work", "another").output
        assert "folder: ingesting with the settings of shared.csv: {'label_map': {'0': 'anger', '1': 'fear'}}" in output
        assert "the manifests are the same" in output

    def test_files_that_it_was_made_with_must_be_given_first(self, run, mmi_tree, tmp_path):
        (tmp_path / "sides.csv").write_text("name,side\nS001,left\n")
        run("ingest", "--dataset", "mmi", "--root", mmi_tree, "--sides", tmp_path / "sides.csv")
        run("manifest", "export", "--dataset", "mmi", "--root", mmi_tree, "-o", "shared.csv")
        command = ("manifest", "verify", "shared.csv", "--root", mmi_tree, "--work", "another")
        said = words(run(*command, fails=True).output)
        assert "was made with --sides FILE, and nothing of mmi is ingested here: run `facemotion ingest" in said
        assert not Path("another").exists()

    @pytest.mark.parametrize(
        ("dataset", "settings", "sentence"),
        [
            ("ckplus", {"x": 1}, "unknown setting 'x'; there are none"),
            ("affectnet", {"ids": ["0" * 64] * 2, "faces": 1}, "faces = 1 is not allowed: Input should be greater"),
            ("folder", {"label_space": "basic8"}, "label_space = 'basic8' is not allowed: Input should be 'basic6'"),
            ("folder", {"label_map": {"0": float("inf")}}, "label_map.0 = inf is not allowed"),
        ],
    )
    def test_settings_that_are_none_stop_before_anything_is_read(self, run, ck_tree, dataset, settings, sentence):
        tree = ck_tree(SEQUENCES)
        headed(run, tree, Path("edited.jsonl"), dataset=dataset, ingest_settings=settings)
        said = words(run("manifest", "verify", "edited.jsonl", "--root", tree, "--work", "another", fails=True).output)
        assert f"edited.jsonl: the ingest_settings of its header: {sentence}" in said
        assert not Path("another").exists()

    def test_the_command_that_is_to_be_run_first_has_the_other_settings_too(self, run, ck_tree):
        settings = {"ids": ["0" * 64] * 2, "label_space": "affectnet7", "seed": 3, "faces": None}
        headed(run, ck_tree(SEQUENCES), Path("edited.jsonl"), dataset="affectnet", ingest_settings=settings)
        said = words(run("manifest", "verify", "edited.jsonl", fails=True).output)
        command = "facemotion ingest --dataset affectnet --label-space affectnet7 --draw-seed 3 --ids FILE FILE"
        assert f"nothing of affectnet is ingested here: run `{command}` first" in said

    def test_an_ingest_by_other_settings_is_kept_and_said(self, run, tmp_path):
        for name in ("happy", "sad", "neutral"):
            (tmp_path / "tree" / name / "p1").mkdir(parents=True)
            (tmp_path / "tree" / name / "p1" / f"{name}.png").touch()
        run("ingest", "--dataset", "folder", "--root", tmp_path / "tree", "--label-space", "affectnet7")
        run("manifest", "export", "--dataset", "folder", "-o", "shared.csv", "--with-labels")
        other = ("--dataset", "folder", "--root", tmp_path / "tree", "--work", "another")
        run("ingest", *other, "--label-space", "basic6")
        output = run("manifest", "verify", "shared.csv", *other, fails=True).output
        difference = "label_space is 'affectnet7' in the shared file and 'basic6' in yours"
        assert f"ingested with other settings: {difference} (to use those of the shared file, verify with a" in output
        assert "another role: 1 rows" in output
        assert "ingest is up to date" in run("ingest", *other, "--label-space", "basic6").output
        output = run("manifest", "verify", "shared.csv", *other[:4], "--work", "new").output
        assert "with other settings" not in output
        assert output.endswith("\nverified\n")


def headed(run, tree: Path, path: Path, **changes: object) -> None:
    """Write a shared manifest with another header."""
    run("manifest", "export", "--dataset", "ckplus", "--root", tree, "-o", path)
    header, *rows = path.read_text().splitlines()
    content = {"header": {**json.loads(header)["header"], **changes}}
    path.write_text("\n".join([json.dumps(content), *rows]))
