"""Landmarks that datasets ship, 68 points a face, as tables of five points for the source ``precomputed``.

All are in the order of iBUG's 68 points: 36 to 41 and 42 to 47 go round the image-left and image-right eye, 30 is the
tip of the nose, 48 and 54 are the corners of the mouth.
"""

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facemotion.errors import DataError
from facemotion.ingestion.tree import Tree
from facemotion.landmarks.precomputed import POINTS

__all__ = ["as_table", "five_points", "points_of"]

_LARGEST = 1e6
"""Pixels that no picture has."""


def five_points(points: NDArray[np.floating]) -> NDArray[np.float32]:
    """Reduce 68 points to five.

    Parameters
    ----------
    points : float array of shape (..., 68, 2)
        (x, y) in pixels, in iBUG's order.

    Returns
    -------
    float32 array of shape (..., 5, 2)
        The middles of the image-left and the image-right eye, the tip of the nose, the image-left and the image-right
        corner of the mouth.
    """
    eyes = [points[..., start : start + 6, :].mean(axis=-2) for start in (36, 42)]
    return np.stack([*eyes, points[..., 30, :], points[..., 48, :], points[..., 54, :]], axis=-2).astype(np.float32)


def points_of(values: object) -> NDArray[np.float32] | None:
    """Return five points from 136 values x1, y1, ... x68, y68, numbers or their texts; None if they are not that.

    Returns
    -------
    float32 array of shape (5, 2), or None
        See `five_points`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a damaged file may say that its numbers are complex
            numbers = np.asarray(values, dtype=np.float64)
    except (ValueError, TypeError, SystemError):  # the last from a damaged array of strings
        return None
    if numbers.shape != (136,) or not (np.abs(numbers) < _LARGEST).all():  # nor is NaN less
        return None
    return five_points(numbers.reshape(68, 2))


def as_table(tree: Tree, found: Sequence[tuple[str, NDArray[np.float32]]], advice: str) -> pd.DataFrame:
    """Return the table that the source ``precomputed`` reads.

    Parameters
    ----------
    tree : Tree
        The dataset.
    found : sequence of tuple of str and float32 array of shape (5, 2)
        Source and points of each face.
    advice : str
        What to do where nothing was found.

    Returns
    -------
    pandas.DataFrame
        ``source`` and ``x1`` to ``y5``, each face once, sorted.

    Raises
    ------
    DataError
        If nothing was found.
    """
    if not found:
        raise DataError(f"{tree.root} holds no landmarks of the selected frames; {advice}")
    records = [[source, *points.ravel().tolist()] for source, points in found]
    table = pd.DataFrame(records, columns=["source", *POINTS])
    return table.drop_duplicates(ignore_index=True).sort_values(["source", *POINTS], ignore_index=True)
