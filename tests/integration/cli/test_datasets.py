import json
import tomllib
from pathlib import Path

import pytest

from facemotion import datasets

TOML = """# my roots
title = "mine"  # kept

[roots]  # where they lie
mmi = '/data/mmi' # the old disk
# oulu-casia = "somewhere"

[training]
epochs = 3
"""


@pytest.fixture(autouse=True)
def commands(monkeypatch):
    from facemotion_cli import root

    monkeypatch.setitem(root.COMMANDS, "datasets", root.COMMANDS.get("datasets", "Datasets."))


def listed(run) -> dict[str, dict]:
    return {entry["name"]: entry for entry in json.loads(run("datasets", "--json").output)}


def test_every_dataset_is_listed_with_licence_and_access(run):
    found = listed(run)
    output = run("datasets").output
    assert sorted(found) == datasets.names()
    for name, entry in found.items():
        info = datasets.load(name).info
        assert (entry["title"], entry["licence"], entry["access"]) == (info.title, info.licence, info.access)
        for text in (f"{name}: {info.title}", info.licence, info.access):
            assert text in " ".join(output.split())
    assert found["ckplus"]["root"] is None
    assert "`facemotion datasets set ckplus FOLDER`" in " ".join(output.split())
    assert max(map(len, output.splitlines())) <= 80


def test_what_names_a_root_is_said_and_whether_it_was_found(run, tmp_path, monkeypatch):
    (tmp_path / "ck").mkdir()
    Path("facemotion.toml").write_text('[roots]\nckplus = "ck"\nmmi = "gone"\n')
    monkeypatch.setenv("FACEMOTION_OULU_CASIA_ROOT", str(tmp_path / "ck"))
    found = listed(run)
    assert (found["ckplus"]["found"], found["ckplus"]["configured_by"]) == (True, "[roots] in facemotion.toml")
    assert (found["mmi"]["root"], found["mmi"]["found"]) == ("gone", False)
    assert found["oulu-casia"]["configured_by"] == "$FACEMOTION_OULU_CASIA_ROOT"
    assert "NOT FOUND: gone (from [roots] in facemotion.toml)" in run("datasets").output


def test_the_demo_lies_in_the_workspace(run, tmp_path):
    assert "not rendered yet" in run("datasets", "--work", "w").output
    (tmp_path / "w" / "demo" / "frames").mkdir(parents=True)
    output = run("datasets", "--work", "w").output
    assert "not rendered yet" not in output


def test_set_writes_the_root_absolute_and_the_list_finds_it(run, tmp_path):
    (tmp_path / "data" / "ck").mkdir(parents=True)
    output = run("datasets", "set", "ckplus", "data/ck").output
    assert str(tmp_path / "data" / "ck") in output
    assert tomllib.loads(Path("facemotion.toml").read_text()) == {"roots": {"ckplus": str(tmp_path / "data" / "ck")}}
    assert listed(run)["ckplus"]["found"]


def test_set_is_used_by_ingest(run, ck_tree):
    run("datasets", "set", "ckplus", ck_tree({"S005_001": (3, 6), "S010_001": (5, 6)}))
    assert "2 subjects" in run("ingest", "--dataset", "ckplus").output


def test_everything_else_in_the_file_stays(run, tmp_path):
    Path("facemotion.toml").write_text(TOML)
    (tmp_path / "ck").mkdir()
    run("datasets", "set", "ckplus", "ck")
    run("datasets", "set", "mmi", "ck")
    text = Path("facemotion.toml").read_text()
    assert tomllib.loads(text) == {
        "title": "mine",
        "roots": {"mmi": str(tmp_path / "ck"), "ckplus": str(tmp_path / "ck")},
        "training": {"epochs": 3},
    }
    for comment in ("# my roots", "# kept", "# where they lie", "# the old disk", '# oulu-casia = "somewhere"'):
        assert comment in text


@pytest.mark.parametrize(
    "text",
    [
        'roots = { mmi = "m" }\n',
        'roots.mmi = "m"\nother = 1\n',
        '[a]\nx = 1\n[roots]\nmmi = "m"\n[b]\n',
        '[roots]\r\nmmi = "m"\r\n',
        '\ufeff[roots]\nmmi = "m"\n',
    ],
)
def test_every_way_to_write_the_table_is_edited(run, tmp_path, text):
    Path("facemotion.toml").write_bytes(text.encode())
    before = tomllib.loads(text.replace("\r\n", "\n").removeprefix("\ufeff"))
    (tmp_path / "ck").mkdir()
    run("datasets", "set", "ckplus", "ck")
    after = tomllib.loads(Path("facemotion.toml").read_bytes().decode().replace("\r\n", "\n"))
    assert after == {**before, "roots": {"mmi": "m", "ckplus": str(tmp_path / "ck")}}
    run("datasets", "unset", "ckplus")
    assert tomllib.loads(Path("facemotion.toml").read_bytes().decode().replace("\r\n", "\n")) == before
    assert ("\r\n" in text) == (b"\r\n" in Path("facemotion.toml").read_bytes())


def test_unset_gives_the_file_back(run, tmp_path):
    Path("facemotion.toml").write_text(TOML)
    (tmp_path / "ck").mkdir()
    run("datasets", "set", "ckplus", "ck")
    run("datasets", "unset", "ckplus")
    assert tomllib.loads(Path("facemotion.toml").read_text()) == tomllib.loads(TOML)
    assert "names no root for ckplus" in run("datasets", "unset", "ckplus", fails=True).output


def test_a_variable_that_comes_first_is_said(run, tmp_path, monkeypatch):
    (tmp_path / "ck").mkdir()
    monkeypatch.setenv("FACEMOTION_CKPLUS_ROOT", "elsewhere")
    assert "$FACEMOTION_CKPLUS_ROOT is set too, and comes first" in run("datasets", "set", "ckplus", "ck").output


@pytest.mark.parametrize(
    ("arguments", "text", "sentence"),
    [
        (("set", "cifar", "."), None, "unknown dataset 'cifar': expected one of"),
        (("unset", "cifar"), None, "unknown dataset 'cifar'"),
        (("set", "ckplus", "gone"), None, "gone does not exist; give the folder that holds CK+"),
        (("set", "ckplus", "ck.zip"), None, "ck.zip is a file; give the folder that holds CK+"),
        (("set", "ckplus", "."), "[roots\n", "mend it first, nothing was changed"),
        (("set", "ckplus", "."), "roots = 3\n", "is not a table"),
        (("--json", "set", "ckplus", "."), None, "--json and --work are about the list"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_is_written(run, arguments, text, sentence):
    Path("ck.zip").touch()
    if text is not None:
        Path("facemotion.toml").write_text(text)
    output = " ".join(run("datasets", *arguments, fails=True).output.replace("│", " ").split())
    assert sentence in output
    assert (Path("facemotion.toml").read_text() if text is not None else None) == text
    assert text is not None or not Path("facemotion.toml").exists()


def test_a_link_to_the_file_stays_a_link(run, tmp_path):
    (tmp_path / "ck").mkdir()
    (tmp_path / "real.toml").write_text("# mine\n")
    Path("facemotion.toml").symlink_to("real.toml")
    run("datasets", "set", "ckplus", "ck")
    assert Path("facemotion.toml").is_symlink()
    assert "ckplus" in (tmp_path / "real.toml").read_text()
