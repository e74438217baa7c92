"""Faces that were rendered: how an artefact says so, and the words that go with figures about them."""

from collections.abc import Mapping
from typing import Any

from facemotion.errors import FacemotionError
from facemotion.workspace import Workspace, read_json

__all__ = ["NOTICE", "SYNTHETIC", "is_synthetic", "is_synthetic_in"]

SYNTHETIC = "synthetic faces"
NOTICE = f"{SYNTHETIC}: accuracy on them says nothing about real faces, so no published figure stands beside it"


def is_synthetic(dataset: str | None, ingest: Mapping[str, Any] | None) -> bool:
    """Tell whether the faces of a dataset were rendered, in whosever layout they lie.

    Parameters
    ----------
    dataset : str or None
        Its name; the demo's faces are always rendered.
    ingest : mapping or None
        The content of its ``ingest.json``, whose ``synthetic`` says that the tree bears the renderer's mark; None where
        it is not at hand.
    """
    return dataset == "demo" or bool((ingest or {}).get("synthetic", False))


def is_synthetic_in(workspace: Workspace, dataset: str) -> bool:
    """Tell whether a workspace's faces of a dataset were rendered, by its first selection; False if it has none."""
    try:
        found = read_json(workspace.dataset(dataset) / "ingest.json")
    except (FacemotionError, ValueError):
        found = None
    return is_synthetic(dataset, found if isinstance(found, Mapping) else None)
