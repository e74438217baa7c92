"""Measures what becomes of faces that lie, without and with other turns tried, and what upright frames pay for it.

Renders faces and turns each by 0, 90, 180 and 270 degrees. A face counts as found if the mean distance of its five
points from the truth is below 0.15 of the distance of the eyes, else as wrong: ``ok`` with points that are not its
own. Then times the same upright frames of 640x490 both ways, plain, gray, dark, noisy and at half the size. Run
``python benchmarks/lying_faces.py [--people 8] [--output results/lying_faces.json]``.
"""

import argparse
import os
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
from facemotion.media import turned

TURNS = (0, 90, 180, 270)
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
    if how == "dark":
        return (image * 0.1).astype(np.uint8)
    if how == "noisy":
        return np.clip(image + np.random.default_rng(1).normal(0, 12, image.shape), 0, 255).astype(np.uint8)
    return cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) if how == "half" else image


def upright(people: int, plain: LandmarkSource, trying: LandmarkSource) -> dict[str, Any]:
    """Return the least certainty, how many frames were looked at again, and the time of locating both ways."""
    frames = [demo.render_face(100 + each, EXPRESSIONS[each % len(EXPRESSIONS)], size=LAB)[0] for each in range(people)]
    results = {}
    for how in ("plain", "gray", "dark", "noisy", "half"):
        images = [changed(image, how) for image in frames]
        sure = [face.sure if isinstance(face, Face) else 0.0 for _, face in (locate(each, plain) for each in images)]
        rounds: dict[str, list[float]] = {"without": [], "with": []}
        for _ in range(7):
            for name, source in (("without", plain), ("with", trying)):
                start = time.process_time()  # of this one thread, whoever else computes meanwhile
                for image in images:
                    locate(image, source)
                rounds[name].append(time.process_time() - start)
        best = {name: 1000 * min(seconds) / len(images) for name, seconds in rounds.items()}
        results[how] = {
            "frames": len(images),
            "least_sure": round(min(sure), 4),
            "looked_at_again": sum(each < SURE for each in sure),
            "ms_without": round(best["without"], 2),
            "ms_with": round(best["with"], 2),
            "ratio": round(best["with"] / best["without"], 3),
        }
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=8, help="rendered people, with three expressions each")
    parser.add_argument("--output", type=Path, default=record.RESULTS / "lying_faces.json")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    plain, trying = create(), create()
    plain.looks = False  # locates as if other turns were never tried
    chosen = [(seed, EXPRESSIONS[(seed + 3 * step) % 7]) for seed in range(arguments.people) for step in range(3)]
    faces = [demo.render_face(seed, expression) for seed, expression in chosen]
    dark = [(changed(image, "dark"), truth) for image, truth in faces]
    record.write(
        arguments.output,
        question="What becomes of rendered faces that lie, and what do upright frames pay for it?",
        command=f"python benchmarks/lying_faces.py --people {arguments.people}",
        packages=("onnxruntime-gpu", "opencv-python"),
        faces=len(faces),
        without_turns=outcomes(faces, plain),
        with_turns=outcomes(faces, trying),
        dark_without_turns=outcomes(dark, plain),
        dark_with_turns=outcomes(dark, trying),
        upright=upright(2 * arguments.people, plain, trying),
    )


if __name__ == "__main__":
    main()
