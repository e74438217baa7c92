"""The picture of predictions: each face, what the model's mask lets through, and its probabilities as bars."""

from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from facemotion import media
from facemotion.inference.predictor import Predictions
from facemotion.lettering import as_written, drawable
from facemotion.workspace import atomic_path

__all__ = ["MOST", "draw"]

MOST = 8
"""Faces shown; of more, so many evenly spread."""
BAR, FIRST, INK = "#b9c4d0", "#c4572b", "#20262e"


@as_written()
def draw(found: Predictions, path: Path, *, window: float = 1) -> int:
    """Draw predictions and write them as PNG, atomically; return how many faces are shown.

    Parameters
    ----------
    found : Predictions
        With at least one face.
    path : Path
        The PNG file.
    window : float
        The part of a crop's height and width, at its middle, that a mask covers.
    """
    good = [row for row in found.rows if row["status"] == "ok"]
    shown = [place * len(good) // min(len(good), MOST) for place in range(min(len(good), MOST))]
    panels = 3 if found.masks else 2
    figure = Figure(figsize=(2.4 * panels + 0.9, 2.0 * len(shown) + 0.2), dpi=110, layout="constrained")
    axes = figure.subplots(len(shown), panels, squeeze=False, width_ratios=[1] * (panels - 1) + [1.7])
    for line, position in zip(axes, shown, strict=True):
        row, crop = good[position], found.crops[position]
        line[0].imshow(crop)
        if found.masks:
            line[1].imshow(_through(crop, found.masks[position], window))
        for axis in line[:-1]:
            axis.set_xticks([])
            axis.set_yticks([])
            axis.spines[:].set_visible(False)
        _bars(line[-1], row["probabilities"], row["expression"])
        frame = f", frame {row['frame']}" if media.is_video(Path(row["source"])) else ""
        line[-1].set_title(drawable(_short(row["source"])) + frame, fontsize=8, color=INK, loc="left")
    for axis, title in zip(axes[0], ["face", "through the mask"][: panels - 1], strict=False):
        axis.set_title(title, fontsize=8, color=INK)
    with atomic_path(path) as temporary:
        FigureCanvasAgg(figure).print_png(str(temporary), metadata={"Software": None})
    return len(shown)


def _through(crop: NDArray[np.uint8], mask: NDArray[np.float32], window: float) -> NDArray[np.float32]:
    """Return the face as bright as the mask, float RGB: where the model was told to look."""
    from skimage.transform import resize

    # the mask covers the middle of the crop: the window that was cut from the enlarged face
    sides = [round(side * window) for side in crop.shape[:2]]
    starts = [(side - inner) // 2 for side, inner in zip(crop.shape[:2], sides, strict=True)]
    weight = np.zeros((*crop.shape[:2], 1), dtype=np.float32)
    inside = np.asarray(resize(mask, sides, order=1), dtype=np.float32)
    weight[starts[0] : starts[0] + sides[0], starts[1] : starts[1] + sides[1], 0] = inside.clip(0, 1)
    return (crop.astype(np.float32) / 255 * (0.15 + 0.85 * weight)).astype(np.float32)


def _bars(axis, probabilities: dict[str, float], first: str) -> None:
    names = list(probabilities)
    values = [probabilities[name] for name in names]
    places = range(len(names))
    axis.barh(places, values, color=[FIRST if name == first else BAR for name in names], height=0.72)
    axis.set_yticks(places, names, fontsize=7.5)
    axis.invert_yaxis()
    axis.set_xlim(0, 1.16)
    axis.set_xticks([])
    axis.spines[["top", "right", "bottom"]].set_visible(False)
    axis.tick_params(axis="y", length=0, colors=INK)
    for place, value in zip(places, values, strict=True):
        axis.text(value + 0.02, place, f"{value:.0%}", va="center", fontsize=7, color=INK)


def _short(name: str) -> str:
    return name if len(name) <= 34 else f"{name[:14]}...{name[-17:]}"
