"""CK+'s active appearance model tracking (``Landmarks/``), as a table for the source ``precomputed``."""

from collections import defaultdict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facemotion.datasets.ckplus.sequences import landmark_sample
from facemotion.ingestion import names
from facemotion.ingestion.copies import best_first
from facemotion.ingestion.shipped_landmarks import as_table, points_of
from facemotion.ingestion.tree import Tree
from facemotion.progress import Progress, silent

__all__ = ["landmarks"]


def landmarks(tree: Tree, table: pd.DataFrame, *, progress: Progress = silent) -> pd.DataFrame:
    """Read the tracking for the frames of a manifest.

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
        ``source`` and ``x1`` to ``y5``; of copies of a file the best one that can be read counts (see `best_first`),
        and frames without one have no row.

    Raises
    ------
    DataError
        If no selected frame has landmarks that can be read.
    """
    copies: defaultdict[str, list[str]] = defaultdict(list)
    for file in best_first(tree.files):
        if sample := landmark_sample(file.name):
            copies[sample].append(file.path)
    rows = {}
    pairs = zip(table["sample_id"].astype(str), table["source"].astype(str), strict=True)
    for sample, source in progress(pairs, "reading landmark files", total=len(table)):
        found = (_tracked(tree, path) for path in copies.get(sample, ()))
        points = next((each for each in found if each is not None), None)
        if points is not None:
            rows[source] = points
    advice = "unpack Landmarks.zip beside cohn-kanade-images"
    if copies:
        first = names.printable(next(iter(copies.values()))[0])
        advice = f"its files such as {first} are of other frames or damaged: unpack Landmarks.zip again"
    return as_table(tree, list(rows.items()), advice)


def _tracked(tree: Tree, path: str) -> NDArray[np.float32] | None:
    """Return the points of a landmark file; None if it cannot be read."""
    try:
        return points_of(tree.read_text(path).split())
    except OSError:
        return None
