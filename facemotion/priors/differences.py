"""How an expressive face differs from its neutral one, pixel by pixel, in whole numbers.

Whole numbers, so that sums are exact and no order of images, shards, chunks or workers can change a byte: the BT.601
luma of 8-bit RGB in thousandths, ``299 R + 587 G + 114 B``, is an integer up to 255,000; so is an absolute difference
of two, and so are relative differences, which are rounded to the same grid. float32 holds integers up to 2**24
exactly, hence sums of 65 of them.
"""

import itertools
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import pandas as pd

from facemotion.errors import PriorError
from facemotion.progress import Progress, silent

__all__ = ["FLOOR", "MOST_IN_CHUNK", "UNIT", "Crops", "differences", "local_range", "luma", "runs"]

LUMA = np.array([299, 587, 114], dtype=np.float32)
UNIT = 255_000
"""The number that stands for a difference of 1.0: thousandths of a grey level in the range of luma."""
MOST_IN_CHUNK = 65
"""Differences whose sum float32 still holds exactly: 65 * 255,000 < 2**24."""
FLOOR = 8_000
"""Thousandths of a grey level that are added to the local contrast of a relative difference: eight grey levels, a few
times what sensor noise and JPEG leave in smooth skin. Between 4 and 16 little changes; see
``benchmarks/prior_options.py``."""


class Crops(Protocol):
    """Faces by row: a NumPy array, or `facemotion.alignment.store.CropArray`."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(N, H, W, 3)."""
        ...

    def __getitem__(self, rows: Any, /) -> np.ndarray:
        """Return uint8 RGB faces, shape (n, H, W, 3), for an integer array of rows."""
        ...


def luma(crops: np.ndarray, *, out: np.ndarray | None = None) -> np.ndarray:
    """Return the BT.601 luma of RGB faces in thousandths of a grey level, exactly.

    Parameters
    ----------
    crops : ndarray of uint8, shape (n, H, W, 3)
        RGB faces.
    out : ndarray of float32, shape (m, 3) with m >= n * H * W, optional
        Scratch memory for the faces as floats.

    Returns
    -------
    ndarray of float32, shape (n, H * W)
        Integers in [0, 255000].
    """
    pixels = crops.reshape(-1, 3)
    scratch = np.empty(pixels.shape, dtype=np.float32) if out is None else out[: len(pixels)]
    scratch[...] = pixels
    return (scratch @ LUMA).reshape(len(crops), -1)


def local_range(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return the contrast round each pixel: greatest less least of the 3 x 3 pixels there, fewer at the border.

    Parameters
    ----------
    values : ndarray, shape (n, H * W)
        One row a picture.
    size : tuple of int
        (H, W).

    Returns
    -------
    ndarray, shape (n, H * W)
        Not negative.
    """
    ends = []
    for larger in (np.maximum, np.minimum):
        image = values.reshape(len(values), *size)
        for axis in (1, 2):
            line = np.moveaxis(image, axis, 0)
            wide = np.array(line)
            larger(wide[1:], line[:-1], out=wide[1:])
            larger(wide[:-1], line[1:], out=wide[:-1])
            image = np.moveaxis(wide, 0, axis)
        ends.append(image.reshape(len(values), -1))
    return ends[0] - ends[1]


def differences(
    crops: Crops, pairs: pd.DataFrame, *, difference: str = "absolute", chunk: int = 32, progress: Progress = silent
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the differences of pairs, chunk by chunk, in the order of `pairs`.

    Parameters
    ----------
    crops : Crops
        The faces, (N, H, W, 3) uint8 RGB.
    pairs : pandas.DataFrame
        Columns ``expressive`` and ``neutral``: rows of `crops`. Fastest when sorted by neutral row.
    difference : {'absolute', 'relative'}
        ``absolute``: the absolute difference d of luma (Eq. 1). ``relative``: d / (d + r + `FLOOR`), where r is the
        larger `local_range` of the two faces. To first order d is displacement times slope, so that an edge that moved
        by a hair's breadth gives a large d where it is a sharp one, such as the rim of glasses or a hairline; over the
        local contrast it counts by how far it moved.
    chunk : int
        Pairs in memory at a time, at most `MOST_IN_CHUNK`; no value depends on it.
    progress : Progress
        Shows long work.

    Yields
    ------
    start : int
        The first pair of the chunk.
    values : ndarray of float32, shape (n, H * W)
        Whole numbers in [0, `UNIT`].

    Raises
    ------
    PriorError
        If `chunk` is out of range.
    """
    if not 1 <= chunk <= MOST_IN_CHUNK:
        raise PriorError(f"chunk = {chunk} pairs: expected 1 to {MOST_IN_CHUNK}, more would not add up exactly")
    size = (crops.shape[1], crops.shape[2])
    expressive, neutral = pairs["expressive"].to_numpy(), pairs["neutral"].to_numpy()
    scratch = np.empty((chunk * size[0] * size[1], 3), dtype=np.float32)
    for start in progress(range(0, len(pairs), chunk), "mean differences: chunks of pairs"):
        part = slice(start, start + chunk)
        own, place = np.unique(neutral[part], return_inverse=True)
        still = luma(crops[own], out=scratch)
        moved = luma(crops[expressive[part]], out=scratch)
        contrast = None
        if difference == "relative":
            contrast = np.maximum(local_range(moved, size), local_range(still, size)[place])
        for first, last in runs(place):
            moved[first:last] -= still[place[first]]
        np.abs(moved, out=moved)
        if contrast is not None:
            contrast += moved
            contrast += np.float32(FLOOR)
            moved /= contrast
            moved *= np.float32(UNIT)
            np.rint(moved, out=moved)
        yield start, moved


def runs(values: np.ndarray) -> list[tuple[int, int]]:
    """Return (first, last + 1) of each run of equal values."""
    cuts = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    return list(itertools.pairwise(cuts))
