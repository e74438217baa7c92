"""``facemotion align --workers 2`` whose main process is killed at any moment: no worker lives on, nothing is lost."""

import random
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

PROGRAM = """
from facemotion.alignment.settings import AlignSettings
AlignSettings.model_fields["shard_size"].default = 24  # as if there were ten times as many pictures
AlignSettings.model_rebuild(force=True)
from facemotion_cli.root import main
main()
"""
COMMAND = (sys.executable, "-c", PROGRAM)
PATIENCE = 120
"""Seconds until a process that does not end is a failure."""
PICTURES = 96  # four shards, so that two workers are worth while


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


def killed(process: subprocess.Popen, due: Callable[[], bool]) -> bool:
    """Kill a process as soon as it is due; return whether it had not ended before."""
    while process.poll() is None and not due():
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.002)
    process.kill()
    ended(process)
    return process.returncode != 0


def at_work(work: str) -> bool:
    """Return whether a shard is written: others are under way, then."""
    return any(Path(work, "folder/parts").glob("*.parquet"))


def past(moment: float) -> bool:
    return time.monotonic() > moment


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
    told = ended(begun(tree, "undisturbed", "--fit", "eyes-nose", "--workers", "1"))
    lasted = time.monotonic() - start
    assert f"aligned {PICTURES} of {PICTURES} frames" in told
    moments, work = random.Random(0), "killed"
    while not killed(begun(tree, work), partial(at_work, work)):
        work = f"{work}-"  # it had ended before that was seen
    for seconds in (moments.uniform(0.3, 0.9) * lasted / 2**faster for faster in count()):
        if killed(begun(tree, work), partial(past, time.monotonic() + seconds)):
            break
        work = f"{work}-"  # the machine is faster now than when it was timed
    assert "Traceback" not in ended(begun(tree, work, "--fit", "eyes-nose"))
    assert made(work) == made("undisturbed")
