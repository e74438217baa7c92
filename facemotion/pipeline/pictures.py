"""The digests of a dataset's pictures: what goes by two names is told by its files."""

from facemotion.errors import FacemotionError
from facemotion.pipeline.context import Context
from facemotion.places import Alignment, Selection

__all__ = ["picture_digests"]


def picture_digests(context: Context, dataset: str) -> list[str]:
    """Return the SHA-256 of a dataset's pictures, of all its selections, as far as they are at hand."""
    from facemotion.alignment.store import read_faces

    found: set[str] = set()
    for selection in Selection(context.workspace, dataset).beside():
        for alignment in Alignment(selection).beside()[:1]:  # all alignments of a selection are of the same pictures
            try:
                found |= set(read_faces(alignment.folder)[0]["sha256"])
            except FacemotionError:
                continue
    return sorted(found)
