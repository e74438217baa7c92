"""Measures alignment: landmark sources and facenet-pytorch side by side, the whole command, workers, large JPEG files.

On one thread each: decoding, detection and warping of rendered 640x490 lab frames and 1000x1000 JPEG pictures in the
wild, with the landmark error and the frames without a face, see `detectors.py`; the same JPEG pictures decoded in full
and reduced. Then the whole ``facemotion align``, after ingestion, on the lab frames and on many more of them, laid out
under other subjects by hard links: with one worker, with two, and as two commands at once that align a half each, which
is what this machine gives two that share nothing. facenet-pytorch takes part where it can be imported:
``pip install --no-deps --target DIR facenet-pytorch``, with DIR on ``PYTHONPATH``. Wall-clock times need a quiet
machine; on a busy one leave the command out with ``--detectors-only``, which writes ``results/landmark_sources.json``.
Run ``python benchmarks/alignment.py [--subjects 8] [--copies 18 54] [--wild 48] [--detectors-only]``.
"""

import argparse
import os
import re
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import record
from detectors import FACENET, SOURCES, detectors, hard, measured, wild_pictures
from watched import Watched, watched

from facemotion import landmarks, media, tables
from facemotion.alignment.face import Aligned, align_face
from facemotion.alignment.reduction import least_for, look
from facemotion.alignment.settings import AlignSettings
from facemotion.config import DemoSettings
from facemotion.demo import render_ckplus
from facemotion.landmarks.faces import Face

Pictures = list[tuple[Path, np.ndarray]]
DECODE: tuple[str, ...] = ("full", "reduced")


def large_pictures(pictures: Pictures) -> dict[str, Any]:
    """Return what decoding, finding and warping take by source and way of decoding, turn by turn, and the error."""
    found: dict[str, Any] = {}
    for name in SOURCES:
        each = {
            decode: AlignSettings.model_validate({"landmarks": {"source": name}, "decode": decode}) for decode in DECODE
        }
        source = landmarks.create(each["full"].landmarks)
        seconds: dict[str, float] = dict.fromkeys(DECODE, 0.0)
        errors: dict[str, list[float]] = {decode: [] for decode in DECODE}
        faces: dict[str, list[np.ndarray]] = {decode: [] for decode in DECODE}
        whole = 0
        for turn, (path, truth) in enumerate(pictures[:2] + pictures):  # the first two warm up
            for decode, settings in each.items():
                start = time.process_time()
                image = media.decode_reduced(media.read_source(path), least_for(settings, source))
                seen = look(image, source, settings)
                assert isinstance(seen.face, Face)
                made = align_face(seen.pixels, seen.face, settings, factor=seen.factor)
                if turn < 2:
                    continue
                seconds[decode] += time.process_time() - start
                assert isinstance(made, Aligned)
                eyes = float(np.linalg.norm(truth[1] - truth[0]))
                errors[decode].append(float(np.linalg.norm(made.landmarks - truth, axis=1).mean()) / eyes)
                faces[decode].append(made.face.astype(float))
                whole += decode == "reduced" and seen.factor == 1
        found[name] = {
            decode: {
                "ms": round(1000 * seconds[decode] / len(pictures), 2),
                "pictures_a_second": round(len(pictures) / seconds[decode], 1),
                "landmark_error": round(float(np.mean(errors[decode])), 4),
                "landmark_error_95th": round(float(np.quantile(errors[decode], 0.95)), 4),
            }
            for decode in DECODE
        }
        off = [np.abs(one - two).mean() for one, two in zip(faces["full"], faces["reduced"], strict=True)]
        found[name] |= {
            "full_over_reduced": round(seconds["full"] / seconds["reduced"], 2),
            "decoded_in_full_after_all": whole,
            "levels_off": round(float(np.mean(off)), 2),
        }
    return found


def laid_out(root: Path, out: Path, subjects: Sequence[str], copies: range) -> int:
    """Lay out subjects of a CK+ tree once for each copy, under other names, by hard links; return how many frames."""
    frames = 0
    for path in sorted(path for top in ("cohn-kanade-images", "Emotion") for path in (root / top).rglob("*.*")):
        old = path.relative_to(root).parts[1]
        for copy in copies if old in subjects else ():
            new = f"S{copy * len(subjects) + subjects.index(old) + 1:03d}"
            place = out / re.sub(rf"\b{old}(?=[_/])", new, path.relative_to(root).as_posix())
            place.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, place)
            frames += path.suffix == ".png"
    return frames


def aligned(root: Path, work: Path, workers: int, source: str = "mtcnn") -> Watched:
    """Return what a new process needs for `facemotion align`, its start included, ingestion before it not."""
    place = ["--dataset", "ckplus", "--root", str(root), "--work", str(work), "--quiet"]
    watched(["ingest", *place])
    return watched(["align", *place, "--landmarks", source, "--workers", str(workers)])


