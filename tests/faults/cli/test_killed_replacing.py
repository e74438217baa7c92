"""``facemotion align`` killed while it makes rows of replaced pictures again: no later run keeps the old crops."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

from facemotion import pipeline
from facemotion.pipeline.context import Context
from facemotion.workspace import Workspace

PICTURES = 6
KILLED = """
import os, signal
from facemotion.alignment import shards
clear, write, left = shards.clear, shards.write_shard, [{shards}]

def killed_clear(*arguments, **options):
    clear(*arguments, **options)
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)

def killed_write(*arguments, **options):
    write(*arguments, **options)
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)

shards.clear, shards.write_shard = killed_clear, killed_write
"""
"""Kills the command after it removed the old table, or after so many shards were written again."""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return class folders of small pictures of one face, each moved a little."""
    for number in range(PICTURES):
        save(tmp_path / "tree", number, shift=number)
    return tmp_path / "tree"


def save(tree: Path, number: int, *, shift: int) -> None:
    folder = tree / ("happy", "angry")[number % 2] / f"S{number}"
    folder.mkdir(parents=True, exist_ok=True)
    pixels = np.array(Image.fromarray(skimage.data.astronaut()[30:230, 125:315]).resize((95, 100)))
    Image.fromarray(np.roll(pixels, shift, axis=1)).save(folder / f"{number:03d}.bmp")


def align(tree: Path, work: Path) -> None:
    context = Context(Workspace(work), workers=1)
    pipeline.align(context, "folder", root=tree, options={}, settings={"shard_size": 2})


def killed(tree: Path, work: Path, *, shards: int) -> None:
    """Run `align` in another process, which is killed: see `KILLED`."""
    code = f"""{KILLED.format(shards=shards)}
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from {Path(__file__).stem} import align
align(Path({str(tree)!r}), Path({str(work)!r}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


def made(work: Path) -> dict[str, bytes]:
    top = work / "folder"
    kept = [path for kind in ("aligned", "crops") for path in sorted((top / kind).iterdir())]
    return {path.name + path.parent.name: path.read_bytes() for path in [*kept, top / "faces.parquet"]}


@pytest.mark.parametrize("shards", [0, 1])
def test_pictures_replaced_before_a_run_that_is_killed(tree: Path, tmp_path: Path, shards: int) -> None:
    align(tree, tmp_path / "work")
    for number in (1, 4):
        save(tree, number, shift=number + 9)
    killed(tree, tmp_path / "work", shards=shards)
    assert not (tmp_path / "work/folder/faces.parquet").exists()
    align(tree, tmp_path / "work")
    align(tree, tmp_path / "fresh")
    assert made(tmp_path / "work") == made(tmp_path / "fresh")


def test_a_picture_replaced_after_a_first_run_was_killed(tree: Path, tmp_path: Path) -> None:
    killed(tree, tmp_path / "work", shards=2)
    save(tree, 0, shift=20)
    align(tree, tmp_path / "work")
    align(tree, tmp_path / "fresh")
    assert made(tmp_path / "work") == made(tmp_path / "fresh")
