"""The prior bank: a small portable file with a mask per expression, for each fold and for all subjects.

The file is an uncompressed ``.npz`` read with ``allow_pickle=False``: ``mean``, ``mask``, ``count`` and ``meta``, a
JSON string with the digest of everything else. The same bank gives the same bytes.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from facemotion.errors import PriorError
from facemotion.priors.meta import BANK_VERSION, PriorMeta, library_versions
from facemotion.priors.reading import ARRAYS, check_layout, read_bank
from facemotion.workspace import atomic_path, digest_bytes, digest_json

__all__ = ["BANK_VERSION", "PriorBank", "PriorMeta", "library_versions"]

_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, eq=False)
class PriorBank:
    """Mask priors of F folds, K classes and (H, W) pixels.

    Attributes
    ----------
    mean : ndarray of float32, shape (F + 1, K, H, W)
        Mean absolute luma difference in [0, 1], or what the metadata's `average` and `difference` say. Index f of the
        first axis leaves out the test subjects of fold f; the last index is all subjects.
    mask : ndarray of float32, shape (F + 1, K, H, W)
        The mean after phi, in [0, 1].
    count : ndarray of int64, shape (F + 1, K)
        Number of pairs in each mean. Where it is 0, mean and mask are 0 and the class is missing.
    meta : PriorMeta
        The rest.

    Raises
    ------
    PriorError
        If shapes, dtypes or values break the contract.
    """

    mean: np.ndarray
    mask: np.ndarray
    count: np.ndarray
    meta: PriorMeta

    def __post_init__(self) -> None:
        _check(self)

    @property
    def folds(self) -> int:
        """F, the number of folds; 0 where only masks of all subjects exist."""
        return len(self.mask) - 1

    @property
    def classes(self) -> tuple[str, ...]:
        """The K classes in order."""
        return self.meta.classes

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of a mask in pixels."""
        return self.mask.shape[2], self.mask.shape[3]

    def missing(self, fold: int | None = None) -> tuple[str, ...]:
        """Return the classes that have no mask in a fold; None stands for all subjects.

        Raises
        ------
        PriorError
            If there is no such fold.
        """
        index = self.index(fold)
        there = self.mask[index].any(axis=(1, 2)) if self.meta.masks_only else self.count[index] > 0
        return tuple(name for name, present in zip(self.classes, there, strict=True) if not present)

    def masks(self, fold: int | None = None) -> dict[str, np.ndarray]:
        """Return the masks that a fold has by class, each (H, W); None stands for all subjects.

        Raises
        ------
        PriorError
            If there is no such fold.
        """
        absent = self.missing(fold)
        every = zip(self.classes, self.mask[self.index(fold)], strict=True)
        return {name: mask for name, mask in every if name not in absent}

    def of(self, expression: str, *, fold: int | None = None) -> np.ndarray:
        """Return one mask, float32 of shape (H, W) in [0, 1].

        Parameters
        ----------
        expression : str
            A class of the bank.
        fold : int, optional
            The fold whose test subjects had no part in it; all subjects by default.

        Raises
        ------
        PriorError
            If there is no such fold, or it has no such mask.
        """
        found = self.masks(fold)
        if expression not in found:
            where = "of all subjects" if fold is None else f"of fold {fold}"
            raise PriorError(f"there is no mask of {expression} {where}; there are {', '.join(found)}")
        return found[expression]

    def index(self, fold: int | None) -> int:
        """Return the index on the first axis of a fold; None stands for all subjects.

        Raises
        ------
        PriorError
            If there is no such fold.
        """
        if fold is None:
            return self.folds
        if not 0 <= fold < self.folds:
            raise PriorError(f"the bank has no fold {fold}: it has {self.folds} folds, counted from 0")
        return fold

    def with_meta(self, **changes: Any) -> "PriorBank":
        """Return the same arrays with some metadata changed and checked."""
        return replace(self, meta=PriorMeta.model_validate({**self.meta.model_dump(), **changes}))

    def next_meta(self, step: Mapping[str, Any], **changes: Any) -> PriorMeta:
        """Return the metadata after one more step, with the digest of the bank that it began with.

        Parameters
        ----------
        step : mapping
            What was done: ``operation`` and its facts, JSON values.
        **changes
            Other fields that it changed.
        """
        origins = (*self.meta.origins, {**step, "of": self.digest()})
        values = {**self.meta.model_dump(), **changes, "origins": origins, "content_digest": ""}
        return PriorMeta.model_validate({**values, "versions": library_versions(), "provenance": {}})

    def digest(self) -> str:
        """Return the SHA-256 of arrays and metadata, apart from the digest that the metadata keeps.

        Fields at their defaults play no part, so that files outlive fields that later versions add.
        """
        parts = {name: digest_bytes(_plain(self, name).tobytes()) for name in ARRAYS}
        shapes = {name: list(getattr(self, name).shape) for name in ARRAYS}
        return digest_json({"arrays": parts, "shapes": shapes, "meta": _facts(self.meta, exclude_defaults=True)})

    def to_bytes(self) -> bytes:
        """Return the bytes of the ``.npz`` file: no compression and no dates, so that they are always the same."""
        meta = {**_facts(self.meta), "content_digest": self.digest()}
        text = json.dumps(meta, sort_keys=True, ensure_ascii=True, allow_nan=False)
        members = {**{name: _plain(self, name) for name in ARRAYS}, "meta": np.array(text)}
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for name, array in members.items():
                content = io.BytesIO()
                np.lib.format.write_array(content, array, version=(1, 0), allow_pickle=False)
                archive.writestr(zipfile.ZipInfo(f"{name}.npy", date_time=_EPOCH), content.getvalue())
        return buffer.getvalue()

    def save(self, path: Path) -> None:
        """Write the bank, atomically.

        Raises
        ------
        WorkspaceError
            If the file cannot be written.
        """
        with atomic_path(path) as temporary:
            temporary.write_bytes(self.to_bytes())

    @classmethod
    def load(cls, path: Path) -> "PriorBank":
        """Read and check a bank.

        Parameters
        ----------
        path : Path
            A file that `save` wrote.

        Raises
        ------
        PriorError
            If the file is missing, cut off, changed after it was written, larger than
            `facemotion.priors.reading.MOST_BYTES`, or is something else.
        WorkspaceError
            If the file is there but cannot be opened.
        """
        arrays, meta = read_bank(path)
        try:
            bank = cls(**arrays, meta=meta)
        except PriorError as error:
            raise PriorError(f"{path} is not a usable prior bank: {error}") from None
        if bank.digest() != meta.content_digest:
            message = f"{path} was changed after it was written (its digest does not match); build or fetch it again"
            raise PriorError(message)
        return bank


