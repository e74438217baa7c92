import os
from pathlib import Path

import pytest

from facemotion import workspace
from facemotion.errors import ConfigError, WorkspaceError
from facemotion.workspace import Workspace, atomic_path


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    def write_half(path: Path) -> None:
        with atomic_path(path) as temporary:
            temporary.write_text("half of the n")
            raise RuntimeError

    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError):
        write_half(path)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_folder_is_replaced_whole(tmp_path):
    target = tmp_path / "tree"
    (target / "old").mkdir(parents=True)
    with atomic_path(target) as temporary:
        (temporary / "new").mkdir(parents=True)
    assert [path.name for path in target.iterdir()] == ["new"]


def test_the_temporary_name_keeps_the_suffix(tmp_path):
    with atomic_path(tmp_path / "a.npz") as temporary:
        assert temporary.suffix == ".npz"
        temporary.touch()


def test_a_parent_that_is_a_file_is_one_clear_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceError, match=r"cannot write .*choose another place with --work or -o"):
        workspace.write_text(tmp_path / "file" / "a.txt", "x")


def test_other_peoples_errors_pass_through(tmp_path):
    with pytest.raises(FileNotFoundError), atomic_path(tmp_path / "a.txt"):
        (tmp_path / "elsewhere" / "b").read_text()


def test_json_refuses_nan_and_keeps_order(tmp_path):
    workspace.write_json(tmp_path / "a.json", {"b": 1, "a": [1.5, None]})
    assert (tmp_path / "a.json").read_text().index('"b"') < (tmp_path / "a.json").read_text().index('"a"')
    with pytest.raises(ValueError, match="not JSON compliant"):
        workspace.write_json(tmp_path / "b.json", float("nan"))


def test_broken_json_is_named(tmp_path):
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(WorkspaceError, match=r"a\.json is not JSON"):
        workspace.read_json(tmp_path / "a.json")


def test_the_workspace_comes_from_the_argument_then_the_environment(tmp_path, monkeypatch):
    assert Workspace().root == Path("facemotion-work")
    monkeypatch.setenv("FACEMOTION_WORK", str(tmp_path))
    assert Workspace().root == tmp_path
    assert Workspace("here").root == Path("here")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("FACEMOTION_WORK", "~/work")
    assert Workspace().root == tmp_path / "work"


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\\b"])
def test_a_run_name_stays_inside_the_workspace(name):
    with pytest.raises(ConfigError, match="a run name is one folder name"):
        Workspace().run(name)


def test_a_second_process_is_refused_at_once(tmp_path):
    space = Workspace(tmp_path)
    with space.lock(tmp_path / "demo"), pytest.raises(WorkspaceError, match="another facemotion process"):
        with space.lock(tmp_path / "demo"):
            pass


def test_an_unwritable_workspace_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceError, match="cannot write"):
        Workspace(tmp_path / "file").check_writable()
