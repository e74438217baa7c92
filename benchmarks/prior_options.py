"""Compares the options that shape a mask where the truth is known: on rendered faces, with and without glasses.

For each seed synthetic subjects are rendered twice, once without glasses and once with glasses on half of them, and
aligned by MTCNN with both fits. The truth is `facemotion.demo.truth`: pixels that the mesh itself moves by at least
a crop pixel for at least a quarter of the subjects. For every option: the share of the mask's (and of the mean's)
energy outside that region, the separation (the chance that a moving pixel has a higher value than a still one), the
correlation of the masks with those of the same option without glasses, the correlation between classes, and for means
under ranks the correlation between halves of the subjects. Some candidates that are not options are measured too. Run
``python benchmarks/prior_options.py [--subjects 24] [--seeds 0 1] [--output results/prior_options.json] [--docs DIR]``.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import record
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from prior_maps import CANDIDATES, Maps, Study, correlation, figures, outside
from threadpoolctl import threadpool_limits

from facemotion.alignment.settings import AlignSettings
from facemotion.config import DemoSettings
from facemotion.demo import render_ckplus
from facemotion.demo.identity import build_subject
from facemotion.demo.sequence import render_face
from facemotion.demo.truth import displacement
from facemotion.expressions import EXPRESSIONS
from facemotion.pipeline.alignment import align
from facemotion.pipeline.context import Context
from facemotion.pipeline.folding import folds
from facemotion.priors.compare import stability
from facemotion.priors.equalise import equalise, equalise_histogram
from facemotion.workspace import Workspace

SHARES = {"without": 0.0, "with": 0.5}
THRESHOLD, LEAST = 1.0, 0.25
"""Crop pixels of displacement, and share of subjects, from which on a pixel counts as moving."""
FIVE, RIGID = "five-points", "eyes-nose"
RELATIVE = {"difference": "relative"}
OPTIONS: dict[str, tuple[str, dict[str, str]]] = {
    "paper": (FIVE, {}),
    "neutral sequence": (FIVE, {"neutral": "sequence"}),
    "fit eyes-nose": (RIGID, {}),
    "phi histogram": (FIVE, {"phi": "histogram"}),
    "phi none": (FIVE, {"phi": "none"}),
    "average median": (FIVE, {"average": "median"}),
    "difference relative": (FIVE, RELATIVE),
    "eyes-nose, sequence": (RIGID, {"neutral": "sequence"}),
    "eyes-nose, median": (RIGID, {"average": "median"}),
    "eyes-nose, relative": (RIGID, RELATIVE),
    "eyes-nose, relative, sequence": (RIGID, {**RELATIVE, "neutral": "sequence"}),
    "eyes-nose, relative, median": (RIGID, {**RELATIVE, "average": "median"}),
}
"""Name -> fit, and what differs from the paper's `PriorSettings`."""
SHOWN = (
    "paper",
    "phi histogram",
    "phi none",
    "average median",
    "fit eyes-nose",
    "difference relative",
    "eyes-nose, relative, sequence",
)


def prepared(folder: Path, subjects: int, seed: int) -> dict[tuple[str, str], Study]:
    """Render and align; return the studies by (glasses, fit)."""
    studies = {}
    for name, share in SHARES.items():
        tree = folder / f"tree-{name}"
        render_ckplus(tree, DemoSettings(subjects=subjects, seed=seed, glasses=share), workers=1, clean=True)
        for fit in (FIVE, RIGID):
            context = Context(Workspace(folder / f"{name}-{fit}"), workers=1, say=lambda line: None)
            align(context, "demo", root=tree, settings=AlignSettings(fit=fit))  # type: ignore[arg-type]
            folds(context, "demo", root=tree)
            studies[name, fit] = Study(context.workspace.dataset("demo"))
    return studies


def measured(studies: dict[tuple[str, str], Study], moved: np.ndarray) -> tuple[dict[str, Any], dict[str, Maps]]:
    """Return the figures of every option and candidate, and the masks to draw.

    ``moved`` is the displacement of each subject, class and pixel.
    """
    moving = region(moved)
    banks = {
        (name, glasses): studies[glasses, fit].bank(**settings)
        for name, (fit, settings) in OPTIONS.items()
        for glasses in SHARES
    }
    found: dict[str, Any] = {"options": {}, "stability": {}, "candidates": {}, "thresholds": {}}
    for name, glasses in banks:
        bank, plain = banks[name, glasses], banks[name, "without"]
        entry = figures(bank.mask[-1], bank.mean[-1], plain.mask[-1], moving)
        entry["correlation_with_paper_without_glasses"] = correlation(bank.mask[-1], banks["paper", "without"].mask[-1])
        found["options"].setdefault(name, {})[glasses] = entry
    found["stability"] = {
        name: {glasses: float(stability(banks[name, glasses]).correlation.mean()) for glasses in SHARES}
        for name, (_, settings) in OPTIONS.items()
        if not {"phi", "average"} & set(settings)
    }
    for name, candidate in CANDIDATES.items():
        means = {glasses: candidate(studies[glasses, FIVE]) for glasses in SHARES}
        masks = {glasses: equalise(maps) for glasses, maps in means.items()}
        found["candidates"][name] = {
            glasses: figures(masks[glasses], means[glasses], masks["without"], moving) for glasses in SHARES
        }
    for threshold in (0.5, 1.0, 2.0):
        other = region(moved, threshold)
        found["thresholds"][str(threshold)] = {
            "area_outside": float((~other).mean()),
            **{
                name: {glasses: outside(banks[name, glasses].mask[-1], other) for glasses in SHARES}
                for name in ("paper", "fit eyes-nose", "difference relative", "eyes-nose, relative")
            },
        }
    mean = banks["paper", "without"].mean[-1]
    eight = np.rint(mean * 255).astype(np.uint8)
    found["histogram"] = {
        "levels": [len(np.unique(one)) for one in eight],
        "mean_pillow": [float(one.mean() * 255) for one in equalise_histogram(mean)],
        "mean_opencv": [float(np.mean(cv2.equalizeHist(one))) for one in eight],
    }
    drawn = {"moves by a pixel or more": moving.astype(float), "paper, nobody": banks["paper", "without"].mask[-1]}
    drawn |= {name: banks[name, "with"].mask[-1] for name in SHOWN}
    return found, drawn


