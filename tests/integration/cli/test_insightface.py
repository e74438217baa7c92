"""``facemotion align --model-pack`` on pictures whose faces are red squares."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from facemotion import manifest, tables
from facemotion.workspace import digest_file

FACES = Path("facemotion-work/ckplus/faces.parquet")
POINTS = np.array([[-40, -40], [40, -40], [0, 0], [-32, 44], [32, 44]]) + 4.0


@pytest.fixture
def tree(ck_tree: Callable[..., Path]) -> Path:
    """Return a tree of two subjects; the square of frame n lies at (240 + 8 n, 160)."""
    root = ck_tree({"S005_001": (3, 5), "S010_002": (5, 6)})
    for path in root.rglob("*.png"):
        picture = np.full((480, 640, 3), 90, np.uint8)
        left = 240 + 8 * int(path.stem.split("_")[-1])
        picture[160:168, left : left + 8] = (0, 0, 255)  # OpenCV writes blue, green, red
        cv2.imwrite(str(path), picture)
    return root


def detector(build_detector: Callable[..., Path], path: Path, *, nose: float = 0.0) -> Path:
    kernel = np.broadcast_to(np.reshape([1, -0.5, -0.5], (3, 1, 1)), (3, 8, 8)) / 128
    return build_detector(path, {8: (kernel, np.array([60, 70, 68, 78]), POINTS + nose)})


def test_align_by_a_model_pack(run, tree, build_detector) -> None:
    path = detector(build_detector, Path("packs/buffalo_x/det_1g.onnx"))
    arguments = ("align", "--dataset", "ckplus", "--root", tree, "--workers", 2)
    told = run(*arguments, "--model-pack", path.parent).output
    assert told.count("non-commercial research only") == 1
    rows, (faces, header) = manifest.read(FACES.with_name("manifest.parquet"))[0], tables.read_table(FACES)
    assert set(faces["status"]) == {"ok"}
    assert set(faces["detector"]) == {"insightface"}
    corners = np.stack([240 + 8 * rows["frame"].to_numpy(), np.full(len(rows), 160)], axis=1)
    found = np.stack(faces["landmarks"].to_list()).reshape(-1, 5, 2)
    np.testing.assert_allclose(found, corners[:, None] + POINTS, atol=1e-3)
    assert header["settings"]["landmarks"]["model_pack"] == {"name": path.name, "sha256": digest_file(path)}
    assert str(path.parent).encode() not in FACES.read_bytes()

    again = run(*arguments, "--landmarks", "insightface", "--model-pack", path).output  # the same file, named itself
    assert "up to date" in again
    assert "non-commercial" not in again

    other = detector(build_detector, Path("packs/det_other.onnx"), nose=2.0)
    run(*arguments, "--model-pack", other)
    (beside,) = (FACES.parent / "alignments").iterdir()
    moved, new = tables.read_table(beside / FACES.name)
    np.testing.assert_allclose(np.stack(moved["landmarks"].to_list()), found.reshape(-1, 10) + 2, atol=1e-3)
    assert new["settings"]["landmarks"]["model_pack"]["sha256"] == digest_file(other)
    assert new["alignment"] != header["alignment"]


def test_a_wrong_pack_stops_before_anything_is_written(run, tree) -> None:
    arguments = ("align", "--dataset", "ckplus", "--root", tree)
    assert "--model-pack: no does not exist" in run(*arguments, "--model-pack", "no", fails=True).output
    assert "needs a model pack" in run(*arguments, "--landmarks", "insightface", fails=True).output
    assert not FACES.exists()
