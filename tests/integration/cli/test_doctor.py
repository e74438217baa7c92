import importlib.metadata
from pathlib import Path

import numpy as np


def test_a_sound_environment(run) -> None:
    output = run("doctor").output
    for name in ("numpy", "torch", "timm", "av"):
        assert any(line.split() == [name, importlib.metadata.version(name)] for line in output.splitlines()), name
    assert np.__version__ in output
    assert "CPU" in output
    assert "digests right" in output
    assert "with ffmpeg" in output
    assert "\nNothing is wrong.\n" in output
    assert not Path("facemotion-work").exists()


def test_problems_are_told_and_give_exit_code_1(run, monkeypatch) -> None:
    monkeypatch.setenv("FACEMOTION_CKPLUS_ROOT", "nowhere")
    Path("file").touch()
    result = run("doctor", "--work", "file/work", fails=True)
    assert result.exit_code == 1
    assert "1. cannot write file/work" in result.output
    assert "2. the root of ckplus, nowhere, is not a folder: correct $FACEMOTION_CKPLUS_ROOT" in result.output
