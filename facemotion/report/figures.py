"""Pictures of a report, as data URIs: charts as SVG, faces and masks as PNG."""

import base64
import itertools
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from facemotion.expressions import ABBREVIATIONS
from facemotion.lettering import as_written
from facemotion.priors.bank import PriorBank
from facemotion.priors.figure import png_bytes, prior_figure

__all__ = ["PALETTE", "bank_picture", "confusion", "curves", "faces_grid", "image_uri", "masked"]

PALETTE = ("#1f5fa8", "#c4572b", "#3a8a5f", "#7a5aa6", "#8a6d1d", "#555e6b")
INK, FAINT = "#20262e", "#8b95a1"


def _svg(figure: Figure) -> str:
    buffer = BytesIO()
    with mpl.rc_context({"svg.hashsalt": "facemotion", "svg.fonttype": "path"}):
        FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Creator": None})
    return f"data:image/svg+xml;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def image_uri(image: np.ndarray) -> str:
    """Return a picture as a PNG data URI.

    Parameters
    ----------
    image : ndarray
        uint8 RGB (H, W, 3), or float (H, W) in [0, 1].
    """
    import cv2

    if image.dtype != np.uint8:
        image = np.rint(np.clip(np.nan_to_num(image), 0, 1) * 255).astype(np.uint8)
    content = cv2.imencode(".png", image[..., ::-1] if image.ndim == 3 else image)[1].tobytes()
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def bank_picture(bank: PriorBank) -> str:
    """Return the paper's Figure 3 for a bank as a PNG data URI."""
    return f"data:image/png;base64,{base64.b64encode(png_bytes(prior_figure(bank))).decode()}"


def masked(face: np.ndarray, mask: np.ndarray, *, window: float = 1.0) -> np.ndarray:
    """Return the face as the mask sees it: gray, weighted by the mask, as the fusion net gets it.

    Parameters
    ----------
    face : ndarray of uint8, shape (H, W, 3)
        An RGB crop.
    mask : ndarray of float, shape (h, w)
        A mask in [0, 1], resized to the face.
    window : float
        The part of the face's height and width, at its middle, that the network sees and the mask covers.

    Returns
    -------
    ndarray of float32, shape (H, W)
        Black where the mask does not reach.
    """
    import cv2

    gray = face.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32) / 255
    height, width = (round(side * window) for side in gray.shape)
    top, left = (gray.shape[0] - height) // 2, (gray.shape[1] - width) // 2
    weight = np.zeros_like(gray)
    weight[top : top + height, left : left + width] = cv2.resize(
        mask.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR
    )
    return gray * weight


def faces_grid(faces: np.ndarray, *, columns: int = 12, gap: int = 4) -> str:
    """Return faces side by side in rows, on white, as a PNG data URI.

    Parameters
    ----------
    faces : ndarray of uint8, shape (n, H, W, 3)
        RGB faces.
    columns : int
        Faces in a row.
    gap : int
        Pixels between them.
    """
    number, height, width = faces.shape[:3]
    columns = min(columns, number)
    rows = -(-number // columns)
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), 255, dtype=np.uint8)
    for index, face in enumerate(faces):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        sheet[top : top + height, left : left + width] = face
    return image_uri(sheet)


@as_written()
def confusion(counts: np.ndarray, classes: Sequence[str]) -> str:
    """Draw a confusion matrix: colour and figure are per cent of the true class, the count is below.

    Parameters
    ----------
    counts : ndarray of int, shape (K, K)
        Rows true, columns predicted.
    classes : sequence of str
        Their names.
    """
    total = counts.sum(axis=1, keepdims=True)
    share = np.divide(counts, total, out=np.zeros(counts.shape), where=total > 0)
    side = 0.56 * len(classes) + 0.9
    figure = Figure(figsize=(side + 0.4, side), layout="constrained")
    axis = figure.subplots()
    axis.imshow(share, cmap="Blues", vmin=0, vmax=1.15)
    names = [ABBREVIATIONS[name] for name in classes]
    axis.set_xticks(range(len(names)), names, fontsize=10)
    axis.set_yticks(range(len(names)), list(classes), fontsize=10)
    axis.set_xlabel("predicted", fontsize=9, color=FAINT)
    axis.set_ylabel("true", fontsize=9, color=FAINT)
    axis.tick_params(length=0, colors=INK)
    axis.set_xticks(np.arange(len(names) + 1) - 0.5, minor=True)
    axis.set_yticks(np.arange(len(names) + 1) - 0.5, minor=True)
    axis.grid(which="minor", color="white", linewidth=2)
    axis.tick_params(which="minor", length=0)
    for spine in axis.spines.values():
        spine.set_visible(False)
    for (row, column), count in np.ndenumerate(counts):
        if not count:
            continue
        colour = "white" if share[row, column] > 0.6 else INK
        text: dict[str, Any] = {"ha": "center", "color": colour}
        axis.text(column, row, f"{100 * share[row, column]:.1f}", va="bottom", fontsize=10, **text)
        axis.text(column, row + 0.06, f"{count}", va="top", fontsize=7.5, alpha=0.8, **text)
    return _svg(figure)


