"""RAF-DB's five manual points (``Annotation/manual``), as a table for the source ``precomputed``."""

from collections import defaultdict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facemotion.datasets.raf_db.labels import key_of, points_key
from facemotion.ingestion.copies import best_first
from facemotion.ingestion.shipped_landmarks import as_table
from facemotion.ingestion.tree import Tree
from facemotion.progress import Progress, silent

__all__ = ["five_of", "landmarks"]

_LARGEST = 1e5
"""Pixels that no picture has."""


def landmarks(tree: Tree, table: pd.DataFrame, *, progress: Progress = silent) -> pd.DataFrame:
    """Read the manual points of the original pictures of a manifest.

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
        ``source`` and ``x1`` to ``y5``; of copies of a file the best one that can be read counts.

    Raises
    ------
    DataError
        If no selected picture has points: they are not there, or the aligned crops were selected.
    """
    copies: defaultdict[str, list[str]] = defaultdict(list)
    for file in best_first(tree.files):
        if name := points_key(file.name):
            copies[name].append(file.path)
    found = []
    for source in progress(table["source"].astype(str), "reading landmarks", total=len(table)):
        name, cut = key_of(source.rpartition("/")[2]) or ("", True)
        points = (_read(tree, path) for path in copies.get(name, ())) if not cut else iter(())
        best = next((each for each in points if each is not None), None)
        if best is not None:
            found.append((source, best))
    advice = "unpack Annotation/manual.zip beside Image; its points are those of the original pictures"
    return as_table(tree, found, advice)


def _read(tree: Tree, path: str) -> NDArray[np.float32] | None:
    try:
        return five_of(tree.read_text(path))
    except OSError:
        return None


def five_of(text: str) -> NDArray[np.float32] | None:
    """Return the points of a file: five lines ``x<TAB>y``, then gender, race and age; None if it has no such lines.

    Returns
    -------
    float32 array of shape (5, 2), or None
        (x, y); of the eyes and of the corners of the mouth the image-left one first, whichever the file has first.
    """
    try:
        rows = [[float(word) for word in line.replace(",", " ").split()] for line in text.splitlines()[:5]]
        points = np.array(rows, np.float32)
    except ValueError:
        return None
    if points.shape != (5, 2) or not (np.abs(points) < _LARGEST).all():
        return None
    eyes, down = points[1] - points[0], points[3:].mean(axis=0) - points[:2].mean(axis=0)
    mirrored = eyes[0] * down[1] - eyes[1] * down[0] < 0
    return points[[1, 0, 2, 4, 3]] if mirrored else points
