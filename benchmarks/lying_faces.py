"""Measures what becomes of faces that lie, without and with other turns tried, and what upright frames pay for it.

Renders faces and turns each by 0, 90, 180 and 270 degrees, bright, gray, noisy and in the dark, for each source that
comes with facemotion. A face counts as found if the mean distance of its five points from the truth is below 0.15 of
the distance of the eyes, else as wrong: ``ok`` with points that are not its own. Then times upright frames of 640x490
both ways, frame by frame in turn, by the CPU time of the one thread; the cost is the median over the rounds. Run
``python benchmarks/lying_faces.py [--people 8] [--lights plain dark ...]
[--output results/lying_faces.json]``.
"""

import argparse
import os
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import cv2
import numpy as np
import record

from facemotion import demo
from facemotion.alignment.face import Aligned, align_image
from facemotion.alignment.locating import SURE, locate
from facemotion.expressions import EXPRESSIONS
from facemotion.landmarks import create
from facemotion.landmarks.faces import Face, LandmarkSource
from facemotion.landmarks.settings import landmark_settings
from facemotion.media import turned

SOURCES = ("mtcnn", "retinaface")
TURNS = (0, 90, 180, 270)
LIGHTS = ("plain", "gray", "noisy", "dim", "dark")
ROUNDS = 7
FOUND = 0.15
LAB = (490, 640)


def laid(points: np.ndarray, turn: int, shape: tuple[int, ...]) -> np.ndarray:
    """Return points of a picture that is turned clockwise."""
    height, width = shape[:2]
    for _ in range(turn // 90):
        points, height, width = np.column_stack([height - 1 - points[:, 1], points[:, 0]]), width, height
    return points


def outcomes(faces: list[tuple[np.ndarray, np.ndarray]], source: LandmarkSource) -> dict[str, dict[str, int]]:
    """Count for each turn how many faces are found, wrong, or refused with a status."""
    counted: dict[int, Counter[str]] = {turn: Counter() for turn in TURNS}
    for image, truth in faces:
        for turn in TURNS:
            found = align_image(turned(image, turn), source=source)
            if isinstance(found, Aligned):
                points = laid(truth, turn, image.shape)
                off = np.linalg.norm(found.landmarks - points, axis=1).mean() / np.linalg.norm(points[1] - points[0])
                counted[turn]["found" if off < FOUND else "wrong"] += 1
            else:
                counted[turn][str(found.status)] += 1
    return {str(turn): dict(sorted(each.items())) for turn, each in counted.items()}


def changed(image: np.ndarray, how: str) -> np.ndarray:
    """Return a frame as a poorer camera would give it."""
    if how == "gray":
        return np.dstack([cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)] * 3)
    if how in ("dim", "dark"):
        return (image * (0.1 if how == "dark" else 0.25)).astype(np.uint8)
    if how == "noisy":
        return np.clip(image + np.random.default_rng(1).normal(0, 12, image.shape), 0, 255).astype(np.uint8)
    return cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) if how == "half" else image


def upright(
    frames: list[np.ndarray], plain: LandmarkSource, trying: LandmarkSource, lights: list[str]
) -> dict[str, Any]:
    """Return the least certainty, how many frames get less than `SURE`, and the time of locating both ways."""
    results = {}
    for how in (*lights, "half"):
        images = [changed(image, how) for image in frames]
        sure = [face.sure if isinstance(face, Face) else 0.0 for _, face in (locate(each, plain) for each in images)]
        rounds: dict[str, list[float]] = {"without": [], "with": []}
        for each in range(ROUNDS):
            spent = dict.fromkeys(rounds, 0.0)
            for image in images:
                pair = [("without", plain), ("with", trying)]
                for name, source in pair if each % 2 else pair[::-1]:
                    start = time.process_time()  # of this one thread, whoever else computes meanwhile
                    locate(image, source)
                    spent[name] += time.process_time() - start
            for name, seconds in spent.items():
                rounds[name].append(1000 * seconds / len(images))
        ratios = [a / b for a, b in zip(rounds["with"], rounds["without"], strict=True)]
        results[how] = {
            "frames": len(images),
            "least_sure": round(min(sure), 4),
            "below_sure": sum(each < SURE for each in sure),
            "ms_without": round(statistics.median(rounds["without"]), 2),
            "ms_with": round(statistics.median(rounds["with"]), 2),
            "cost_percent": round(100 * (statistics.median(ratios) - 1), 1),
            "cost_percent_range": [round(100 * (each - 1), 1) for each in (min(ratios), max(ratios))],
        }
    return results


def measured(
    name: str, faces: list[tuple[np.ndarray, np.ndarray]], frames: list[np.ndarray], lights: list[str]
) -> dict[str, Any]:
    """Return everything about one source."""
    plain, trying = (create(landmark_settings({"source": name})) for _ in range(2))
    plain.looks = False  # locates as if other turns were never tried
    lit = {how: [(changed(image, how), truth) for image, truth in faces] for how in lights}
    return {
        "without_turns": {how: outcomes(each, plain) for how, each in lit.items()},
        "with_turns": {how: outcomes(each, trying) for how, each in lit.items()},
        "upright": upright(frames, plain, trying, lights),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=8, help="rendered people, with three expressions each")
    parser.add_argument("--lights", nargs="+", choices=LIGHTS, default=list(LIGHTS))
    parser.add_argument("--output", type=Path, default=record.RESULTS / "lying_faces.json")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    chosen = [(seed, EXPRESSIONS[(seed + 3 * step) % 7]) for seed in range(arguments.people) for step in range(3)]
    faces = [demo.render_face(seed, expression) for seed, expression in chosen]
    number = 5 * arguments.people
    frames = [demo.render_face(100 + each, EXPRESSIONS[each % len(EXPRESSIONS)], size=LAB)[0] for each in range(number)]
    record.write(
        arguments.output,
        question="What becomes of rendered faces that lie, and what do upright frames pay for it?",
        command=f"python benchmarks/lying_faces.py --people {arguments.people} --lights {' '.join(arguments.lights)}",
        packages=("onnxruntime-gpu", "opencv-python"),
        faces=len(faces),
        rounds=ROUNDS,
        **{name: measured(name, faces, frames, arguments.lights) for name in SOURCES},
    )


if __name__ == "__main__":
    main()
