"""The source insightface, with small detectors in SCRFD's output form that find a red square."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from facemotion import landmarks
from facemotion.alignment.settings import AlignSettings
from facemotion.config import make
from facemotion.errors import ConfigError, EnvironmentProblem
from facemotion.landmarks.faces import LandmarkSource
from facemotion.landmarks.insightface import InsightfaceSettings, detector_file
from facemotion.landmarks.settings import landmark_settings
from facemotion.workspace import digest_file

BOX = np.array([20, 30, 28, 38], float)
"""Distances from the red square's corner to the box's left, top, right and bottom, at the detector's own size."""
POINTS = np.array([[-8.5, -6.25], [10, -6], [1, 4.75], [-6, 14], [8.25, 15]])
"""The five points from the same corner."""
RED = np.array([1, -0.5, -0.5])
"""Weights of red, green and blue: white, black and gray are no face."""


def red_square(side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the head that finds a red square of `side` pixels: score 1 where it fills the cell."""
    return np.broadcast_to(RED[:, None, None], (3, side, side)) / (2 * side * side), BOX, POINTS


def picture(size: tuple[int, int], *squares: tuple[int, int, int]) -> np.ndarray:
    """Return a gray RGB picture of (height, width) with red squares of (x, y, side)."""
    image = np.full((*size, 3), 90, np.uint8)
    for x, y, side in squares:
        image[y : y + side, x : x + side] = (255, 0, 0)
    return image


def source(pack: Path, **settings: object) -> LandmarkSource:
    chosen = {"landmarks": {"source": "insightface", "model_pack": pack, **settings}}
    return landmarks.create(make(AlignSettings, chosen).landmarks)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turn every attempt to reach another machine into a failure."""

    def refuse(*arguments: object) -> None:
        raise AssertionError(f"tried to connect: {arguments[1:]}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def pack(tmp_path: Path, build_detector: Callable[..., Path]) -> Path:
    """Return a pack's folder; beside the detector lies another network, which must not be loaded."""
    build_detector(tmp_path / "buffalo_x" / "det_1g.onnx", {8: red_square(8)})
    (tmp_path / "buffalo_x" / "w600k_r50.onnx").write_bytes(b"not read")
    return tmp_path / "buffalo_x"


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    ("size", "scale"), [((480, 640), 1), ((960, 1280), 2), ((640, 640), 1), ((1280, 960), 2), ((2560, 1920), 4)]
)
def test_box_and_points_are_pixels_of_the_picture(pack: Path, size: tuple[int, int], scale: int) -> None:
    corner = np.array([168, 120]) * scale
    image = picture(size, (*corner, 8 * scale))
    (face,) = source(pack).detect(image, source="a.png", frame=0)
    np.testing.assert_allclose(face.landmarks, corner + POINTS * scale, atol=1e-3)
    np.testing.assert_allclose(face.box, [*(corner - BOX[:2] * scale), *(corner + BOX[2:] * scale)], atol=1e-3)
    assert face.score == pytest.approx(1, abs=0.02)
    assert face.landmarks.dtype == face.box.dtype == np.float32


@pytest.mark.parametrize("stride", [8, 16, 32])
def test_every_stride_finds_its_face(tmp_path: Path, build_detector: Callable[..., Path], stride: int) -> None:
    path = build_detector(tmp_path / "one.onnx", {stride: red_square(stride)})
    (face,) = source(path).detect(picture((640, 640), (320, 96, stride)), source="a.png", frame=0)
    np.testing.assert_allclose(face.landmarks, np.add(POINTS, [320, 96]), atol=1e-3)


def test_a_small_picture_is_enlarged(pack: Path) -> None:
    (face,) = source(pack).detect(picture((80, 80), (40, 24, 1)), source="a.png", frame=0)  # 640 is eight times 80
    np.testing.assert_allclose(face.landmarks, POINTS / 8 + [40, 24], atol=1e-3)


def test_red_is_not_taken_for_blue(pack: Path) -> None:
    found = source(pack)
    image = picture((480, 640), (168, 120, 8))
    assert len(found.detect(image, source="a.png", frame=0)) == 1
    assert found.detect(np.ascontiguousarray(image[:, :, ::-1]), source="a.png", frame=0) == []


def test_a_region_is_looked_at_alone_and_in_its_own_scale(pack: Path) -> None:
    # The window is the region and a quarter of its sides around: 320x320 pixels from (160, 80) on, shown twice as
    # large; so a face of 4 pixels is found there, and the one outside is not looked at.
    image = picture((480, 640), (168 + 80, 120 + 80, 4), (16, 16, 8))
    region = (213.0, 133.0, 213.0, 213.0)
    (face,) = source(pack).detect(image, source="a.png", frame=0, region=region)
    np.testing.assert_allclose(face.landmarks, POINTS / 2 + [248, 200], atol=0.6)


def test_faces_come_best_first_and_small_ones_only_where_there_is_no_other(
    tmp_path: Path, build_detector: Callable[..., Path]
) -> None:
    large = (red_square(32)[0], BOX * 4, POINTS * 4)
    path = build_detector(tmp_path / "two.onnx", {8: red_square(8), 32: large})
    both = picture((640, 640), (320, 320, 32), (80, 80, 8))
    assert [round(face.side) for face in source(path, min_face=0.3).detect(both, source="a.png", frame=0)] == [229]
    everything = source(path, min_face=0.05).detect(both, source="a.png", frame=0)
    assert [face.score for face in everything] == sorted((face.score for face in everything), reverse=True)
    assert {round(face.side) for face in everything} == {57, 229}
    alone = picture((640, 640), (80, 80, 8))
    assert len(source(path, min_face=0.3).detect(alone, source="a.png", frame=0)) == 1


def test_a_detector_with_a_fixed_size_works(tmp_path: Path, build_detector: Callable[..., Path]) -> None:
    path = build_detector(tmp_path / "fixed.onnx", {8: red_square(8)}, size=320)
    (face,) = source(path).detect(picture((320, 240), (80, 40, 8)), source="a.png", frame=0)
    np.testing.assert_allclose(face.landmarks, np.add(POINTS, [80, 40]), atol=1e-3)


def test_a_pack_with_a_manifest_names_its_detector(tmp_path: Path, build_detector: Callable[..., Path]) -> None:
    path = build_detector(tmp_path / "pack" / "eyes.onnx", {8: red_square(8)})
    build_detector(tmp_path / "pack" / "det_other.onnx", {})
    (tmp_path / "pack" / "MODEL.LICENSE").write_text("test")
    task = {"file": "eyes.onnx", "sha256": digest_file(path)}
    content = {"manifest_version": 2, "model_id": "test", "license": "MODEL.LICENSE", "tasks": {"detection": task}}
    manifest = tmp_path / "pack" / "manifest.json"
    manifest.write_text(json.dumps(content))
    assert detector_file(tmp_path / "pack") == path.resolve()
    image = picture((480, 640), (168, 120, 8))
    assert len(source(tmp_path / "pack").detect(image, source="a.png", frame=0)) == 1
    manifest.write_text(json.dumps({**content, "tasks": {"detection": {**task, "sha256": "0" * 64}}}))
    with pytest.raises(ConfigError, match=r"eyes\.onnx cannot be loaded by insightface"):
        source(tmp_path / "pack")
    manifest.write_text(json.dumps({**content, "tasks": {}}))
    with pytest.raises(ConfigError, match=r"the manifest\.json of model pack"):
        source(tmp_path / "pack")


@pytest.mark.usefixtures("no_network")
def test_a_pack_that_is_not_there_is_refused_and_not_fetched(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"needs a model pack, and downloads none: give a folder such as buffalo_l"):
        landmarks.create(InsightfaceSettings())
    for path in (tmp_path / "buffalo_l", tmp_path / "det_10g.onnx", Path("buffalo_l")):
        with pytest.raises(ConfigError, match=r"model pack .* does not exist, and facemotion downloads none"):
            source(path)


def test_which_file_of_a_pack_is_the_detector(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"holds no detector \(det_\*\.onnx or scrfd_\*\.onnx\)"):
        detector_file(tmp_path)
    (tmp_path / "mine.onnx").touch()
    assert detector_file(tmp_path) == tmp_path / "mine.onnx"
    (tmp_path / "scrfd_10g_bnkps.onnx").touch()
    assert detector_file(tmp_path) == tmp_path / "scrfd_10g_bnkps.onnx"
    (tmp_path / "det_10g.onnx").touch()
    with pytest.raises(ConfigError, match=r"several detectors \(det_10g\.onnx, scrfd_10g_bnkps\.onnx\)"):
        detector_file(tmp_path)
    assert detector_file(tmp_path / "det_10g.onnx") == tmp_path / "det_10g.onnx"
    (tmp_path / "buffalo_l.zip").touch()
    with pytest.raises(ConfigError, match=r"buffalo_l\.zip is no \.onnx file: .* unpacked first"):
        detector_file(tmp_path / "buffalo_l.zip")


def test_a_pack_in_a_folder_of_its_own_name_is_found(tmp_path: Path) -> None:
    inner = tmp_path / "buffalo_l" / "buffalo_l"
    inner.mkdir(parents=True)
    (tmp_path / "buffalo_l" / "__MACOSX").mkdir()
    (inner / "det_10g.onnx").touch()
    assert detector_file(tmp_path / "buffalo_l") == inner / "det_10g.onnx"
    (tmp_path / "buffalo_l" / "other").mkdir()
    with pytest.raises(ConfigError, match="holds no detector"):
        detector_file(tmp_path / "buffalo_l")
    (tmp_path / "loop").mkdir()
    (tmp_path / "loop" / "again").symlink_to(tmp_path / "loop")
    with pytest.raises(ConfigError, match="holds no detector"):
        detector_file(tmp_path / "loop")


def test_what_is_no_five_point_detector_is_refused(tmp_path: Path, build_detector: Callable[..., Path]) -> None:
    import onnx

    broken = tmp_path / "det_broken.onnx"
    broken.write_bytes(b"\x08\x08garbage")
    with pytest.raises(ConfigError, match=r"det_broken\.onnx cannot be loaded by insightface"):
        source(broken)
    model = onnx.load(build_detector(tmp_path / "whole.onnx", {}))
    del model.graph.output[6:]  # boxes without points
    onnx.save(model, tmp_path / "det_boxes.onnx")
    with pytest.raises(ConfigError, match=r"det_boxes\.onnx is no face detector that gives five points"):
        source(tmp_path / "det_boxes.onnx")
    del model.graph.output[1:]
    onnx.save(model, tmp_path / "det_other.onnx")
    with pytest.raises(ConfigError, match=r"det_other\.onnx is no face detector|det_other\.onnx cannot be loaded"):
        source(tmp_path / "det_other.onnx")


def test_the_pack_must_be_the_one_of_the_settings(pack: Path) -> None:
    given, one = (landmark_settings({"model_pack": path}) for path in (pack, pack / "det_1g.onnx"))
    assert given == one
    assert given.identity == f"insightface:{digest_file(pack / 'det_1g.onnx')}"
    kept = landmark_settings(given.as_json())
    with pytest.raises(ConfigError, match=r"--model-pack \(det_1g\.onnx, SHA-256 .* is needed again"):
        landmarks.create(kept)
    assert landmarks.create(kept.with_files(model_pack=pack)).name == "insightface"
    (pack / "det_1g.onnx").write_bytes(b"another")
    with pytest.raises(ConfigError, match="not the one that the settings name"):
        kept.with_files(model_pack=pack)
    with pytest.raises(ConfigError, match="not the one that the settings name"):
        landmarks.create(given)
    with pytest.raises(ConfigError, match="has no setting 'model_pack'; insightface has it: use --landmarks insightf"):
        landmark_settings({"source": "mtcnn", "model_pack": pack})


def test_cuda_that_does_not_work_is_told(pack: Path) -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("CUDA works here")
    with pytest.raises(EnvironmentProblem, match="onnxruntime cannot use CUDA here"):
        landmarks.create(InsightfaceSettings(model_pack=pack), device="cuda")  # type: ignore[arg-type]


def test_without_the_package_the_extra_is_named(tmp_path: Path) -> None:
    (tmp_path / "det_10g.onnx").touch()
    code = (
        "import sys; sys.modules['insightface'] = None\n"  # Python's own way to make an import fail
        "from facemotion import landmarks; from facemotion.landmarks.insightface import InsightfaceSettings\n"
        "from facemotion.errors import EnvironmentProblem\n"
        "try: landmarks.create(InsightfaceSettings(model_pack=sys.argv[1]))\n"
        "except EnvironmentProblem as error: print(error)"
    )
    told = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True).stdout
    assert 'the package insightface is not installed: pip install "facemotion[insightface]"' in told


def test_the_models_licence_is_told_for_this_source_only() -> None:
    assert "non-commercial research only" in str(landmarks.notice("insightface"))
    assert landmarks.notice("mtcnn") is None
    with pytest.raises(ConfigError, match="unknown landmark source 'x'"):
        landmarks.notice("x")
