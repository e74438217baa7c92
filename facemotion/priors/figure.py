"""Pictures of a prior bank: the paper's Figure 3 for it, every fold, or the raw means.

This module loads matplotlib; nothing that trains imports it.
"""

from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from facemotion.errors import PriorError
from facemotion.priors.bank import PriorBank
from facemotion.workspace import atomic_path

__all__ = ["draw_bank", "draw_matrix", "png_bytes", "prior_figure"]

SYNTHETIC = "synthetic faces"


def prior_figure(bank: PriorBank, *, folds: bool = False, raw: bool = False) -> Figure:
    """Draw a bank: a column per class, as in the paper's Figure 3.

    Parameters
    ----------
    bank : PriorBank
        The bank.
    folds : bool
        Draw a row for every fold, besides the row of all subjects.
    raw : bool
        Draw the mean differences, with a colour bar, instead of the masks.

    Returns
    -------
    matplotlib.figure.Figure
        Titled with dataset, rule and counts; says so where the faces are synthetic.

    Raises
    ------
    PriorError
        If raw means are asked of a bank that has masks only.
    """
    if raw and bank.meta.masks_only:
        raise PriorError("this bank holds masks only, without means; leave --raw out")
    indices = [bank.folds, *range(bank.folds)] if folds else [bank.folds]
    values = bank.mean if raw else bank.mask
    kinds = len(bank.classes)
    height = 1.32 * len(indices) * bank.size[0] / bank.size[1]
    figure = Figure(figsize=(1.28 * kinds + (0.9 if raw else 0.0) + 0.5, height + 0.62), dpi=150, layout="constrained")
    axes = figure.subplots(len(indices), kinds, squeeze=False)
    top = float(values[indices].max()) if raw else 1.0
    image = None
    for row, index in enumerate(indices):
        absent = bank.missing(None if index == bank.folds else index)
        for column, name in enumerate(bank.classes):
            axis = axes[row, column]
            axis.set_xticks([])
            axis.set_yticks([])
            for spine in axis.spines.values():
                spine.set_visible(False)
            image = axis.imshow(values[index, column], cmap="magma" if raw else "gray", vmin=0, vmax=top or 1)
            if row == 0:
                axis.set_title(name, fontsize=9)
            axis.set_xlabel(_caption(bank, index, column, name in absent), fontsize=7, color="#555555", labelpad=2)
            if column == 0 and folds:
                axis.set_ylabel("all" if index == bank.folds else f"fold {index}", fontsize=8)
    if raw and image is not None:
        bar = figure.colorbar(image, ax=axes.ravel().tolist(), shrink=0.9, pad=0.01)
        bar.ax.tick_params(labelsize=7)
        bar.set_label("mean |difference|, 0 to 1", fontsize=7)
    figure.suptitle(_title(bank, raw=raw), fontsize=9)
    return figure


def _caption(bank: PriorBank, index: int, column: int, absent: bool) -> str:
    if absent:
        return "missing"
    return "" if bank.meta.masks_only else f"n = {bank.count[index, column]}"


def _title(bank: PriorBank, *, raw: bool) -> str:
    meta = bank.meta
    rule = {"subject": "one neutral face per subject", "sequence": "one neutral face per sequence"}.get(meta.neutral)
    parts = [
        f"{'Mean facial motion' if raw else 'Motion-mask priors'} of {meta.dataset}",
        *([rule] if rule else []),
        f"{bank.size[0]} x {bank.size[1]} px",
        *([SYNTHETIC] if "demo" in meta.sources else []),
    ]
    return ", ".join(parts)


def draw_bank(bank: PriorBank, path: Path, *, folds: bool = False, raw: bool = False) -> None:
    """Write `prior_figure` as PNG, atomically; the same bank gives the same bytes.

    Raises
    ------
    PriorError
        If raw means are asked of a bank that has masks only.
    WorkspaceError
        If the file cannot be written.
    """
    content = png_bytes(prior_figure(bank, folds=folds, raw=raw))
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def draw_matrix(values: np.ndarray, rows: tuple[str, ...], columns: tuple[str, ...], path: Path, *, title: str) -> None:
    """Draw a matrix of similarities in [-1, 1] with its figures, as PNG, atomically.

    Parameters
    ----------
    values : ndarray of float, shape (R, C)
        NaN where there is nothing to compare.
    rows, columns : tuple of str
        Names along the axes.
    path : Path
        The file to write.
    title : str
        The heading.
    """
    figure = Figure(figsize=(0.8 * len(columns) + 1.6, 0.55 * len(rows) + 1.4), dpi=150, layout="constrained")
    axis = figure.subplots()
    axis.imshow(np.ma.masked_invalid(values), cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto")
    axis.set_xticks(range(len(columns)), columns, fontsize=8, rotation=30, ha="right", rotation_mode="anchor")
    axis.set_yticks(range(len(rows)), rows, fontsize=8)
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            colour = "white" if abs(value) > 0.6 else "black"
            axis.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=8, color=colour)
    axis.set_title(title, fontsize=9)
    content = png_bytes(figure)
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def png_bytes(figure: Figure) -> bytes:
    """Return a figure as PNG bytes without a date or a version in them."""
    buffer = BytesIO()
    FigureCanvasAgg(figure).print_png(buffer, metadata={"Software": None})
    return buffer.getvalue()
