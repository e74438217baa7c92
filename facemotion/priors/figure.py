"""Pictures of a prior bank: the paper's Figure 3 for it, every fold, or the raw averages.

This module loads matplotlib; nothing that trains imports it.
"""

import textwrap
from io import BytesIO
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from facemotion.errors import PriorError
from facemotion.lettering import as_written
from facemotion.priors.bank import PriorBank
from facemotion.workspace import atomic_path

__all__ = ["draw_bank", "png_bytes", "prior_figure", "wrapped"]

LETTERS_AN_INCH = 13
_RAW = {
    ("mean", "absolute"): "mean |difference| of luma",
    ("median", "absolute"): "median |difference| of luma",
    ("mean", "relative"): "mean relative difference",
    ("median", "relative"): "median relative difference",
}


def prior_figure(bank: PriorBank, *, folds: bool = False, raw: bool = False) -> Figure:
    """Draw a bank: a column per class, as in the paper's Figure 3.

    Parameters
    ----------
    bank : PriorBank
        The bank.
    folds : bool
        Draw a row for every fold, besides the row of all subjects.
    raw : bool
        Draw the mean differences (or the medians), with a colour bar, instead of the masks.

    Returns
    -------
    matplotlib.figure.Figure
        Titled with dataset, the rules that are not the paper's, and size; says so where the faces are synthetic. A
        class without a mask is an empty frame, not a black face.

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
    width = 1.28 * kinds + (0.9 if raw else 0.0) + 0.5
    title = wrapped(_title(bank, raw=raw), width)
    height = 1.32 * len(indices) * bank.size[0] / bank.size[1] + 0.45 + 0.17 * len(title.splitlines())
    figure = Figure(figsize=(width, height), dpi=150, layout="constrained")
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
            if name in absent:
                _draw_absence(axis, bank.size)
            else:
                image = axis.imshow(values[index, column], cmap="magma" if raw else "gray", vmin=0, vmax=top or 1)
            if row == 0:
                axis.set_title(name, fontsize=9)
            axis.set_xlabel(_caption(bank, index, column, name in absent), fontsize=7, color="#555555", labelpad=2)
            if column == 0 and folds:
                axis.set_ylabel("all" if index == bank.folds else f"fold {index}", fontsize=8)
    if raw and image is not None:
        bar = figure.colorbar(image, ax=axes.ravel().tolist(), shrink=0.9, pad=0.01)
        bar.ax.tick_params(labelsize=7)
        bar.set_label(_RAW[bank.meta.average, bank.meta.difference], fontsize=7)
    figure.suptitle(title, fontsize=9)
    return figure


def wrapped(title: str, width: float) -> str:
    """Return a heading in lines that fit a figure of so many inches, at 9 points."""
    return textwrap.fill(title, max(int(LETTERS_AN_INCH * width), 12), break_on_hyphens=False)


def _draw_absence(axis: Axes, size: tuple[int, int]) -> None:
    axis.set_xlim(-0.5, size[1] - 0.5)
    axis.set_ylim(size[0] - 0.5, -0.5)
    axis.set_aspect("equal")
    axis.set_facecolor("#eeeeee")
    axis.text(0.5, 0.5, "missing", transform=axis.transAxes, ha="center", va="center", fontsize=8, color="#555555")


def _caption(bank: PriorBank, index: int, column: int, absent: bool) -> str:
    return "" if absent or bank.meta.masks_only else f"n = {bank.count[index, column]}"


def _title(bank: PriorBank, *, raw: bool) -> str:
    meta = bank.meta
    rule = {"subject": "one neutral face per subject", "sequence": "one neutral face per sequence"}.get(meta.neutral)
    known = not meta.masks_only
    parts = [
        f"{f'{meta.average.capitalize()} facial motion' if raw else 'Motion-mask priors'} of {meta.dataset}",
        *([rule] if rule else []),
        *(["relative differences"] if known and meta.difference == "relative" else []),
        *(["medians"] if known and meta.average == "median" and not raw else []),
        *([f"phi: {meta.phi}"] if known and meta.phi != "ranks" and not raw else []),
        f"{bank.size[0]} x {bank.size[1]} px",
        *filter(None, [meta.synthetic.words]),
    ]
    return ", ".join(parts)


@as_written()
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


def png_bytes(figure: Figure) -> bytes:
    """Return a figure as PNG bytes without a date or a version in them."""
    buffer = BytesIO()
    FigureCanvasAgg(figure).print_png(buffer, metadata={"Software": None})
    return buffer.getvalue()
