"""Training curves: a small chart for each phase and quantity, a line for each variant."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from facemotion.report.figures import FAINT, SERIES, chart, inline_svg, plain

__all__ = ["curves"]

History = Sequence[Mapping[str, Any]]


def curves(histories: Mapping[str, Sequence[History]], *, key: str) -> dict[str, Any] | None:
    """Draw losses and training accuracy over the epochs.

    A line is the mean over the variant's models, the band their range.

    Parameters
    ----------
    histories : mapping
        Variant -> a history (list of epochs) for each of its models. An epoch has ``phase``, ``epoch`` and numbers
        whose names contain ``loss`` or ``accuracy``.
    key : str
        Distinct for each run of the page.

    Returns
    -------
    dict or None
        ``panels``, each with ``title`` and ``svg``; ``legend``, the variants in the order of the page's series colours,
        empty where there is only one. None if there is nothing to draw.
    """
    panels = []
    for phase, names in _phases(histories):
        for name in names:
            title = f"{name.replace('_', ' ')}, {phase} phase"
            figure, ends = _panel(histories, phase, name)
            label = f"{title}, by epoch: {ends}"
            panels.append({"title": title, "svg": inline_svg(figure, label=label, key=f"{key} {phase} {name}")})
    return {"panels": panels, "legend": list(histories) if len(histories) > 1 else []} if panels else None


def _panel(histories: Mapping[str, Sequence[History]], phase: str, name: str) -> tuple[Figure, str]:
    """Draw one chart; return it with its first and last values in words."""
    figure, axis = chart(3.3, 2.2)
    told = []
    for (variant, runs), colour in zip(histories.items(), itertools.cycle(SERIES), strict=False):
        epochs, mean, low, high = _band(runs, phase, name)
        if len(epochs):
            axis.plot(epochs, mean, color=colour, linewidth=1.8, marker="o" if len(epochs) == 1 else None)
            axis.fill_between(epochs, low, high, color=colour, alpha=0.16, linewidth=0)
            told.append(f"{variant} from {mean[0]:.3g} to {mean[-1]:.3g}")
    axis.set_xlabel("epoch", fontsize=9, color=FAINT)
    axis.set_ylim(bottom=0, top=1.02 if "accuracy" in name else None)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    axis.yaxis.set_major_locator(MaxNLocator(nbins=5))
    plain(axis)
    return figure, "; ".join(told)


def _phases(histories: Mapping[str, Sequence[History]]) -> list[tuple[str, list[str]]]:
    """Return the phases in order of appearance, with the names of the numbers that their epochs have."""
    phases: dict[str, dict[str, None]] = {}
    for runs in histories.values():
        for history in runs:
            for epoch in history:
                names = phases.setdefault(str(epoch.get("phase", "training")), {})
                names.update({name: None for name, value in epoch.items() if _plottable(name, value)})
    return [(phase, list(names)) for phase, names in phases.items() if names]


def _plottable(name: str, value: object) -> bool:
    return ("loss" in name or "accuracy" in name) and isinstance(value, (int, float)) and bool(np.isfinite(value))


def _band(runs: Sequence[History], phase: str, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
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