def commands(root: Path, folder: Path, copies: Sequence[int], parts: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """Return what the whole command needs on the frames and on copies of them, and ratios, by the number of frames."""
    subjects = sorted(path.name for path in (root / "cohn-kanade-images").iterdir())
    trees, halves = {parts["pictures"]: root}, {}
    for number in copies:
        place = folder / f"copies-{number}"
        trees[laid_out(root, place / "all", subjects, range(number))] = place / "all"
        for side in range(2):
            laid_out(root, place / f"half-{side}", subjects, range(side * (number // 2), (side + 1) * (number // 2)))
        halves[max(trees)] = [place / f"half-{side}" for side in range(2)]
    runs = {
        frames: [aligned(tree, folder / f"work-{frames}-{workers}", workers) for workers in (1, 2)]
        for frames, tree in trees.items()
    }
    apart = {frames: _side_by_side(places, folder / f"apart-{frames}") for frames, places in halves.items()}
    few, most = min(runs), max(runs)
    one = runs[most][0]
    start_up = (runs[few][0].seconds * most - one.seconds * few) / (most - few)
    total = parts["decode_ms"] + parts["mtcnn"]["detect_ms"] + parts["warp_ms"]
    ratios = {
        "command_over_parts": round(1000 * one.seconds / most / total, 2),
        "command_over_parts_by_cpu": round(1000 * one.cpu_seconds / most / total, 2),
        "one_worker_over_two": {frames: round(one.seconds / two.seconds, 2) for frames, (one, two) in runs.items()},
        "one_worker_over_two_commands_of_a_half": {
            frames: round(runs[frames][0].seconds / seconds, 2) for frames, seconds in apart.items()
        },
    }
    faces = tables.read_table(folder / f"work-{most}-2" / "ckplus" / "faces.parquet")[0]
    counts = {
        "aligned": int((faces["status"] == "ok").sum()),
        "align": {
            f"{frames} frames, {workers}": run.as_json()
            for frames, both in runs.items()
            for workers, run in enumerate(both, 1)
        },
        "two_commands_of_a_half_seconds": {frames: round(seconds, 1) for frames, seconds in apart.items()},
        "seconds_that_do_not_grow_with_frames": round(start_up, 1),
    }
    return counts, ratios


def _side_by_side(trees: Sequence[Path], work: Path) -> float:
    """Return the seconds that two commands need which align a tree each at the same time."""
    for tree in trees:
        watched(["ingest", "--dataset", "ckplus", "--root", str(tree), "--work", str(work / tree.name)])
    start = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda tree: aligned(tree, work / tree.name, 1), trees))
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=8, help="rendered people; 28 frames each")
    parser.add_argument(
        "--copies", type=int, nargs="*", default=[18, 54], help="of each, for the whole command; even numbers, rising"
    )
    parser.add_argument("--wild", type=int, default=48, help="pictures in the wild")
    parser.add_argument("--detectors-only", action="store_true", help="leave out the whole command")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    name = "landmark_sources.json" if arguments.detectors_only else "alignment.json"
    output = arguments.output or record.RESULTS / name
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        root = folder / "tree"
        render_ckplus(root, DemoSettings(subjects=arguments.subjects, size=(490, 640)), clean=True)
        table = pd.read_parquet(root / "landmarks.parquet").sort_values("source").set_index("source")
        lab = [(root / str(at), row.to_numpy(np.float64).reshape(5, 2)) for at, row in table.iterrows()]
        found = detectors()
        frames = measured(lab, found)
        harder = hard(lab[:: max(1, len(lab) // 60)], found)
        pictures = wild_pictures(folder / "wild", arguments.wild)
        wild, large = measured(pictures, found), large_pictures(pictures)
        counts: dict[str, Any] = {}
        ratios: dict[str, Any] = {}
        if not arguments.detectors_only:
            counts, ratios = commands(root, folder, arguments.copies, frames)
        parts = {"decode": frames["decode_ms"], "detect": frames["mtcnn"]["detect_ms"], "warp": frames["warp_ms"]}
        if FACENET in found:
            ratios["facenet_over_detect"] = round(frames[FACENET]["detect_ms"] / parts["detect"], 1)
            for title, result in (("lab", frames), ("wild", wild)):
                ratios[f"facenet_over_detect_{title}"] = {
                    source: round(result[FACENET]["detect_ms"] / result[source]["detect_ms"], 1) for source in SOURCES
                }
        record.write(
            output,
            question="landmark sources and the command, one thread each, against their parts and facenet-pytorch",
            command=f"python benchmarks/alignment.py --subjects {arguments.subjects}"
            f" --copies {' '.join(map(str, arguments.copies))} --wild {arguments.wild}"
            f"{' --detectors-only' * arguments.detectors_only}",
            packages=("pillow", "opencv-python", "onnxruntime-gpu"),
            load_average=os.getloadavg(),
            parts_ms={**parts, "sum": round(sum(parts.values()), 2)},
            lab_640x490=frames,
            lab_made_harder=harder,
            wild_1000x1000_jpeg=wild,
            wild_decoded_in_full_and_reduced=large,
            **counts,
            ratios=ratios,
        )


if __name__ == "__main__":
    main()
