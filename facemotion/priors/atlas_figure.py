"""The picture of a motion atlas: classes by sources, what they share, in what they differ, and where each moves.

This module loads matplotlib; nothing that trains imports it.
"""

from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from facemotion.priors.atlas import Atlas
from facemotion.priors.figure import png_bytes, wrapped
from facemotion.priors.matrices import ABSENT
from facemotion.priors.regions import REGIONS
from facemotion.synthetic import named
from facemotion.workspace import atomic_path

__all__ = ["atlas_figure", "draw_atlas"]

CELL = 1.05
"""Inches of a mask."""
DPI = 110
STEADY = {"halves": "steady", "folds": "folds", "none": ""}


def atlas_figure(atlas: Atlas, *, title: str) -> Figure:
    """Draw an atlas: a row of masks for each source, two for what is common and what differs, and the energy by region.

    Parameters
    ----------
    atlas : Atlas
        What to draw; a missing mask is a gray frame. Below each mask stands how steady it is, where its bank can tell.
    title : str
        The heading.

    Returns
    -------
    matplotlib.figure.Figure
        Masks from 0 (black) to 1 (white); what differs from black (0) to yellow (1).
    """
    kinds, sources = len(atlas.classes), len(atlas.sources)
    width = max(CELL * kinds + 1.1, 6.0)
    high, low = CELL * 1.17 * (sources + 2) * atlas.masks.shape[2] / atlas.masks.shape[3], 0.19 * len(REGIONS) + 0.95
    rows = -(-sources // 2)
    figure = Figure(figsize=(width, high + low * rows + 0.5), dpi=DPI, layout="constrained")
    parts = figure.subfigures(2, 1, squeeze=False, height_ratios=[high, low * rows])
    _draw_masks(parts[0, 0], atlas)
    _draw_energy(parts[1, 0], atlas, rows)
    figure.suptitle(wrapped(title, width), fontsize=9)
    return figure


def _draw_masks(part: SubFigure, atlas: Atlas) -> None:
    names = [*(named(name, atlas.synthetic[name]) for name in atlas.sources), "in all", "differs"]
    values = [*atlas.masks, atlas.common, atlas.differs]
    axes = part.subplots(len(names), len(atlas.classes), squeeze=False)
    for row, (name, masks) in enumerate(zip(names, values, strict=True)):
        for column, kind in enumerate(atlas.classes):
            axis, mask = axes[row, column], masks[column]
            axis.set_xticks([])
            axis.set_yticks([])
            for spine in axis.spines.values():
                spine.set_visible(False)
            axis.set_facecolor(ABSENT)
            missing = not np.isfinite(mask).all()
            cmap = "magma" if name == "differs" and row == len(names) - 1 else "gray"
            axis.imshow(np.ma.masked_invalid(mask), cmap=cmap, vmin=0, vmax=1, interpolation="nearest")
            axis.set_xlabel("missing" if missing else _caption(atlas, row, column), fontsize=7, labelpad=1)
            if row == 0:
                axis.set_title(kind, fontsize=8)
            if column == 0:
                axis.set_ylabel(wrapped(name, CELL), fontsize=7)


def _caption(atlas: Atlas, row: int, column: int) -> str:
    if row == len(atlas.sources):
        return f"share {atlas.share[column]:.2f}"
    if row > len(atlas.sources):
        return ""
    found = atlas.steadiness[row]
    value = found.values[column]
    return f"{STEADY[found.how]} {value:.2f}" if np.isfinite(value) else ""


def _draw_energy(part: SubFigure, atlas: Atlas, rows: int) -> None:
    axes = part.subplots(rows, 2, squeeze=False)
    for axis in axes.ravel()[len(atlas.sources) :]:
        axis.set_axis_off()
    for place, (axis, name) in enumerate(zip(axes.ravel(), atlas.sources, strict=False)):
        values = atlas.energy[place].T
        axis.set_facecolor(ABSENT)
        axis.imshow(np.ma.masked_invalid(values), cmap="viridis", vmin=0, vmax=1, aspect="auto")
        short = [kind[:4] for kind in atlas.classes]
        axis.set_xticks(range(len(short)), short, fontsize=6.5)
        axis.set_yticks(range(len(REGIONS)), list(REGIONS) if place % 2 == 0 else [""] * len(REGIONS), fontsize=6.5)
        axis.tick_params(length=0)
        axis.set_title(f"mean by region: {named(name, atlas.synthetic[name])}", fontsize=7.5)
        _write(axis, values)


def _write(axis: Axes, values: np.ndarray) -> None:
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            colour = "black" if value > 0.6 else "white"
            axis.text(column, row, f"{value:.2f}"[-3:], ha="center", va="center", fontsize=6, color=colour)


def draw_atlas(atlas: Atlas, path: Path, *, title: str) -> None:
    """Write `atlas_figure` as PNG of 256 colours, atomically; the same atlas gives the same bytes.

    Raises
    ------
    WorkspaceError
        If the file cannot be written.
    """
    from PIL import Image

    with Image.open(BytesIO(png_bytes(atlas_figure(atlas, title=title)))) as drawn:
        few = drawn.convert("RGB").quantize(256, dither=Image.Dither.NONE)  # half the bytes
    stream = BytesIO()
    few.save(stream, "PNG", optimize=True)
    content = stream.getvalue()
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)
