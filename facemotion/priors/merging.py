"""Several banks into one, as if their faces had been averaged together."""

import itertools
from collections.abc import Sequence

import numpy as np

from facemotion.errors import PriorError
from facemotion.expressions import ordered
from facemotion.priors.bank import PriorBank, PriorMeta, library_versions
from facemotion.priors.differences import UNIT
from facemotion.priors.equalise import apply_phi
from facemotion.priors.transfer import to_classes
from facemotion.workspace import digest_json

__all__ = ["merge"]


def merge(banks: Sequence[PriorBank]) -> PriorBank:
    """Merge banks into one, weighted by their counts: as if their faces had been averaged together.

    Sums combine before phi, which is that of the banks; where they can be told from the stored means they are whole
    numbers, and parts of a dataset give the means and masks of the whole to the bit. Medians do not add up: of banks of
    medians the result is the weighted mean of their medians, and says so in its origins. Parts of one dataset (other
    subjects, as many folds) keep their folds: fold f of the result leaves out what fold f of each part does. Different
    datasets give masks of all subjects only, which may train on none of those datasets.

    Parameters
    ----------
    banks : sequence of PriorBank
        At least two, of one alignment, and made with the same phi, average and difference. Their classes may differ:
        the union is kept, in canonical order.

    Raises
    ------
    PriorError
        If they do not fit together, hold masks only, or share subjects, or may do so since both hold faces of a dataset
        and one no longer says whose.
    """
    if len(banks) < 2:
        raise PriorError("merging needs at least two banks")
    first = banks[0]
    for bank in banks:
        if bank.meta.masks_only:
            message = f"the bank of {bank.meta.dataset} holds masks without counts, so it cannot be weighted in a merge"
            raise PriorError(message)
        if bank.meta.alignment != first.meta.alignment or bank.size != first.size:
            message = (
                f"banks of {first.meta.dataset} and {bank.meta.dataset} are of different alignments "
                f"({first.meta.alignment} and {bank.meta.alignment}); transfer one to the other's first"
            )
            raise PriorError(message)
        for name in ("phi", "average", "difference"):
            own, other = getattr(first.meta, name), getattr(bank.meta, name)
            if own != other:
                message = (
                    f"banks of {first.meta.dataset} and {bank.meta.dataset} were built with {name} {own} and {other}; "
                    f"build both with the same --{name}"
                )
                raise PriorError(message)
    classes = ordered(name for bank in banks for name in bank.classes)
    folds = _common_folds(banks)
    parts = [to_classes(bank, classes) for bank in banks]
    indices = [*range(folds), -1]
    count = np.sum([part.count[indices] for part in parts], axis=0)
    total = np.sum([_sums(part)[indices] for part in parts], axis=0)
    mean = total / (np.maximum(count, 1) * UNIT)[..., None, None]
    mask = np.where((count > 0)[..., None, None], apply_phi(mean, first.meta.phi), np.float32(0))
    meta = _merged_meta(banks, classes, folds)
    return PriorBank(mean=mean.astype(np.float32), mask=mask, count=count.astype(np.int64), meta=meta)


def _sums(bank: PriorBank) -> np.ndarray:
    """Return the sums behind a bank's means in units of ``1 / UNIT``, float64 of shape (F + 1, K, H, W).

    They were whole numbers, and still are to the precision of float32 unless the means were resampled: then they are
    rounded back, so that equal sums are equal again under phi.
    """
    sums = bank.mean.astype(np.float64) * (bank.count * UNIT)[..., None, None]
    whole = np.rint(sums)
    stored = bank.meta.average == "mean" and (np.abs(sums - whole) <= sums * np.finfo(np.float32).eps).all()
    return whole if stored else sums


def _common_folds(banks: Sequence[PriorBank]) -> int:
    """Return how many folds the merged bank keeps; refuse subjects that two banks share, or might share."""
    for one, other in itertools.combinations(banks, 2):
        shared = sorted(set(one.meta.sources) & set(other.meta.sources))
        if shared and not (one.folds and other.folds):
            message = (
                f"the banks of {one.meta.dataset} and {other.meta.dataset} both hold faces of {shared[0]}, and not "
                "both say of which subjects: some would count twice; merge the banks they were built as, all at once"
            )
            raise PriorError(message)
    seen: set[tuple[str, str]] = set()
    for bank in banks:
        own = {(bank.meta.dataset, subject) for subjects in bank.meta.left_out for subject in subjects}
        if seen & own:
            dataset, subject = min(seen & own)
            raise PriorError(f"subject {subject!r} of {dataset} is in two of the banks and would count twice")
        seen |= own
    same = len({(bank.meta.dataset, bank.folds) for bank in banks}) == 1
    return banks[0].folds if same else 0


def _merged_meta(banks: Sequence[PriorBank], classes: tuple[str, ...], folds: int) -> PriorMeta:
    metas = [bank.meta for bank in banks]
    total: dict[str, dict[str, int]] = {"unaligned": {}, "unpaired": {}}
    for what, counts in total.items():
        for meta in metas:
            for name, number in getattr(meta, what).items():
                counts[name] = counts.get(name, 0) + number
    members = [
        {
            "dataset": bank.meta.dataset,
            "digest": bank.digest(),
            "origins": [dict(origin) for origin in bank.meta.origins],
        }
        for bank in banks
    ]
    approximate = {"average": "weighted mean of medians"} if metas[0].average == "median" else {}

    def common(name: str, otherwise: str) -> str:
        values = {getattr(meta, name) for meta in metas}
        return values.pop() if len(values) == 1 else otherwise

    return PriorMeta(
        classes=classes,
        dataset="+".join(sorted({source for meta in metas for source in meta.sources})),
        alignment=metas[0].alignment,
        alignment_settings=metas[0].alignment_settings,
        neutral=common("neutral", "mixed"),
        phi=metas[0].phi,
        average=metas[0].average,
        difference=metas[0].difference,
        fold_scheme=common("fold_scheme", "mixed") if folds else "none",
        folds_digest=digest_json([meta.folds_digest for meta in metas]),
        manifest_digest=digest_json([meta.manifest_digest for meta in metas]),
        left_out=tuple(
            tuple(sorted(subject for meta in metas for subject in meta.left_out[fold])) for fold in range(folds)
        ),
        versions=library_versions(),
        origins=({"operation": "merge", "banks": members, **approximate},),
        unaligned=total["unaligned"],
        unpaired=total["unpaired"],
    )
