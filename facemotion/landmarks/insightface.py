"""The SCRFD detectors of insightface's model packs, run by the package insightface from a local path.

The package comes with ``pip install "facemotion[insightface]"``; the models do not: the user gives a pack that he has,
a folder such as ``buffalo_l`` or its ``det_10g.onnx``. Nothing is ever downloaded, since insightface is only given the
path of a file that exists. Only the detector is loaded, not the pack's other networks. Boxes and points are as
insightface gives them, found at its two default input sizes (128 and 640 pixels), which suits tight crops as well as
whole scenes.
"""

import importlib
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from facemotion.config import FileSetting
from facemotion.errors import ConfigError, EnvironmentProblem, Status
from facemotion.landmarks._region import surroundings
from facemotion.landmarks.faces import Face, Failure, LandmarkSource, Region
from facemotion.landmarks.settings import LandmarkSettings
from facemotion.workspace import digest_file

__all__ = ["NOTICE", "SETTINGS", "Insightface", "InsightfaceSettings", "create", "detector_file"]

NOTICE = "insightface: its pretrained models are for non-commercial research only, unless their authors allow you more"
"""Said once a run."""

PATTERNS = ("det_*.onnx", "scrfd_*.onnx")
"""Names of detectors in the packs that are around: buffalo_* and antelopev2."""
THRESHOLD = 0.5
"""Least score of a face, insightface's own default."""
ADVICE = "give a folder such as buffalo_l, or its det_*.onnx, with --model-pack PATH"


class InsightfaceSettings(LandmarkSettings):
    """Which detector, and how it looks for faces."""

    source: Literal["insightface"] = "insightface"
    """The SCRFD detector of a model pack of insightface."""
    model_pack: FileSetting | None = None
    """Models for insightface: a folder such as buffalo_l, or its det_*.onnx."""
    min_face: float = pydantic.Field(default=0.2, gt=0, le=1)
    """Smallest face, as a share of the picture's shorter side; smaller ones count only where there is no such face."""

    @pydantic.field_validator("model_pack", mode="before")
    @classmethod
    def _detector(cls, value: Any) -> Any:
        return detector_file(Path(value).expanduser()) if isinstance(value, (str, Path)) else value

    @property
    def identity(self) -> str:
        """The source's name, and the detector's digest."""
        return self.source if self.model_pack is None else f"{self.source}:{self.model_pack.sha256}"

    @classmethod
    def file_field(cls, older: str) -> str | None:
        """Return the field of a file of an older header, in which the pack was called ``model``."""
        return "model_pack" if older == "model" else None


SETTINGS = InsightfaceSettings


class Insightface(LandmarkSource):
    """Landmark source ``insightface``.

    Parameters
    ----------
    detector : insightface.model_zoo.SCRFD
        The loaded detector.
    min_face : float
        Least side of a face as a share of the shorter side of the picture or region; smaller faces count only where
        there is no such face.
    """

    name = "insightface"
    absent = Failure(Status.NO_FACE, "no face was found")

    def __init__(self, detector: Any, *, min_face: float) -> None:
        self.min_face = min_face
        self._detector = detector

    def detect(
        self, image: NDArray[np.uint8], *, source: str = "", frame: int = 0, region: Region | None = None
    ) -> list[Face]:
        """Find faces; see `facemotion.landmarks.faces.LandmarkSource`. Source and frame play no part."""
        window, x, y = surroundings(image, region)
        boxes, points = self._detector.detect(np.ascontiguousarray(window[:, :, ::-1]))  # insightface takes BGR
        faces = [
            Face(box[:4].astype(np.float32), min(float(box[4]), 1.0), five.astype(np.float32)).shifted(x, y)
            for box, five in zip(boxes, points, strict=True)
        ]
        large = [face for face in faces if face.side >= self.min_face * min(window.shape[:2])]
        return large or faces


def create(settings: InsightfaceSettings, *, shipped: FileSetting | None = None, device: str = "cpu") -> LandmarkSource:
    """Make the source; see `facemotion.landmarks.create`.

    Raises
    ------
    ConfigError
        If no pack is given, it holds no detector with five points, or it is not the one that the settings name.
    EnvironmentProblem
        If the package insightface is missing or broken, or CUDA is asked for and does not work.
    """
    if settings.model_pack is None:
        raise ConfigError(f"the landmark source insightface needs a model pack, and downloads none: {ADVICE}")
    path = settings.model_pack.opened("--model-pack")
    if settings.model_pack.sha256 != digest_file(path):
        raise ConfigError(f"model pack {path.name} is not the one that the settings name (another SHA-256)")
    return Insightface(_load(path, device), min_face=settings.min_face)


