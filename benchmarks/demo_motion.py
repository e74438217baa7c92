"""Measures where the demo's faces move, region by region, beside what the authors' masks of CK+ and MMI show.

Synthetic subjects are rendered in CK+'s layout, aligned by MTCNN and made into a prior bank, all as the product does
it, but for a larger crop: the geometry in which the regions are defined shows more of the face than ours. The equalised
masks are averaged over folds, and then over the boxes of each region.

Two geometries are measured. In ``shifted`` the mask of our 70x70 crop is brought to the authors' by the scale and the
shift that fitted the mean of all classes best: 0.96 of its pixels, 1 pixel right and down. In ``features`` the mean
difference is brought there row by row and column by column, so that our eyes and mouth come to lie where the boxes have
them, and is equalised there. Run ``python benchmarks/demo_motion.py [--subjects 24] [--seed 0] [--output FILE]
[--picture FILE]``.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import record
from threadpoolctl import threadpool_limits

from facemotion.alignment.geometry import TEMPLATE, apply, crop_matrix, estimate_similarity
from facemotion.alignment.settings import AlignSettings
from facemotion.config import DemoSettings
from facemotion.demo import render_ckplus
from facemotion.demo.sequence import render_face
from facemotion.expressions import EXPRESSIONS
from facemotion.landmarks.faces import Failure
from facemotion.pipeline.alignment import align
from facemotion.pipeline.context import Context
from facemotion.pipeline.priors import build_priors
from facemotion.priors.bank import PriorBank
from facemotion.priors.equalise import equalise
from facemotion.workspace import Workspace

SIDE, LARGE = 70, (96, 80)
"""Side of the paper's crop, and (height, width) of ours; the paper's is its middle, pixel for pixel."""
Box = tuple[int, int, int, int]
BOXES: dict[str, tuple[Box, ...]] = {
    "forehead": ((0, 8, 8, 62),),
    "brows": ((9, 16, 8, 62),),
    "eyes": ((16, 26, 8, 30), (16, 26, 40, 62)),
    "bridge": ((14, 32, 30, 40),),
    "nostrils": ((33, 43, 24, 46),),
    "folds": ((36, 54, 13, 23), (36, 54, 47, 57)),
    "upper lip": ((43, 49, 22, 48),),
    "mouth": ((48, 58, 20, 50),),
    "chin": ((59, 70, 22, 48),),
    "cheeks": ((28, 40, 6, 20), (28, 40, 50, 64)),
}
"""Top, bottom, left and right in the authors' 70x70 crop of CK+."""
PUBLISHED: dict[str, dict[str, tuple[float, ...]]] = {
    "anger": {
        "CK+": (0.21, 0.82, 0.63, 0.32, 0.61, 0.35, 0.55, 0.88, 0.73, 0.10),
        "MMI": (0.32, 0.86, 0.62, 0.34, 0.51, 0.24, 0.37, 0.74, 0.51, 0.11),
    },
    "contempt": {"CK+": (0.22, 0.48, 0.61, 0.13, 0.61, 0.62, 0.60, 0.87, 0.69, 0.28)},
    "disgust": {
        "CK+": (0.18, 0.79, 0.68, 0.40, 0.50, 0.39, 0.59, 0.68, 0.54, 0.19),
        "MMI": (0.28, 0.77, 0.62, 0.29, 0.55, 0.45, 0.50, 0.78, 0.36, 0.19),
    },
    "fear": {
        "CK+": (0.36, 0.72, 0.54, 0.18, 0.52, 0.62, 0.53, 0.89, 0.58, 0.11),
        "MMI": (0.45, 0.69, 0.57, 0.29, 0.53, 0.21, 0.31, 0.71, 0.40, 0.11),
    },
    "happiness": {
        "CK+": (0.11, 0.50, 0.58, 0.13, 0.69, 0.79, 0.72, 0.83, 0.69, 0.29),
        "MMI": (0.22, 0.58, 0.65, 0.18, 0.48, 0.66, 0.39, 0.79, 0.38, 0.24),
    },
    "sadness": {
        "CK+": (0.45, 0.70, 0.58, 0.21, 0.55, 0.31, 0.50, 0.89, 0.76, 0.09),
        "MMI": (0.37, 0.75, 0.62, 0.32, 0.50, 0.22, 0.31, 0.55, 0.59, 0.11),
    },
    "surprise": {
        "CK+": (0.55, 0.63, 0.58, 0.14, 0.63, 0.38, 0.54, 0.78, 0.73, 0.18),
        "MMI": (0.53, 0.69, 0.55, 0.28, 0.53, 0.21, 0.28, 0.77, 0.54, 0.10),
    },
}
"""Mean of the authors' equalised masks in each box, in the order of `BOXES`; those of MMI at 0.90 of their pixels."""
SLACK = 0.1
ENLARGED = 3
SHIFT = (0.96, 1.0, 1.0)
"""Scale about the middle, then pixels right and down."""
EYES, MOUTH = (20.5, 16.0), 52.5
"""Row of the eyes' boxes and half the distance of their middles; row of the mouth's box."""
Maps = np.ndarray


def crop_masks(mean: Maps) -> Maps:
    """Return the masks of the paper's crop, shape (F, K, 70, 70)."""
    top, left = (LARGE[0] - SIDE) // 2, (LARGE[1] - SIDE) // 2
    return equalise(mean[..., top : top + SIDE, left : left + SIDE])


def shifted(mean: Maps) -> Maps:
    """Bring the masks of the paper's crop to the authors' by scale and shift, shape (F, K, 70, 70)."""
    scale, right, down = SHIFT
    middle = (SIDE - 1) / 2
    matrix = np.array([[scale, 0, middle * (1 - scale) + right], [0, scale, middle * (1 - scale) + down]])
    return warped(crop_masks(mean), matrix)


