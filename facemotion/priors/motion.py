"""Eq. 1 of the paper: the mean absolute difference between expressive and neutral faces, per class and fold.

Everything up to the mean is exact, so that no order of images, shards, chunks or workers can change a byte: the BT.601
luma of 8-bit RGB in thousandths, ``299 R + 587 G + 114 B``, is an integer up to 255,000; so is an absolute difference
of two; float32 holds integers up to 2**24 exactly, hence sums of 65 of them, and float64 up to 2**53, hence the sums
of 35 thousand million images. Crops are streamed in chunks that fit a processor's cache.
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

from facemotion import folds as folding
from facemotion.config import PriorSettings
from facemotion.errors import PriorError
from facemotion.expressions import ordered
from facemotion.priors.bank import PriorBank, PriorMeta, library_versions
from facemotion.priors.equalise import equalise
from facemotion.priors.pairs import find_pairs
from facemotion.progress import Progress, silent

__all__ = ["MOST_IN_CHUNK", "Crops", "build_bank", "luma", "motion_sums"]

LUMA = np.array([299, 587, 114], dtype=np.float32)
UNIT = 255_000
"""Thousandths of a grey level in the range of luma: 1.0 of a mean difference."""
MOST_IN_CHUNK = 65
"""Differences whose sum float32 still holds exactly: 65 * 255,000 < 2**24."""


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


def motion_sums(
    crops: Crops, pairs: pd.DataFrame, groups: np.ndarray, count: int, *, chunk: int = 32, progress: Progress = silent
) -> np.ndarray:
    """Sum the absolute luma differences of pairs, group by group, in one pass over the crops.

    Parameters
    ----------
    crops : Crops
        The faces, (N, H, W, 3) uint8 RGB.
    pairs : pandas.DataFrame
        Columns ``expressive`` and ``neutral``: rows of `crops`. Fastest when sorted by neutral row.
    groups : ndarray of int, shape (n,)
        The group of each pair, in [0, count).
    count : int
        Number of groups.
    chunk : int
        Pairs in memory at a time, at most `MOST_IN_CHUNK`; the result does not depend on it.
    progress : Progress
        Shows long work.

    Returns
    -------
    ndarray of float64, shape (count, H * W)
        Exact integers: sums in thousandths of a grey level.
    """
    if not 1 <= chunk <= MOST_IN_CHUNK:
        raise PriorError(f"chunk = {chunk} pairs: expected 1 to {MOST_IN_CHUNK}, more would not add up exactly")
    height, width = crops.shape[1:3]
    expressive, neutral = pairs["expressive"].to_numpy(), pairs["neutral"].to_numpy()
    sums = np.zeros((count, height * width), dtype=np.float64)
    scratch = np.empty((chunk * height * width, 3), dtype=np.float32)
    for start in progress(range(0, len(pairs), chunk), "mean differences"):
        part = slice(start, start + chunk)
        own, place = np.unique(neutral[part], return_inverse=True)
        still = luma(crops[own], out=scratch)
        moved = luma(crops[expressive[part]], out=scratch)
        for first, last in _runs(place):
            moved[first:last] -= still[place[first]]
        np.abs(moved, out=moved)
        for first, last in _runs(groups[part]):
            sums[groups[start + first]] += moved[first:last].sum(axis=0)
    return sums


def _runs(values: np.ndarray) -> list[tuple[int, int]]:
    """Return (first, last + 1) of each run of equal values."""
    cuts = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    return list(itertools.pairwise(cuts))


def build_bank(
    crops: Crops,
    faces: pd.DataFrame,
    manifest: pd.DataFrame,
    folds: Mapping[str, Any],
    settings: PriorSettings,
    *,
    alignment: str,
    alignment_settings: Mapping[str, Any] | None = None,
    classes: Sequence[str] | None = None,
    header: Mapping[str, Any] | None = None,
    chunk: int = 32,
    progress: Progress = silent,
) -> PriorBank:
    """Build the prior bank of a dataset: Eq. 1 for every fold's training subjects and for all subjects.

    Parameters
    ----------
    crops : Crops
        The crops, (N, H, W, 3) uint8 RGB, in the row order of `faces`.
    faces : pandas.DataFrame
        ``faces.parquet``.
    manifest : pandas.DataFrame
        ``manifest.parquet``.
    folds : mapping
        The content of ``folds.json``.
    settings : PriorSettings
        The neutral rule.
    alignment : str
        The id of the alignment that made the crops; see `facemotion.alignment.geometry.alignment_id`.
    alignment_settings : mapping, optional
        The settings that the id stands for (``settings`` in the header of ``faces.parquet``); without them the bank
        cannot be transferred to another alignment later.
    classes : sequence of str, optional
        Expressions in the order wanted; those of the manifest, in canonical order, by default. One without images is
        kept with count 0.
    header : mapping, optional
        The provenance header, kept in the metadata.
    chunk : int
        Pairs in memory at a time; the result does not depend on it.
    progress : Progress
        Shows long work.

    Raises
    ------
    PriorError
        If nothing can be paired, or the crops are fewer than `faces` says.
    LeakageError, DataError
        If the folds do not part the subjects of this manifest; see `facemotion.folds.check`.
    """
    folding.check(folds, manifest)
    pairs = find_pairs(manifest, faces, rule=settings.neutral)
    table = pairs.table
    if int(table[["expressive", "neutral"]].to_numpy().max()) >= crops.shape[0]:
        message = (
            f"faces.parquet speaks of more crops than the {crops.shape[0]} there are; run `facemotion align` again"
        )
        raise PriorError(message)
    order = (
        list(classes)
        if classes is not None
        else list(ordered(manifest["expression"][manifest["role"] == "expressive"]))
    )
    table = table[table["expression"].isin(order)].reset_index(drop=True)
    left_out = [sorted(fold["subjects"]) for fold in folds["folds"]]
    fold_of = {subject: number for number, subjects in enumerate(left_out) for subject in subjects}
    position = {name: number for number, name in enumerate(order)}
    number, kinds = len(left_out), len(order)
    groups = table["subject"].map(fold_of).to_numpy(dtype=np.int64) * kinds
    groups += table["expression"].map(position).to_numpy(dtype=np.int64)
    sums = motion_sums(crops, table, groups, number * kinds, chunk=chunk, progress=progress)
    mean, count = _training_means(
        sums.reshape(number, kinds, *crops.shape[1:3]),
        np.bincount(groups, minlength=number * kinds).reshape(number, kinds),
    )
    present = (count > 0)[..., None, None]
    return PriorBank(
        mean=mean.astype(np.float32),
        mask=np.where(present, equalise(mean), np.float32(0)),
        count=count,
        meta=PriorMeta(
            classes=tuple(order),
            alignment=alignment,
            alignment_settings=dict(alignment_settings or {}),
            neutral=settings.neutral,
            left_out=tuple(map(tuple, left_out)),
            unaligned=pairs.unaligned,
            unpaired=pairs.unpaired,
            versions=library_versions(),
            provenance=dict(header or {}),
            **_source(manifest, folds, alignment),
        ),
    )


def _training_means(sums: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn the sums of each fold's test subjects into means over everyone else; the last index is everyone."""
    sums = np.concatenate([sums.sum(axis=0) - sums, sums.sum(axis=0)[None]])
    count = np.concatenate([count.sum(axis=0) - count, count.sum(axis=0)[None]]).astype(np.int64)
    return sums / (np.maximum(count, 1) * UNIT)[..., None, None], count


def _source(manifest: pd.DataFrame, folds: Mapping[str, Any], alignment: str) -> dict[str, Any]:
    """Return the metadata that says what the bank was built from."""
    dataset = str(manifest["dataset"].iloc[0])
    digests = {"manifest_digest": folds["manifest_digest"], "folds_digest": folding.folds_digest(folds)}
    origin = {"operation": "build", "dataset": dataset, "alignment": alignment, **digests}
    return {"dataset": dataset, "fold_scheme": folds["scheme"], "origins": (origin,), **digests}