def _facts(meta: PriorMeta, *, exclude_defaults: bool = False) -> dict[str, Any]:
    return meta.model_dump(mode="json", exclude={"content_digest"}, exclude_defaults=exclude_defaults)


def _plain(bank: PriorBank, name: str) -> np.ndarray:
    return np.ascontiguousarray(getattr(bank, name), dtype=ARRAYS[name])


def _check(bank: PriorBank) -> None:
    """Raise `PriorError` if the arrays break the contract; the sentence has no path."""
    layout = {name: (getattr(bank, name).dtype, getattr(bank, name).shape) for name in ARRAYS}
    check_layout(layout, folds=len(bank.meta.left_out), kinds=len(bank.classes))
    for name in ("mean", "mask"):
        array = getattr(bank, name)
        if not (np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1):
            raise PriorError(f"{name} has values that are not finite or not between 0 and 1")
    if (bank.count < 0).any():
        raise PriorError(f"count has the negative value {bank.count.min()}")
    if bank.meta.masks_only and (bank.count.any() or bank.mean.any()):
        raise PriorError("it says that only masks are known, but has means or counts")
    empty = bank.count == 0
    if bank.mean[empty].any() or (bank.mask[empty].any() and not bank.meta.masks_only):
        raise PriorError("a class without faces (count 0) has a mean or mask that is not 0")