def features(mean: Maps) -> Maps:
    """Bring the means to where the boxes have eyes and mouth, then equalise, shape (F, K, 70, 70)."""
    middle = ((LARGE[1] - 1) / 2, (LARGE[0] - 1) / 2)
    (left, right), nose = TEMPLATE[:2], TEMPLATE[2]
    eyes = middle[1] + (left[1] + right[1]) / 2 - nose[1]
    mouth = middle[1] + TEMPLATE[3:, 1].mean() - nose[1]
    across, down = 2 * EYES[1] / (right[0] - left[0]), (MOUTH - EYES[0]) / (mouth - eyes)
    matrix = np.array([[across, 0, (SIDE - 1) / 2 - across * middle[0]], [0, down, EYES[0] - down * eyes]])
    return equalise(warped(mean, matrix))


def warped(maps: Maps, matrix: np.ndarray) -> Maps:
    flat = maps.reshape(-1, *maps.shape[-2:]).astype(np.float32)
    size = (SIDE, SIDE)
    found = [cv2.warpAffine(one, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for one in flat]
    return np.stack(found).reshape(*maps.shape[:-2], *size)


def energy(mask: Maps) -> list[float]:
    """Return the mean of a mask in each region."""
    return [
        float(np.mean([mask[top:bottom, left:right].mean() for top, bottom, left, right in boxes]))
        for boxes in BOXES.values()
    ]


def compared(masks: Maps) -> dict[str, Any]:
    """Return the energy by class and region, and how far it is from the authors' masks."""
    found = {kind: energy(mask) for kind, mask in zip(EXPRESSIONS, masks, strict=True)}
    away, inside = [], []
    for kind, values in found.items():
        real = np.array(list(PUBLISHED[kind].values()))
        away.append(np.abs(real - values).min(axis=0))
        low, high = real.min(axis=0) - SLACK, real.max(axis=0) + SLACK
        inside.append((low <= values) & (values <= high))
    return {
        "distance": round(float(np.mean(away)), 4),
        "inside": round(float(np.mean(inside)), 4),
        "distance_by_region": dict(zip(BOXES, np.mean(away, axis=0).round(3).tolist(), strict=True)),
        "distance_by_class": dict(zip(found, np.mean(away, axis=1).round(3).tolist(), strict=True)),
        "energy": {kind: dict(zip(BOXES, np.round(row, 3).tolist(), strict=True)) for kind, row in found.items()},
    }


def rendered(folder: Path, settings: DemoSettings, workers: int) -> PriorBank:
    """Render, align and build the bank."""
    render_ckplus(folder / "tree", settings, workers=workers, clean=True)
    context = Context(Workspace(folder / "work"), workers=workers, say=lambda line: None)
    align(context, "demo", root=folder / "tree", settings=AlignSettings(crop_size=LARGE))
    return PriorBank.load(build_priors(context, "demo", root=folder / "tree", output=folder / "demo.npz"))


def faces(person: int = 1) -> Maps:
    """Return a rendered person at the peak of each expression, as the crop shows it, shape (K, 3 * 70, 3 * 70)."""
    shown = []
    for kind in EXPRESSIONS:
        image, points = render_face(person, kind, size=(490, 640))
        similarity = estimate_similarity(points, TEMPLATE)
        assert not isinstance(similarity, Failure), similarity
        matrix = crop_matrix(similarity, apply(similarity, points[2:3])[0], (SIDE, SIDE)) * ENLARGED
        gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
        shown.append(cv2.warpAffine(gray, matrix, (SIDE * ENLARGED, SIDE * ENLARGED)))
    return np.stack(shown)


def draw(maps: list[Maps], path: Path) -> None:
    """Write pictures as a sheet: a row a kind, a column a class."""
    side = (SIDE * ENLARGED, SIDE * ENLARGED)
    rows = [np.hstack([np.pad(cv2.resize(one, side), 3, constant_values=1) for one in row]) for row in maps]
    cv2.imwrite(str(path), np.rint(np.vstack(rows) * 255).astype(np.uint8))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=24, help="rendered people, at least 10; 28 frames each")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--output", type=Path, default=record.RESULTS / "demo_motion.json")
    parser.add_argument(
        "--picture", type=Path, help="PNG file: a person at the peaks, the masks of our crop, those of ``features``"
    )
    arguments = parser.parse_args()
    settings = DemoSettings(subjects=arguments.subjects, seed=arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        bank = rendered(Path(folder), settings, arguments.workers)
    maps = {name: make(bank.mean[:-1]).mean(axis=0) for name, make in (("shifted", shifted), ("features", features))}
    if arguments.picture:
        draw([faces(), crop_masks(bank.mean[:-1]).mean(axis=0), maps["features"]], arguments.picture)
    record.write(
        arguments.output,
        question="where do the demo's faces move, by class and region, beside the authors' masks of CK+ and MMI",
        command=f"python benchmarks/demo_motion.py --subjects {arguments.subjects} --seed {arguments.seed}",
        packages=("opencv-python", "onnxruntime-gpu"),
        subjects=arguments.subjects,
        faces={kind: int(number) for kind, number in zip(EXPRESSIONS, bank.count[-1], strict=True)},
        distance=f"mean absolute difference to the nearer of CK+ and MMI; inside: share within their span +- {SLACK}",
        published={kind: {name: list(row) for name, row in rows.items()} for kind, rows in PUBLISHED.items()},
        **{name: compared(masks) for name, masks in maps.items()},
    )


if __name__ == "__main__":
    with threadpool_limits(1):
        cv2.setNumThreads(1)
        main()