@as_written()
def curves(histories: Mapping[str, Sequence[Sequence[Mapping[str, Any]]]]) -> str | None:
    """Draw losses and training accuracy over the epochs: a panel per phase and quantity, a line per variant.

    A line is the mean over the variant's models, the band their range.

    Parameters
    ----------
    histories : mapping
        Variant -> a history (list of epochs) for each of its models. An epoch has ``phase``, ``epoch`` and numbers
        whose names contain ``loss`` or ``accuracy``.

    Returns
    -------
    str or None
        An SVG data URI; None if there is nothing to draw.
    """
    panels = [(phase, name) for phase, names in _phases(histories) for name in names]
    if not panels:
        return None
    columns = min(3, len(panels)) if len(panels) != 4 else 4
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(11.0 / max(columns, 3) * columns, 2.5 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes[len(panels) :]:
        axis.set_visible(False)
    for axis, (phase, name) in zip(axes, panels, strict=False):
        for (variant, runs), colour in zip(histories.items(), itertools.cycle(PALETTE), strict=False):
            epochs, mean, low, high = _band(runs, phase, name)
            if len(epochs):
                axis.plot(epochs, mean, color=colour, linewidth=1.6, label=variant)
                axis.fill_between(epochs, low, high, color=colour, alpha=0.14, linewidth=0)
        title = f"{name.replace('_', ' ')}, {phase} phase"
        _dress(axis, title=title, top=1.02 if "accuracy" in name else None, legend=len(histories) > 1)
    return _svg(figure)


def _dress(axis: Any, *, title: str, top: float | None, legend: bool) -> None:
    axis.set_title(title, fontsize=9, color=INK, loc="left")
    axis.set_xlabel("epoch", fontsize=8, color=FAINT)
    axis.set_ylim(bottom=0, top=top)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    axis.tick_params(labelsize=8, colors=INK, length=3)
    axis.grid(color="#e6e9ed", linewidth=0.8)
    axis.set_axisbelow(True)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    if legend:
        axis.legend(fontsize=7.5, frameon=False)


def _phases(histories: Mapping[str, Sequence[Sequence[Mapping[str, Any]]]]) -> list[tuple[str, list[str]]]:
    """Return the phases in order of appearance, with the names of the numbers that their epochs have."""
    phases: dict[str, dict[str, None]] = {}
    for runs in histories.values():
        for history in runs:
            for epoch in history:
                names = phases.setdefault(str(epoch.get("phase", "training")), {})
                names.update({name: None for name, value in epoch.items() if _plottable(name, value)})
    return [(phase, list(names)) for phase, names in phases.items() if names]


def _plottable(name: str, value: object) -> bool:
    return ("loss" in name or "accuracy" in name) and isinstance(value, (int, float)) and np.isfinite(value)


def _band(
    runs: Sequence[Sequence[Mapping[str, Any]]], phase: str, name: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return epochs, and mean, least and greatest value over the models at each."""
    values: dict[int, list[float]] = {}
    for history in runs:
        epochs = [epoch for epoch in history if str(epoch.get("phase", "training")) == phase]
        for position, epoch in enumerate(epochs):
            if name in epoch and _plottable(name, epoch[name]):
                values.setdefault(int(epoch.get("epoch", position)), []).append(float(epoch[name]))
    epochs = sorted(values)
    columns = [[function(values[epoch]) for epoch in epochs] for function in (np.mean, min, max)]
    return np.array(epochs), np.array(columns[0]), np.array(columns[1]), np.array(columns[2])
