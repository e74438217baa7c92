"""The picture of predictions: each face, its mask, what that lets through, and its probabilities as bars."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from facemotion import media
from facemotion.inference.predictor import Found
from facemotion.lettering import as_written, drawable
from facemotion.workspace import atomic_path

__all__ = ["MOST", "draw"]

MOST = 8
"""Faces shown; of more, so many evenly spread."""
BAR, FIRST, INK = "#b9c4d0", "#c4572b", "#20262e"


@as_written()
def draw(kept: Sequence[Found], path: Path, *, faces: int, window: float = 1, note: str = "") -> int:
    """Draw predictions and write them as PNG, atomically; return how many faces are shown.

    Parameters
    ----------
    kept : sequence of Found
        Frames with a face, at least one; of many, `MOST` evenly spread are drawn.
    path : Path
        The PNG file.
    faces : int
        How many frames with a face there are in all; the picture says so.
    window : float
        The part of a crop's height and width, at its middle, that a mask covers.
    note : str
        What else the title says, such as that the faces were rendered.
    """
    number = min(len(kept), MOST)
    shown = [kept[place * len(kept) // number] for place in range(number)]
    titles = ["face", "mask", "through the mask"] if shown[0].mask is not None else ["face"]
    size = (2.0 * len(titles) + 3.3, 2.0 * number + 0.5)
    figure = Figure(figsize=size, dpi=110, layout="constrained")
    figure.suptitle(
        "\n".join([f"{number} of {faces} frames with a face", *([note] if note else [])]), fontsize=9, color=INK
    )
    axes = figure.subplots(number, len(titles) + 1, squeeze=False, width_ratios=[1] * len(titles) + [1.7])
    for line, found in zip(axes, shown, strict=True):
        assert found.crop is not None
        line[0].imshow(found.crop)
        if found.mask is not None:
            line[1].imshow(_over_crop(found.crop, found.mask, window), cmap="gray", vmin=0, vmax=1)
            line[2].imshow(_through(found.crop, found.mask, window))
        for axis in line[:-1]:
            axis.set_xticks([])
            axis.set_yticks([])
            axis.spines[:].set_visible(False)
        row = found.row
        _bars(line[-1], row["probabilities"], row["expression"])
        frame = f", frame {row['frame']}" if media.is_video(Path(row["source"])) else ""
        line[-1].set_title(drawable(_short(row["source"])) + frame, fontsize=8, color=INK, loc="left")
    for axis, title in zip(axes[0], titles, strict=False):
        axis.set_title(title, fontsize=8, color=INK)
    with atomic_path(path) as temporary:
        FigureCanvasAgg(figure).print_png(str(temporary), metadata={"Software": None})
    return number


def _over_crop(crop: NDArray[np.uint8], mask: NDArray[np.float32], window: float) -> NDArray[np.float32]:
    """Return a mask laid over the crop, float32 (H, W) in [0, 1]: it covers the middle, 0 outside."""
    from skimage.transform import resize

    # the window was cut from the middle of the enlarged face
    sides = [round(side * window) for side in crop.shape[:2]]
    starts = [(side - inner) // 2 for side, inner in zip(crop.shape[:2], sides, strict=True)]
    weight = np.zeros(crop.shape[:2], dtype=np.float32)
    inside = np.asarray(resize(mask, sides, order=1), dtype=np.float32)
    weight[starts[0] : starts[0] + sides[0], starts[1] : starts[1] + sides[1]] = inside.clip(0, 1)
    return weight


def _through(crop: NDArray[np.uint8], mask: NDArray[np.float32], window: float) -> NDArray[np.float32]:
    """Return the face as bright as the mask, float RGB: where the model was told to look."""
    weight = _over_crop(crop, mask, window)[:, :, None]
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
