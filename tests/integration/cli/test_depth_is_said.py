"""Pictures whose samples have fewer bits than their 16-bit files: read in full range, and said by align and predict."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from facemotion import demo
from facemotion.inference.sources import find_sources
from facemotion.landmarks.faces import Failure


@pytest.fixture(scope="module")
def rendered_face() -> np.ndarray:
    return demo.render_face(1, "happiness")[0]


def written(root: Path, image: np.ndarray, bits: int) -> Path:
    """Write a face as a 16-bit PNG file whose samples have some bits, as a dataset of class folders."""
    path = root / "happy" / "ann" / "0.png"
    path.parent.mkdir(parents=True)
    samples = (image[..., ::-1].astype(np.float64) / image.max() * ((1 << bits) - 1)).astype(np.uint16)
    cv2.imwrite(str(path), samples)
    return path


@pytest.mark.parametrize("bits", [8, 12])
def test_align_says_of_how_many_bits_it_took_them(run, rendered_face, tmp_path, bits):
    root = tmp_path / "root"
    path = written(root, rendered_face, bits)
    common = ("--dataset", "folder", "--root", root, "--workers", "1", "--quiet")
    note = f"1 16-bit picture looked at: largest sample {(1 << bits) - 1}; they are read as of {bits} bits"
    lines = [json.loads(line) for line in run("align", *common, "--json").stdout.splitlines()]
    assert note in [each["text"].strip() for each in lines if each["event"] == "said"]
    assert lines[-1]["figures"] == {"frames": 1, "status": {"ok": 1}, "synthetic": False}
    assert note in run("align", *common, "--force").output
    sources = find_sources(path)  # what predict says of them
    assert sources.notes == [note]
    [(_, _, image)] = sources.frames()
    assert not isinstance(image, Failure)
    assert image.max() == 255


def test_nothing_is_said_of_pictures_that_are_what_they_seem(run, rendered_face, tmp_path):
    root = tmp_path / "root"
    written(root, rendered_face, 16)
    assert "16-bit" not in run("align", "--dataset", "folder", "--root", root, "--workers", "1").output
