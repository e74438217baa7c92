"""Measures how fast priors are built, and whether memory depends on the number of images.

On one core: the 981 pairs of CK+'s size through `build_bank`; a stream of many synthetic 70x70 crops through
`motion_sums`, with the peak of the memory that it allocates at two stream lengths; and several chunk sizes. Run
``python benchmarks/priors_throughput.py [--images 1000000] [--output results/priors_throughput.json]``.
"""

import argparse
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import record
from threadpoolctl import threadpool_limits

from facemotion.config import FoldSettings, PriorSettings
from facemotion.expressions import EXPRESSIONS
from facemotion.folds import build_folds
from facemotion.priors.motion import About, build_bank, motion_sums

SIDE = 70
BLOCK = 2048
REPEATS = 5


class Stream:
    """Any number of crops from one block in memory, as a memory-mapped store would give them."""

    def __init__(self, images: int) -> None:
        self.block = np.random.default_rng(0).integers(0, 256, (BLOCK, SIDE, SIDE, 3), dtype=np.uint8)
        self.shape = (images, SIDE, SIDE, 3)

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        return self.block[rows % BLOCK]


def pairs_of(images: int) -> tuple[pd.DataFrame, np.ndarray]:
    """One neutral crop before each three expressive ones; 70 groups: seven classes in ten folds."""
    rows = np.arange(images)
    rows = rows[rows % 4 != 0]
    return pd.DataFrame({"expressive": rows, "neutral": rows - rows % 4}), rows // 4 % 70


def stream(images: int, chunk: int = 32) -> float:
    """Return crops a second over a stream."""
    crops = Stream(images)
    pairs, groups = pairs_of(images)
    start = time.perf_counter()
    motion_sums(crops, pairs, groups, 70, chunk=chunk)
    return images / (time.perf_counter() - start)


def ckplus_size() -> float:
    """Return the seconds that `build_bank` takes for 118 subjects and 981 pairs, the best of some."""
    rows = []
    for number in range(327):
        subject, kind = f"S{number % 118:03d}", EXPRESSIONS[number % 7]
        sequence = f"{subject}_{number // 118:03d}"
        rows += [(f"{sequence}_{f:08d}", subject, sequence, f, kind if f else "neutral") for f in range(4)]
    manifest = pd.DataFrame(rows, columns=["sample_id", "subject", "sequence", "frame", "expression"])
    manifest = manifest.assign(dataset="ckplus", rotate=0, region=None, split="", source=manifest["sample_id"])
    manifest["role"] = np.where(manifest["frame"] == 0, "neutral", "expressive")
    faces = pd.DataFrame({"sample_id": manifest["sample_id"], "status": "ok", "row": np.arange(len(manifest))})
    crops = np.random.default_rng(0).integers(0, 256, (len(manifest), SIDE, SIDE, 3), dtype=np.uint8)
    folds = build_folds(manifest, FoldSettings())
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        bank = build_bank(crops, faces, manifest, folds, PriorSettings(), about=About("0" * 16))
        seconds.append(time.perf_counter() - start)
    assert bank.count[-1].sum() == 981
    return min(seconds)


def peak_memory(images: int) -> float:
    """Return the MB that `motion_sums` allocates at its peak, beyond crops and table."""
    crops = Stream(images)
    pairs, groups = pairs_of(images)
    tracemalloc.start()
    motion_sums(crops, pairs, groups, 70)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1_000_000, help="crops in the long stream")
    parser.add_argument("--output", type=Path, default=record.RESULTS / "priors_throughput.json")
    arguments = parser.parse_args()
    stream(20_000)  # warm up
    short = [stream(40_000) for _ in range(REPEATS)]
    record.write(
        arguments.output,
        question="crops of 70x70 a second on one core, seconds for 981 pairs, memory against the number of images",
        command=f"python benchmarks/priors_throughput.py --images {arguments.images}",
        threads=1,
        crops_per_second={
            "long_stream": {"images": arguments.images, "value": round(stream(arguments.images))},
            "short_streams": {"images": 40_000, "median": round(float(np.median(short))), "best": round(max(short))},
            "by_chunk": {chunk: round(stream(40_000, chunk)) for chunk in (1, 4, 16, 32, 64)},
        },
        seconds_for_981_pairs_in_10_folds=round(ckplus_size(), 4),
        peak_memory_mb_by_images={str(images): round(peak_memory(images), 2) for images in (10_000, 200_000)},
    )


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
