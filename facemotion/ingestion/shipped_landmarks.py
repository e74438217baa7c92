"""Landmarks that datasets ship, 68 points a face, as tables of five points for the source ``precomputed``.

All are in the order of iBUG's 68 points: 36 to 41 and 42 to 47 go round the image-left and image-right eye, 30 is the
tip of the nose, 48 and 54 are the corners of the mouth.
"""

import re
import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facemotion.errors import DataError
from facemotion.ingestion import affectnet_items, affectnet_tables, names
from facemotion.ingestion.copies import best_first
from facemotion.ingestion.npy import read_npy
from facemotion.ingestion.tree import Finder, Tree
from facemotion.landmarks.precomputed import POINTS
from facemotion.progress import Progress, silent

__all__ = ["five_points", "of_affectnet", "of_ckplus"]

_LARGEST = 1e6
"""Pixels that no picture has."""
_CK_FILE = re.compile(r"S0*(\d+)_(\d{3})_(\d{8})_landmarks\.txt", re.IGNORECASE)


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


def of_ckplus(tree: Tree, table: pd.DataFrame, *, progress: Progress = silent) -> pd.DataFrame:
    """Read CK+'s active appearance model tracking (``Landmarks/``) for the frames of a manifest.

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
        if match := _CK_FILE.fullmatch(file.name):
            copies[f"S{int(match[1]):03d}_{match[2]}_{match[3]}"].append(file.path)
    rows = {}
    for sample, source in progress(_pairs(table, "sample_id"), "reading landmarks", total=len(table)):
        found = (_tracked(tree, path) for path in copies.get(sample, ()))
        points = next((each for each in found if each is not None), None)
        if points is not None:
            rows[source] = points
    advice = "unpack Landmarks.zip beside cohn-kanade-images"
    if copies:
        first = names.printable(next(iter(copies.values()))[0])
        advice = f"its files such as {first} are of other frames or damaged: unpack Landmarks.zip again"
    return _as_table(tree, rows, advice)


def of_affectnet(tree: Tree, table: pd.DataFrame, *, progress: Progress = silent) -> pd.DataFrame:
    """Read AffectNet's 68 points for the faces of a manifest: the column of release A, ``_lnd.npy`` of release B.

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
    sources = dict(_pairs(table, "sequence"))
    lists, _ = affectnet_tables.find_lists(tree)
    found: list[tuple[str, NDArray[np.float32]]] = []
    seen: set[tuple[str, tuple[float, ...]]] = set()
    for path, box, text in _points_of(tree, lists, progress):
        source = sources.get(affectnet_tables.face_name(path))
        if source is None or (source, box) in seen:  # lists repeat a face, with other digits when copied
            continue
        points = _numbers(text.split(";"))
        if points is not None:
            seen.add((source, box))
            found.append((source, points))
    if not lists:
        shipped = Finder(tree.files, affectnet_items.points_key)
        for source in progress(sorted(sources.values()), "reading landmarks"):
            points = _item(tree, shipped, source)
            if points is not None:
                found.append((source, points))
    return _as_table(tree, found, "releases A and B ship them; use --landmarks mtcnn")


def _points_of(
    tree: Tree, lists: Sequence[affectnet_tables.FaceList], progress: Progress
) -> Iterator[tuple[str, tuple[float, ...], str]]:
    """Yield what `read_points` does of all lists; of a damaged one, which was told, the rows above the damage."""
    for file in lists:
        with suppress(DataError):
            yield from affectnet_tables.read_points(tree, file, progress=progress)


def _tracked(tree: Tree, path: str) -> NDArray[np.float32] | None:
    """Return the points of a landmark file of CK+; None if it cannot be read."""
    try:
        return _numbers(tree.read_text(path).split())
    except OSError:
        return None


def _pairs(table: pd.DataFrame, column: str) -> Iterator[tuple[str, str]]:
    yield from zip(table[column].astype(str), table["source"].astype(str), strict=True)


def _item(tree: Tree, shipped: Finder, source: str) -> NDArray[np.float32] | None:
    """Return the points of an item of release B, of the best copy that can be read, or None."""
    for place in shipped.copies(affectnet_items.image_key(source) or ""):
        try:
            points = _numbers(read_npy((tree.root / tree.files[place].path).read_bytes()).ravel())
        except (OSError, ValueError):
            continue
        if points is not None:
            return points
    return None


def _numbers(values: object) -> NDArray[np.float32] | None:
    """Return five points from 136 numbers x1, y1, ... x68, y68; None if they are not that."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a damaged file may say that its numbers are complex
            numbers = np.asarray(values, dtype=np.float64)
    except (ValueError, TypeError, SystemError):  # the last from a damaged array of strings
        return None
    if numbers.shape != (136,) or not (np.abs(numbers) < _LARGEST).all():  # nor is NaN less
        return None
    return five_points(numbers.reshape(68, 2))


def _as_table(
    tree: Tree, rows: Mapping[str, NDArray[np.float32]] | list[tuple[str, NDArray[np.float32]]], advice: str
) -> pd.DataFrame:
    pairs = list(rows.items()) if isinstance(rows, Mapping) else rows
    if not pairs:
        raise DataError(f"{tree.root} holds no landmarks of the selected frames; {advice}")
    records = [[source, *points.ravel().tolist()] for source, points in pairs]
    table = pd.DataFrame(records, columns=["source", *POINTS])
    return table.drop_duplicates(ignore_index=True).sort_values(["source", *POINTS], ignore_index=True)