def detector_file(pack: Path) -> Path:
    """Find the detector of a model pack.

    Parameters
    ----------
    pack : Path
        A folder with ``det_*.onnx`` or ``scrfd_*.onnx``, or with a ``manifest.json`` of insightface 2, or with one
        ``.onnx`` file of any name; or such a file itself. Archives that are unpacked into a folder of their own name
        nest it: where a folder holds no model but one folder, that is the pack.

    Raises
    ------
    ConfigError
        If the path does not exist, or it cannot be told which file is the detector.
    """
    if pack.is_file():
        if pack.suffix != ".onnx":
            raise ConfigError(f"model pack {pack} is no .onnx file: {ADVICE}; a downloaded .zip must be unpacked first")
        return pack
    if not pack.is_dir():
        raise ConfigError(f"model pack {pack} does not exist, and facemotion downloads none: {ADVICE}")
    pack = _nested(pack)
    declared = _declared(pack)
    if declared is not None:
        return declared.path
    models = sorted(pack.glob("*.onnx"))
    named = [path for path in models if any(path.match(pattern) for pattern in PATTERNS)]
    found = named or (models if len(models) == 1 else [])
    if not found:
        raise ConfigError(f"model pack {pack} holds no detector ({' or '.join(PATTERNS)}): {ADVICE}")
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise ConfigError(f"model pack {pack} holds several detectors ({names}): give one of these files instead")
    return found[0]


def _nested(pack: Path) -> Path:
    """Return the folder within a folder that holds nothing else of a pack; else the folder itself."""
    for _ in range(3):
        if any(pack.glob("*.onnx")) or (pack / "manifest.json").is_file():
            break
        inner = [path for path in pack.iterdir() if path.is_dir() and not path.name.startswith((".", "__"))]
        if len(inner) != 1:
            break
        pack = inner[0]
    return pack


def _package() -> Any:
    """Import insightface's loader of models."""
    try:
        return importlib.import_module("insightface.model_zoo")
    except ModuleNotFoundError as error:
        missing = (
            "insightface" if str(error.name).startswith("insightface") else f"{error.name} (which insightface needs)"
        )
        message = (
            f'the package {missing} is not installed: pip install "facemotion[insightface]", '
            "then run `facemotion doctor`, since it brings the onnxruntime for CPUs"
        )
        raise EnvironmentProblem(message) from error
    except Exception as error:  # a half-removed onnxruntime fails in many ways
        message = f"the package insightface cannot be imported ({_first(error)}); `facemotion doctor` tells the repair"
        raise EnvironmentProblem(message) from error


def _declared(folder: Path) -> Any:
    """Return insightface's descriptor of the detector that a folder's ``manifest.json`` declares; None without one."""
    if not (folder / "manifest.json").is_file():
        return None
    package = _package()
    if not package.has_model_package_manifest(folder):
        return None
    try:
        return package.load_model_package(folder).task(package.DETECTION_TASK)
    except (KeyError, OSError, TypeError, ValueError) as error:
        raise ConfigError(f"the manifest.json of model pack {folder} is not right: {_first(error)}") from error


def _load(path: Path, device: str) -> Any:
    """Load a detector from an existing file; check that it is one, gives points, and runs where it should."""
    package = _package()
    from facemotion.landmarks import _runtime

    # One session for all input sizes, so that these options hold for each.
    how: dict[str, Any] = {
        "providers": _runtime.providers(device),
        "sess_options": _runtime.options(),
        "static_shape_sessions": False,
    }
    descriptor = _declared(path.parent)
    if descriptor is not None and descriptor.path == path.resolve():
        how["model_descriptor"] = descriptor  # brings the preprocessing, and the digest that the file must have
    try:
        detector = package.get_model(str(path), download=False, **how)
    except Exception as error:  # onnx, protobuf and onnxruntime raise many types on broken files
        message = f"{path.name} cannot be loaded by insightface ({_first(error)}); is it a whole SCRFD detector?"
        raise ConfigError(message) from error
    if getattr(detector, "taskname", None) != "detection" or not detector.use_kps:
        message = (
            f"{path.name} is no face detector that gives five points: give the pack's detector, such as det_10g.onnx"
        )
        raise ConfigError(message)
    _runtime.verify(detector.session, device, path)
    detector.prepare(0, det_thresh=THRESHOLD)
    return detector


def _first(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__
