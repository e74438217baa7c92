"""Whether a run's faces, those of its prior and those it was scored on elsewhere were rendered.

A run says so itself, wherever it is copied to. One of an early version does not; then its workspace is asked, as far as
it lies in one.
"""

import functools
from typing import TYPE_CHECKING

from facemotion.provenance import header_of
from facemotion.synthetic import Amount, is_synthetic, is_synthetic_in
from facemotion.workspace import Workspace

if TYPE_CHECKING:
    from facemotion.runs.run import Run

__all__ = ["evaluated_on_synthetic", "prior_of_synthetic", "trained_on_synthetic"]


def trained_on_synthetic(run: "Run") -> bool:
    """Tell whether the faces that a run was trained and tested on were rendered.

    Raises
    ------
    WorkspaceError
        If its ``config.json`` cannot be read.
    """
    return run.config.is_of_rendered(functools.partial(_in_workspace, run))


def prior_of_synthetic(run: "Run") -> Amount:
    """Return how much of the faces of a run's prior was rendered.

    Raises
    ------
    FacemotionError
        If neither its ``config.json`` says it nor the prior can be read.
    """
    kept = run.config.prior.synthetic
    return run.bank.meta.synthetic if kept is None else kept


def evaluated_on_synthetic(run: "Run", dataset: str) -> bool:
    """Tell whether the faces of another dataset that a run was scored on were rendered."""
    kept = header_of(run.evaluation_folder(dataset) / "metrics.json")
    return is_synthetic(dataset, kept) if "synthetic" in kept else _in_workspace(run, dataset)


def _in_workspace(run: "Run", dataset: str) -> bool:
    place = run.folder.resolve().parent
    if place.name != "runs":
        return is_synthetic(dataset, None)
    return is_synthetic_in(Workspace(place.parent), dataset)
