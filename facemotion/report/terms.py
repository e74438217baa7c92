"""What a report may say and show of a dataset: its title and terms, whether faces are real, whether they are shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from facemotion import datasets
from facemotion.errors import FacemotionError
from facemotion.report.artefacts import DatasetFolder, RunContents
from facemotion.synthetic import Amount, is_synthetic, is_synthetic_in
from facemotion.workspace import Workspace

__all__ = [
    "Terms",
    "faces_shown",
    "is_known_real",
    "is_of_rendered",
    "is_rendered",
    "prior_amount",
    "synthetic_by_name",
    "terms_of",
]


@dataclass(frozen=True)
class Terms:
    """What is known of a dataset apart from any copy of it.

    Attributes
    ----------
    title, licence : str
        The full name, and the terms in a sentence; the plain name and nothing of a dataset that is not ours.
    gated : bool
        Whether its pictures are given under an agreement; of a dataset that is not ours, yes.
    images : int or None
        Expressive images that the paper's figures on it are about, where that is published.
    """

    title: str
    licence: str
    gated: bool
    images: int | None


def terms_of(name: str) -> Terms:
    """Return the terms of a dataset, by its name: the one place of the report that asks a dataset for its facts."""
    try:
        found = datasets.load(name)
    except FacemotionError:
        return Terms(name, "", True, None)
    info, known = found.info, found.facts
    images = sum(info.images.values()) or known.release.get("faces that the authors of FMPN used")
    return Terms(info.title, info.licence, known.gated, images)


def is_rendered(dataset: DatasetFolder) -> bool:
    """Tell whether a dataset's faces were rendered."""
    return is_synthetic(dataset.name, dataset.ingest)


def synthetic_by_name(workspace: Workspace, read: Sequence[DatasetFolder]) -> Callable[[str], bool]:
    """Return what tells of any dataset's name whether the workspace's faces of it were rendered.

    Parameters
    ----------
    workspace : Workspace
        Where ``ingest.json`` is of datasets that the report is not about, such as a prior's source.
    read : sequence of DatasetFolder
        Those that it is about.
    """

    @cache
    def rendered(name: str) -> bool:
        own = [dataset for dataset in read if dataset.name == name]
        if own:
            return any(map(is_rendered, own))
        return is_synthetic_in(workspace, name)

    return rendered


def is_of_rendered(run: RunContents, rendered: Callable[[str], bool]) -> bool:
    """Tell whether the faces of a run were rendered: as it says itself; else as `rendered` says of its dataset.

    Parameters
    ----------
    run : RunContents
        The run.
    rendered : callable
        From `synthetic_by_name`.
    """
    return run.config is not None and run.config.is_of_rendered(rendered)


def prior_amount(run: RunContents, rendered: Callable[[str], bool]) -> Amount:
    """Return how much of the faces of a run's prior was rendered: as it says itself, or as `rendered` says."""
    if run.bank is None:
        return Amount.NONE
    return run.bank.meta.synthetic or Amount.of(map(rendered, run.bank.meta.sources))


def is_known_real(dataset: DatasetFolder | None) -> bool:
    """Tell whether a dataset's faces are real for all that its ``ingest.json`` says; if that is lost, nobody knows."""
    return dataset is not None and dataset.ingest is not None and not is_rendered(dataset)


def faces_shown(dataset: DatasetFolder, *, with_faces: bool) -> bool:
    """Tell whether pixels of a dataset's faces may be in the page: rendered ones, free ones, or those asked for."""
    return with_faces or is_rendered(dataset) or not terms_of(dataset.name).gated
