"""Terminals and pipes of other encodings, and names that would steer them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image


def facemotion(*arguments: str, encoding: str) -> subprocess.CompletedProcess:
    script = "from facemotion_cli.root import main; import sys; main(sys.argv[1:])"
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "NO_COLOR": "1"}
    return subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, env=environment)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("王小明", "bob\x1b[31m"):
        (tmp_path / "happy" / name).mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(tmp_path / "happy" / name / "a.png")
        (tmp_path / "happy" / name / "lost.png").symlink_to(tmp_path / "nothing")
    return tmp_path


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_names_that_an_encoding_lacks_end_no_command(root, encoding):
    done = facemotion("ingest", "--dataset", "folder", "--root", str(root), "--work", "work", encoding=encoding)
    assert done.returncode == 0, done.stderr
    assert b"\x1b" not in done.stdout
    assert rb"bob\x1b[31m" in done.stdout
    name = "王小明".encode(encoding, "backslashreplace")
    assert b"happy/" + name in done.stdout


def test_an_error_that_names_a_file_is_printed_in_any_encoding(root):
    name = "nothing\x1b[2J 王"
    done = facemotion("ingest", "--dataset", "folder", "--root", name, "--work", "work", encoding="cp1252")
    assert done.returncode == 1
    assert rb"nothing\x1b[2J" in done.stderr
    assert b"\x1b" not in done.stderr
    assert rb"\u738b" in done.stderr


def test_commands_print_by_the_one_function():
    import facemotion_cli

    commands = Path(facemotion_cli.__file__).parent
    using = [path.name for path in commands.glob("*.py") if "say=click.echo" in path.read_text("utf-8")]
    assert using == []
