"""Measures the alignment of laboratory frames: the whole command against its parts, workers, and facenet-pytorch.

Renders 640x490 frames, then times, on one thread each: decoding, detection and warping alone; the whole
`facemotion align` with one and two workers; and, where facenet-pytorch can be imported, its MTCNN at its defaults. Run
``python benchmarks/alignment.py [--subjects 8] [--output results/alignment.json]``.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import record

from facemotion import media, tables
from facemotion.alignment.geometry import crop_matrix, estimate_similarity, template_for
from facemotion.alignment.settings import AlignSettings
from facemotion.config import DemoSettings
from facemotion.demo import render_ckplus
from facemotion.geometry import warp
from facemotion.landmarks import create
from facemotion.landmarks.faces import Face, choose


def error_of(landmarks: np.ndarray, truth: np.ndarray) -> float:
    """Return the mean distance of five points from the truth, as a share of the distance of the eyes."""
    return float(np.linalg.norm(landmarks - truth, axis=1).mean() / np.linalg.norm(truth[1] - truth[0]))


def parts(root: Path, sources: list[str], truth: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return milliseconds a frame of decoding, detection and warping alone, and the landmark error."""
    source, settings = create(), AlignSettings()
    template = template_for(settings.face_size)
    seconds, errors = dict.fromkeys(("decode", "detect", "warp"), 0.0), []
    for name in sources:
        start = time.perf_counter()
        image = media.read_image(root / name)
        decoded = time.perf_counter()
        face = choose(source.detect(image, source=name, frame=0), image.shape)
        detected = time.perf_counter()
        assert isinstance(face, Face)
        similarity = estimate_similarity(face.landmarks, template, settings.fit)
        assert isinstance(similarity, np.ndarray)
        warp(image, similarity, settings.face_size)
        warp(image, crop_matrix(similarity, template[2], settings.crop_size), settings.crop_size)
        seconds["decode"] += decoded - start
        seconds["detect"] += detected - decoded
        seconds["warp"] += time.perf_counter() - detected
        errors.append(error_of(face.landmarks, truth[name]))
    each = {name: round(1000 * value / len(sources), 2) for name, value in seconds.items()}
    return {**each, "sum": round(sum(each.values()), 2), "landmark_error": round(float(np.mean(errors)), 4)}


def command(root: Path, work: Path, workers: int, frames: int) -> dict[str, float]:
    """Return what a new process needs for `facemotion align`, its start included."""
    arguments = ["align", "--dataset", "ckplus", "--root", str(root), "--work", str(work), "--workers", str(workers)]
    script = "from facemotion_cli.root import main; main()"
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", script, *arguments, "--quiet"], check=True, capture_output=True)
    seconds = time.perf_counter() - start
    return {"seconds": round(seconds, 2), "ms_per_frame": round(1000 * seconds / frames, 2)}


def facenet(root: Path, sources: list[str], truth: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return milliseconds a frame of facenet-pytorch's MTCNN at its defaults, on one thread, and the landmark error."""
    try:
        import torch
        from facenet_pytorch import MTCNN
    except ImportError as error:
        return {"skipped": str(error)}
    torch.set_num_threads(1)
    detector = MTCNN()
    images = [media.read_image(root / name) for name in sources]
    detector.detect(images[0], landmarks=True)
    start = time.perf_counter()
    found = [detector.detect(image, landmarks=True)[2] for image in images]
    seconds = time.perf_counter() - start
    errors = [
        error_of(np.asarray(points[0], np.float64), truth[name])
        for name, points in zip(sources, found, strict=True)
        if points is not None
    ]
    return {
        "detect": round(1000 * seconds / len(sources), 2),
        "landmark_error": round(float(np.mean(errors)), 4),
        "frames_without_face": len(sources) - len(errors),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=8, help="rendered people; 28 frames each")
    parser.add_argument("--output", type=Path, default=record.RESULTS / "alignment.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "tree"
        render_ckplus(root, DemoSettings(subjects=arguments.subjects, size=(490, 640)), clean=True)
        table = pd.read_parquet(root / "landmarks.parquet").set_index("source")
        truth = {str(name): row.to_numpy(np.float64).reshape(5, 2) for name, row in table.iterrows()}
        sources = sorted(truth)
        alone = parts(root, sources, truth)
        one = command(root, Path(folder) / "one", 1, len(sources))
        two = command(root, Path(folder) / "two", 2, len(sources))
        aligned = tables.read_table(Path(folder) / "one" / "ckplus" / "faces.parquet")[0]
        other = facenet(root, sources, truth)
        record.write(
            arguments.output,
            question="ms a frame of 640x490 on one thread: the command against its parts, workers, facenet-pytorch",
            command=f"python benchmarks/alignment.py --subjects {arguments.subjects}",
            packages=("opencv-python", "onnxruntime-gpu"),
            frames=len(sources),
            aligned=int((aligned["status"] == "ok").sum()),
            parts_ms=alone,
            align_one_worker=one,
            align_two_workers=two,
            facenet_pytorch=other,
            ratios={
                "command_over_parts": round(one["ms_per_frame"] / alone["sum"], 2),
                "one_worker_over_two": round(one["seconds"] / two["seconds"], 2),
                **({} if "skipped" in other else {"facenet_over_detect": round(other["detect"] / alone["detect"], 1)}),
            },
        )


if __name__ == "__main__":
    main()
