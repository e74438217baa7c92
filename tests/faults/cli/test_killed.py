"""``facemotion align --workers 2`` whose main process is killed at any moment: no worker lives on, nothing is lost."""

import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

COMMAND = (sys.executable, "-c", "from facemotion_cli.root import main; main()")
PATIENCE = 120
"""Seconds until a process that does not end is a failure."""
PICTURES = 360  # two shards, of which the second is worth a worker
KILLS = 2


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return class folders of small pictures of one face, each moved a little."""
    photo = Image.fromarray(skimage.data.astronaut()[30:230, 125:315]).resize((95, 100))
    pixels, noise = np.array(photo), np.random.default_rng(0)
    for number in range(PICTURES):
        folder = tmp_path / "tree" / ("happy", "angry")[number % 2] / f"S{number % 10}"
        folder.mkdir(parents=True, exist_ok=True)
        picture = np.roll(pixels, number % 7, axis=1) + noise.integers(0, 3, pixels.shape, dtype=np.uint8)
        Image.fromarray(picture).save(folder / f"{number:03d}.bmp")
    return tmp_path / "tree"


def begun(tree: Path, work: str, *options: str) -> subprocess.Popen:
    arguments = ("align", "--dataset", "folder", "--root", tree, "--work", work, "--workers", "2", *options)
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def ended(process: subprocess.Popen) -> str:
    """Wait until neither the process nor a worker of it, which shares its output, is there; return the output."""
    try:
        return process.communicate(timeout=PATIENCE)[0]
    except subprocess.TimeoutExpired:
        pytest.fail("a worker lives on")


def made(work: str) -> dict[str, bytes]:
    """Return what the alignment with other settings holds: beside the killed one, where that was whole already."""
    top = Path(work) / "folder"
    beside = sorted((top / "alignments").glob("fit-eyes-nose-*"))
    place = beside[0] if beside else top
    kept = [path for kind in ("aligned", "crops", "parts") for path in (place / kind).iterdir()]
    kept += [place / "faces.parquet", place / "contact-sheet.png"]
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in kept}


def test_a_killed_command_leaves_no_worker_and_a_rerun_with_other_settings_its_own_bytes(tree: Path) -> None:
    start = time.monotonic()
    told = ended(begun(tree, "undisturbed", "--fit", "eyes-nose"))
    lasted = time.monotonic() - start
    assert f"aligned {PICTURES} of {PICTURES} frames" in told
    moments, killed, work = random.Random(0), 0, "killed"
    while killed < KILLS:
        process = begun(tree, work)
        try:
            process.wait(timeout=moments.uniform(0.3, 0.9) * lasted)
        except subprocess.TimeoutExpired:
            process.kill()
        ended(process)
        killed += process.returncode != 0
        if process.returncode == 0:  # the machine is faster now than when it was timed
            work, lasted = f"{work}-", lasted / 2
    assert "Traceback" not in ended(begun(tree, work, "--fit", "eyes-nose"))
    assert made(work) == made("undisturbed")
