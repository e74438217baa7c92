"""Pictures that go by two names: what the name of a dataset does not give away, its files do."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from facemotion.alignment.store import read_faces
from facemotion.errors import FacemotionError, LeakageError
from facemotion.places import Selection
from facemotion.training.data import Part, TrainingData
from facemotion.workspace import Workspace

__all__ = ["check_prior_pictures", "check_start_pictures", "in_both", "picture_digests", "seen_in_training"]

Digests = Iterable[str]


def picture_digests(workspace: Workspace, dataset: str) -> list[str]:
    """Return the SHA-256 of a dataset's pictures, of all its selections, as far as they are at hand."""
    found: set[str] = set()
    for selection in Selection(workspace, dataset).beside():
        for alignment in selection.alignments()[:1]:  # all alignments of a selection are of the same pictures
            try:
                found |= set(read_faces(alignment.folder, lists=False)[0]["sha256"])
            except FacemotionError:
                continue
    return sorted(found)


def in_both(own: Digests, known: Mapping[str, Digests]) -> tuple[int, str] | None:
    """Return how many pictures are also in another dataset, and in which; None if there are none.

    Parameters
    ----------
    own : iterable of str
        SHA-256 of pictures; empty strings are passed over.
    known : mapping of str to iterable of str
        The same of other datasets, by name; the first that shares a picture is named.
    """
    mine = set(own) - {""}
    for name, others in known.items():
        both = mine & set(others)
        if both:
            return len(both), name
    return None


def seen_in_training(data: TrainingData, part: Part) -> int:
    """Return how many test faces have a picture that is, under another name, a training picture too.

    AffectNet holds thousands of pictures twice. That is the dataset's, and its published figures', so that it is told
    and not refused.
    """
    if not len(data.pictures):
        return 0
    trained = set(data.pictures[part.train].tolist()) - {""}
    return sum(picture in trained for picture in data.pictures[part.test].tolist())


def check_prior_pictures(data: TrainingData, test: NDArray[np.int64], known: Mapping[str, Digests]) -> None:
    """Refuse to test on pictures that the prior of another dataset was built from: they are that dataset's too.

    Parameters
    ----------
    data : TrainingData
        What is trained and tested on; see `TrainingData.pictures`.
    test : int64 array of shape (n,)
        Positions of the test faces.
    known : mapping of str to iterable of str
        SHA-256 of the pictures of the prior's sources, as far as they are at hand.

    Raises
    ------
    LeakageError
        If a picture is in both.
    """
    found = in_both(data.pictures[test].tolist() if len(data.pictures) else (), known)
    if found is not None:
        number, name = found
        message = (
            f"{number} test pictures of {data.dataset} are also in {name}, which the prior was built from: its mask of "
            f"all subjects has seen them; train on {name} itself, fold by fold, or with the prior of another dataset"
        )
        raise LeakageError(message)


def check_start_pictures(data: TrainingData, test: NDArray[np.int64], known: Mapping[str, Digests]) -> None:
    """Refuse to test on pictures that the weights which a training begins with have been trained on.

    Parameters
    ----------
    data, test
        As for `check_prior_pictures`.
    known : mapping of str to iterable of str
        SHA-256 of the pictures of the datasets that had a part in those weights, as far as they are at hand.

    Raises
    ------
    LeakageError
        If a picture is in both.
    """
    found = in_both(data.pictures[test].tolist() if len(data.pictures) else (), known)
    if found is not None:
        number, name = found
        message = (
            f"{number} test pictures of {data.dataset} are also in {name}, which the weights of --pretrained were "
            f"trained on; ingest {data.dataset} without them, or begin with other weights"
        )
        raise LeakageError(message)
