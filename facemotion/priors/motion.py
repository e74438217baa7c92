"""Eq. 1 of the paper: the mean absolute difference between expressive and neutral faces, per class and fold.

Everything up to the mean is exact, so that no order of images, shards, chunks or workers can change a byte: differences
are integers up to 255,000 (see `facemotion.priors.differences`), and float64 holds integers up to 2**53, hence the
sums of 35 thousand million images. Crops are streamed in chunks that fit a processor's cache.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from facemotion.config import PriorSettings
from facemotion.errors import PriorError
from facemotion.expressions import ordered
from facemotion.folds import Folds
from facemotion.priors.bank import PriorBank, PriorMeta, library_versions
from facemotion.priors.differences import MOST_IN_CHUNK, UNIT, Crops, differences, luma, runs
from facemotion.priors.equalise import apply_phi
from facemotion.priors.median import motion_medians
from facemotion.priors.pairs import find_pairs
from facemotion.progress import Progress, silent

__all__ = ["MOST_IN_CHUNK", "About", "Crops", "build_bank", "luma", "motion_sums"]


def motion_sums(
    crops: Crops,
    pairs: pd.DataFrame,
    groups: np.ndarray,
    count: int,
    *,
    difference: str = "absolute",
    chunk: int = 32,
    progress: Progress = silent,
) -> np.ndarray:
    """Sum the differences of pairs, group by group, in one pass over the crops.

    Parameters
    ----------
    crops, pairs, difference, chunk, progress
        As for `facemotion.priors.differences.differences`; the result does not depend on `chunk`.
    groups : ndarray of int, shape (n,)
        The group of each pair, in [0, count).
    count : int
        Number of groups.

    Returns
    -------
    ndarray of float64, shape (count, H * W)
        Exact integers: sums in units of ``1 / UNIT``, thousandths of a grey level.
    """
    height, width = crops.shape[1:3]
    sums = np.zeros((count, height * width), dtype=np.float64)
    for start, moved in differences(crops, pairs, difference=difference, chunk=chunk, progress=progress):
        for first, last in runs(groups[start : start + len(moved)]):
            sums[groups[start + first]] += moved[first:last].sum(axis=0)
    return sums


@dataclass(frozen=True)
class About:
    """What a bank's metadata say besides what it is built from.

    Attributes
    ----------
    alignment : str
        The id of the alignment that made the crops; see `facemotion.alignment.geometry.alignment_id`.
    alignment_settings : mapping
        The settings that the id stands for (``settings`` in the header of ``faces.parquet``); without them the bank
        cannot be transferred to another alignment later.
    classes : sequence of str, optional
        Expressions in the order wanted; those of the manifest, in canonical order, by default. One without images is
        kept with count 0.
    header : mapping
        The provenance header.
    synthetic : bool
        The faces were rendered; see `facemotion.synthetic`.
    """

    alignment: str
    alignment_settings: Mapping[str, Any] = field(default_factory=dict)
    classes: Sequence[str] | None = None
    header: Mapping[str, Any] = field(default_factory=dict)
    synthetic: bool = False


def build_bank(
    crops: Crops,
    faces: pd.DataFrame,
    manifest: pd.DataFrame,
    folds: Folds,
    settings: PriorSettings,
    *,
    about: About,
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
    folds : Folds
        Whom each fold leaves out.
    settings : PriorSettings
        The neutral rule, the difference, the average and phi.
    about : About
        What the metadata say besides.
    chunk : int
        Pairs in memory at a time; the result does not depend on it.
    progress : Progress
        Shows long work.

    Raises
    ------
    PriorError
        If nothing can be paired, or the crops are fewer than `faces` says.
    LeakageError, DataError
        If the folds do not part the subjects of this manifest; see `facemotion.folds.Folds.check`.
    """
    folds.check(manifest)
    pairs = find_pairs(manifest, faces, rule=settings.neutral)
    table = pairs.table
    if int(table[["expressive", "neutral"]].to_numpy().max()) >= crops.shape[0]:
        message = (
            f"faces.parquet speaks of more crops than the {crops.shape[0]} there are; run `facemotion align` again"
        )
        raise PriorError(message)
    order = (
        list(about.classes)
        if about.classes is not None
        else list(ordered(manifest["expression"][manifest["role"] == "expressive"]))
    )
    table = table[table["expression"].isin(order)].reset_index(drop=True)
    left_out = [sorted(fold.subjects) for fold in folds.folds]
    position = {name: number for number, name in enumerate(order)}
    number, kinds = len(left_out), len(order)
    tested = table["subject"].map(folds.owner).to_numpy(dtype=np.int64)
    kind = table["expression"].map(position).to_numpy(dtype=np.int64)
    groups = tested * kinds + kind
    count = _training(np.bincount(groups, minlength=number * kinds).reshape(number, kinds)).astype(np.int64)
    how: dict[str, Any] = {"difference": settings.difference, "chunk": chunk, "progress": progress}
    if settings.average == "median":
        mean = motion_medians(crops, table, groups, (number, kinds), **how) / UNIT
    else:
        sums = motion_sums(crops, table, groups, number * kinds, **how).reshape(number, kinds, -1)
        mean = _training(sums) / (np.maximum(count, 1) * UNIT)[..., None]
    mean = mean.reshape(number + 1, kinds, *crops.shape[1:3])
    present = (count > 0)[..., None, None]
    return PriorBank(
        mean=mean.astype(np.float32),
        mask=np.where(present, apply_phi(mean, settings.phi), np.float32(0)),
        count=count,
        meta=PriorMeta(
            classes=tuple(order),
            alignment=about.alignment,
            alignment_settings=dict(about.alignment_settings),
            neutral=settings.neutral,
            phi=settings.phi,
            average=settings.average,
            difference=settings.difference,
            left_out=tuple(map(tuple, left_out)),
            unaligned=pairs.unaligned,
            unpaired=pairs.unpaired,
            versions=library_versions(),
            provenance=dict(about.header),
            **_source(manifest, folds, about),
        ),
    )


def _training(own: np.ndarray) -> np.ndarray:
    """Turn what each fold's test subjects add up to into that of everyone else; the last index is everyone."""
    return np.concatenate([own.sum(axis=0) - own, own.sum(axis=0)[None]])


def _source(manifest: pd.DataFrame, folds: Folds, about: About) -> dict[str, Any]:
    """Return the metadata that says what the bank was built from."""
    dataset = str(manifest["dataset"].iloc[0])
    digests = {"manifest_digest": folds.manifest_digest, "folds_digest": folds.digest}
    mark = {"synthetic": True} if about.synthetic else {}  # here it outlives transfer and merging
    origin = {"operation": "build", "dataset": dataset, "alignment": about.alignment, **digests, **mark}
    return {"dataset": dataset, "fold_scheme": folds.scheme, "origins": (origin,), **digests}
