"""Pictures of comparisons: matrices of similarities with their figures in them.

This module loads matplotlib; nothing that trains imports it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from facemotion.lettering import as_written
from facemotion.priors.compare import Comparison, Stability
from facemotion.priors.figure import png_bytes, wrapped
from facemotion.workspace import atomic_path

__all__ = ["comparison_figure", "draw_comparison", "draw_stability", "stability_figure"]

ABSENT = "#dddddd"


def comparison_figure(found: Comparison, *, title: str, rows: str = "", columns: str = "") -> Figure:
    """Draw a comparison: correlation and structural similarity side by side.

    Parameters
    ----------
    found : Comparison
        What was compared; gray cells with a dash are masks that are missing.
    title : str
        The heading.
    rows, columns : str
        What lies along each side, such as the names of two banks.

    Returns
    -------
    matplotlib.figure.Figure
        Where a row's name is a column's too, its own cell is framed.
    """
    panels = {"correlation": found.correlation, "structural similarity": found.structure}
    return _figure(panels, found.rows, found.columns, title=title, sides=(rows, columns))


def stability_figure(found: Stability, *, title: str) -> Figure:
    """Draw how stable a prior is: a column per class, between halves of the subjects and of the whole.

    Parameters
    ----------
    found : Stability
        Classes that could not be halved are gray.
    title : str
        The heading.
    """
    values = np.stack([found.correlation, found.reliability])
    rows = ("between halves", "of the whole")
    return _figure({"0: chance, 1: any other subjects would give the same": values}, rows, found.classes, title=title)


@as_written()
def draw_comparison(found: Comparison, path: Path, *, title: str, rows: str = "", columns: str = "") -> None:
    """Write `comparison_figure` as PNG, atomically; the same comparison gives the same bytes.

    Raises
    ------
    WorkspaceError
        If the file cannot be written.
    """
    _write(comparison_figure(found, title=title, rows=rows, columns=columns), path)


@as_written()
def draw_stability(found: Stability, path: Path, *, title: str) -> None:
    """Write `stability_figure` as PNG, atomically; the same result gives the same bytes.

    Raises
    ------
    WorkspaceError
        If the file cannot be written.
    """
    _write(stability_figure(found, title=title), path)


def _figure(
    panels: Mapping[str, np.ndarray],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    title: str,
    sides: tuple[str, str] = ("", ""),
) -> Figure:
    """Draw matrices of values in [-1, 1] side by side, with one colour bar."""
    width = max(4.0, 0.62 * len(columns)) * len(panels) + 2.4
    height = max(0.42 * len(rows) + 1.7 + 0.2 * bool(sides[1]), 2.4)
    figure = Figure(figsize=(width, height), dpi=150, layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axis, (name, values) in zip(axes, panels.items(), strict=True):
        image = axis.imshow(np.ma.masked_invalid(values), cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto")
        axis.set_facecolor(ABSENT)
        axis.set_title(name, fontsize=8)
        axis.set_xticks(range(len(columns)), columns, fontsize=8, rotation=30, ha="right", rotation_mode="anchor")
        axis.set_yticks(range(len(rows)), rows if axis is axes[0] else [""] * len(rows), fontsize=8)
        axis.tick_params(length=0)
        axis.set_xlabel(sides[1], fontsize=8)
        if axis is axes[0]:
            axis.set_ylabel(sides[0], fontsize=8)
        _write_cells(axis, values, rows, columns)
    figure.colorbar(image, ax=list(axes), pad=0.01, aspect=14).ax.tick_params(labelsize=7)
    figure.suptitle(wrapped(title, width), fontsize=9)
    return figure


def _write_cells(axis: Axes, values: np.ndarray, rows: Sequence[str], columns: Sequence[str]) -> None:
    for (row, column), value in np.ndenumerate(values):
        own = bool(rows[row] == columns[column] and np.isfinite(value))
        text = f"{value:.2f}" if np.isfinite(value) else "–"
        colour = "white" if abs(value) > 0.6 else "black"
        weight = "bold" if own else "normal"
        axis.text(column, row, text, ha="center", va="center", fontsize=7.5, color=colour, weight=weight)
        if own:
            corner = (column - 0.47, row - 0.46)
            axis.add_patch(Rectangle(corner, 0.94, 0.92, fill=False, edgecolor="black", linewidth=1.2))


def _write(figure: Figure, path: Path) -> None:
    content = png_bytes(figure)
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)