def region(moved: np.ndarray, threshold: float = THRESHOLD) -> np.ndarray:
    return (moved >= threshold).mean(axis=0) >= LEAST


def mean_of(parts: list[Any]) -> Any:
    """Average nested figures over seeds; lists are averaged over all their values."""
    if isinstance(parts[0], dict):
        return {key: mean_of([part[key] for part in parts]) for key in parts[0]}
    return round(float(np.mean(parts)), 4)


def draw_masks(drawn: dict[str, Maps], path: Path) -> None:
    figure = Figure(figsize=(7.6, 1.02 * len(drawn) + 0.3), dpi=80, layout="constrained")
    axes = figure.subplots(len(drawn), len(EXPRESSIONS))
    for (name, maps), row in zip(drawn.items(), axes, strict=True):
        for axis, kind, one in zip(row, EXPRESSIONS, maps, strict=True):
            axis.imshow(one, cmap="gray", vmin=0, vmax=1)
            axis.set_xticks([])
            axis.set_yticks([])
            if axis in axes[0]:
                axis.set_title(kind, fontsize=8)
        row[0].set_ylabel(name.replace(", ", "\n").replace(" ", "\n", 1), fontsize=7)
    figure.suptitle("Masks of synthetic faces; glasses on half of the subjects but in the second row", fontsize=8)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    cv2.imwrite(str(path), cv2.cvtColor(np.asarray(canvas.buffer_rgba()), cv2.COLOR_RGBA2GRAY))


def draw_wearers(path: Path) -> None:
    """Draw six wearers, neutral above peak."""
    columns = []
    for seed, kind in enumerate(("happiness", "surprise", "anger", "disgust", "fear", "sadness")):
        faces = [render_face(seed, shown, glasses=True)[0][30:215, 75:245] for shown in (None, kind)]
        columns.append(np.vstack(faces))
    sheet = cv2.resize(np.hstack(columns), None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(path), sheet[..., ::-1])


def main() -> None:
    here = Path(__file__).parent
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--subjects", type=int, default=24, help="rendered people a seed, at least 10; 28 frames each, twice"
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--output", type=Path, default=here / "results" / "prior_options.json")
    parser.add_argument("--docs", type=Path, default=here.parent / "docs", help="where the pictures go")
    arguments = parser.parse_args()
    parts, areas, pictures = [], [], {}
    for seed in arguments.seeds:
        people = [build_subject(seed * 1000 + number) for number in range(arguments.subjects)]
        moved = np.array([[displacement(one, kind, AlignSettings()) for kind in EXPRESSIONS] for one in people])
        areas.append(1 - region(moved).mean(axis=(1, 2)))
        with tempfile.TemporaryDirectory() as folder:
            found, drawn = measured(prepared(Path(folder), arguments.subjects, seed), moved)
        parts.append(found)
        pictures = pictures or drawn
    arguments.docs.mkdir(parents=True, exist_ok=True)
    draw_masks(pictures, arguments.docs / "prior-options.png")
    draw_wearers(arguments.docs / "demo-glasses.png")
    record.write(
        arguments.output,
        question="share of a prior's energy outside the pixels that move, by option, without and with glasses",
        command=f"python benchmarks/prior_options.py --subjects {arguments.subjects} --seeds "
        + " ".join(map(str, arguments.seeds)),
        packages=("opencv-python", "onnxruntime-gpu"),
        threads=1,
        subjects=arguments.subjects,
        seeds=arguments.seeds,
        glasses=SHARES,
        moving={"crop_pixels": THRESHOLD, "least_share_of_subjects": LEAST},
        area_outside=dict(zip(EXPRESSIONS, np.mean(areas, axis=0).round(3).tolist(), strict=True)),
        figures="means over classes and seeds; mask_outside by seed beside them",
        **mean_of(parts),
        mask_outside_by_seed={
            name: {
                glasses: [round(part["options"][name][glasses]["mask_outside"], 4) for part in parts]
                for glasses in SHARES
            }
            for name in OPTIONS
        },
    )


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
