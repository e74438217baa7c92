"""The 68 points of AffectNet as a table for ``precomputed``: a column of release A, ``_lnd.npy`` of release B."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facemotion.datasets.affectnet import lists, paths
from facemotion.datasets.affectnet.npy import read_npy
from facemotion.errors import DataError
from facemotion.ingestion.shipped_landmarks import as_table, points_of
from facemotion.ingestion.tree import Finder, Tree
from facemotion.progress import Progress, silent

__all__ = ["landmarks"]


def landmarks(tree: Tree, table: pd.DataFrame, *, progress: Progress = silent) -> pd.DataFrame:
    """Read the points of the faces of a manifest.

    Parameters
    ----------
    tree : Tree
        The dataset.
    table : pandas.DataFrame
        Its manifest.
    progress : Progress
        Shows the reading.

    Returns
    -------
    pandas.DataFrame
        ``source`` and ``x1`` to ``y5``; several faces of one picture have a row each, a face without points has none.

    Raises
    ------
    DataError
        If no selected face has landmarks: release C is not known to ship any.
    """
    sources = dict(zip(table["sequence"].astype(str), table["source"].astype(str), strict=True))
    face_lists, _ = lists.find_lists(tree)
    found: list[tuple[str, NDArray[np.float32]]] = []
    seen: set[tuple[str, tuple[float, ...]]] = set()
    for path, box, text in _rows(tree, face_lists, progress):
        source = sources.get(paths.face_name(path))
        if source is None or (source, box) in seen:  # lists repeat a face, with other digits when copied
            continue
        points = points_of(text.split(";"))
        if points is not None:
            seen.add((source, box))
            found.append((source, points))
    if not face_lists:
        shipped = Finder(tree.files, paths.points_key)
        for source in progress(sorted(sources.values()), "reading landmark files"):
            points = _item(tree, shipped, source)
            if points is not None:
                found.append((source, points))
    return as_table(tree, found, "releases A and B ship them; use --landmarks mtcnn")


def _rows(
    tree: Tree, face_lists: Sequence[lists.FaceList], progress: Progress
) -> Iterator[tuple[str, tuple[float, ...], str]]:
    """Yield what `read_points` does of all lists; of a damaged one, which was told, the rows above the damage."""
    for file in face_lists:
        with suppress(DataError):
            yield from lists.read_points(tree, file, progress=progress)


def _item(tree: Tree, shipped: Finder, source: str) -> NDArray[np.float32] | None:
    """Return the points of an item of release B, of the best copy that can be read, or None."""
    for place in shipped.copies(paths.image_key(source) or ""):
        try:
            points = points_of(read_npy((tree.root / tree.files[place].path).read_bytes()).ravel())
        except (OSError, ValueError):
            continue
        if points is not None:
            return points
    return None
