"""The campaign of `benchmarks/faults.py`, reduced: commands are killed, cannot write, or are given odd files."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from facemotion.config import DemoSettings
from facemotion.demo import render_ckplus

SCRIPT = Path(__file__).parents[2] / "benchmarks/faults.py"
SMALL = ("--kills", "3", "--media", "20", "--artefacts", "10", "--calls", "1", "--lanes", "1")
STAGES = ("--stages", "ingest", "folds")
NONE = ("differing reruns", "failed reruns", "orphans", "failed commands", "files without a row", "tracebacks", "hangs")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes as Linux tells of them")
def test_nothing_is_lost_and_nothing_is_let_in(tmp_path):
    output = tmp_path / "faults.json"
    faces = DemoSettings(subjects=2, frames=4, size=(96, 96))
    render_ckplus(tmp_path / "work/tree", faces, workers=1, clean=True)  # a tree that is there is taken as it is
    command = [
        sys.executable,
        str(SCRIPT),
        *SMALL,
        *STAGES,
        "--folder",
        str(tmp_path / "work"),
        "--output",
        str(output),
    ]
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(output.read_text())
    parts = {name: found[name] for name in ("kills", "writes", "media", "artefacts")}
    assert {name: part[bad] for name, part in parts.items() for bad in NONE if part.get(bad)} == {}, found
    assert parts["kills"]["kills"] >= 3
    assert parts["writes"]["fail"] == parts["writes"]["kill"] == parts["writes"]["full"] == 2
    assert (parts["media"]["files"], parts["artefacts"]["artefacts"]) == (20, 10)
    assert parts["artefacts"]["refused"] > 0
