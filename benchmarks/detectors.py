"""Landmark sources side by side: time and error on rendered pictures, ours and facenet-pytorch's MTCNN.

Times are the processor's, and detectors take turns picture by picture, so that a busy machine weighs little and on all
of them alike. Part of `benchmarks/alignment.py`.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from facemotion import landmarks, media
from facemotion.alignment.geometry import crop_matrix, estimate_similarity, template_for
from facemotion.alignment.settings import AlignSettings
from facemotion.demo.sequence import wild_face
from facemotion.expressions import EXPRESSIONS
from facemotion.geometry import warp
from facemotion.landmarks.faces import Face, choose
from facemotion.landmarks.settings import landmark_settings

__all__ = ["FACENET", "SOURCES", "detectors", "hard", "measured", "wild_pictures"]

SOURCES = ("mtcnn", "retinaface")
FACENET = "facenet-pytorch"
WRONG = 0.35
"""An error beyond this share of the eye distance is of something else than the face."""
HARD: dict[str, Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]] = {
    "rotated 30": lambda image, points: turned(image, points, 30),
    "rotated 45": lambda image, points: turned(image, points, 45),
    "dark, x0.25": lambda image, points: ((image * 0.25).astype(np.uint8), points),
    "dark, x0.1": lambda image, points: ((image * 0.1).astype(np.uint8), points),
    "small, x0.125": lambda image, points: (
        cv2.resize(image, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA),
        (points - 3.5) / 8,
    ),
}
Detector = Callable[[np.ndarray], np.ndarray | None]


def turned(image: np.ndarray, points: np.ndarray, degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """Return a picture turned about its face, and the points in it."""
    matrix = cv2.getRotationMatrix2D(tuple(points.mean(axis=0)), degrees, 1)
    return cv2.warpAffine(image, matrix, image.shape[1::-1]), points @ matrix[:, :2].T + matrix[:, 2]


def detectors() -> dict[str, Detector]:
    """Return what finds five points: the bundled sources and, where it can be imported, facenet-pytorch's MTCNN."""

    def ours(name: str) -> Detector:
        source = landmarks.create(landmark_settings({"source": name}))

        def detect(image: np.ndarray) -> np.ndarray | None:
            faces = source.detect(image, source="", frame=0)
            face = choose(faces, image.shape) if faces else None
            return face.landmarks if isinstance(face, Face) else None

        return detect

    found = {name: ours(name) for name in SOURCES}
    try:
        import torch
        from facenet_pytorch import MTCNN  # pyright: ignore[reportMissingImports]
    except ImportError:
        return found
    torch.set_num_threads(1)
    mtcnn = MTCNN()

    def theirs(image: np.ndarray) -> np.ndarray | None:
        try:
            points = mtcnn.detect(image, landmarks=True)[2]
        except ValueError:  # what it raises where it has no candidate
            return None
        return None if points is None else np.asarray(points[0], np.float64)

    return {**found, FACENET: theirs}


class Tally:
    """Errors and seconds of one detector."""

    def __init__(self) -> None:
        self.errors: list[float] = []
        self.seconds, self.pictures, self.missing = 0.0, 0, 0

    def add(self, detect: Detector, image: np.ndarray, truth: np.ndarray) -> np.ndarray | None:
        """Detect in one picture and note how long it took and how far it was off; return the points."""
        start = time.process_time()
        points = detect(image)
        self.seconds += time.process_time() - start
        self.pictures += 1
        if points is None:
            self.missing += 1
        else:
            eyes = np.linalg.norm(truth[1] - truth[0])
            self.errors.append(float(np.linalg.norm(points - truth, axis=1).mean() / eyes))
        return points

    def summary(self) -> dict[str, Any]:
        """Return the figures."""
        near = [error for error in self.errors if error <= WRONG]
        each = self.seconds / self.pictures
        return {
            "detect_ms": round(1000 * each, 2),
            "pictures_a_second": round(1 / each, 1),
            "landmark_error": round(float(np.mean(near)), 4) if near else None,
            "landmark_error_95th": round(float(np.quantile(near, 0.95)), 4) if near else None,
            "without_face": self.missing,
            "wrong": len(self.errors) - len(near),
        }


def measured(pictures: list[tuple[Path, np.ndarray]], found: dict[str, Detector]) -> dict[str, Any]:
    """Return the parts' milliseconds a picture and each detector's figures."""
    settings = AlignSettings()
    template = template_for(settings.face_size)
    tallies = {name: Tally() for name in found}
    seconds = dict.fromkeys(("decode", "warp"), 0.0)
    for path, truth in pictures:
        start = time.process_time()
        image = media.read_image(path)
        seconds["decode"] += time.process_time() - start
        for name, detect in found.items():
            tallies[name].add(detect, image, truth)
        start = time.process_time()
        similarity = estimate_similarity(truth, template, settings.fit)
        assert isinstance(similarity, np.ndarray)
        warp(image, similarity, settings.face_size)
        warp(image, crop_matrix(similarity, template[2], settings.crop_size), settings.crop_size)
        seconds["warp"] += time.process_time() - start
    parts = {f"{name}_ms": round(1000 * value / len(pictures), 2) for name, value in seconds.items()}
    return {"pictures": len(pictures), **parts, **{name: tally.summary() for name, tally in tallies.items()}}


def hard(pictures: list[tuple[Path, np.ndarray]], found: dict[str, Detector]) -> dict[str, Any]:
    """Return each detector's figures on pictures that are made harder, by how."""
    result: dict[str, Any] = {}
    for how, change in HARD.items():
        tallies = {name: Tally() for name in found}
        for path, truth in pictures:
            image, points = change(media.read_image(path), truth)
            for name, detect in found.items():
                tallies[name].add(detect, image, points)
        result[how] = {"pictures": len(pictures), **{name: tally.summary() for name, tally in tallies.items()}}
    return result


def wild_pictures(folder: Path, count: int) -> list[tuple[Path, np.ndarray]]:
    """Render pictures in the wild; return their files and points."""
    folder.mkdir()
    pictures = []
    for number in range(count):
        frame = wild_face(5_000 + number, EXPRESSIONS[number % len(EXPRESSIONS)], size=(1000, 1000))
        path = folder / f"{number:05d}.jpg"
        cv2.imwrite(str(path), frame.image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
        pictures.append((path, frame.landmarks.astype(np.float64)))
    return pictures
