"""Carrying a prior elsewhere: to other classes, to another alignment, or several banks into one.

What was done is appended to ``origins`` in the metadata, so that a bank tells its whole way.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import ndimage

from facemotion.config import AlignSettings, make
from facemotion.errors import PriorError
from facemotion.expressions import canonical, ordered
from facemotion.priors.bank import PriorBank, PriorMeta, library_versions
from facemotion.priors.equalise import apply_phi, equalise
from facemotion.workspace import digest_json

__all__ = ["MISSING_POLICY", "crop_similarity", "merge", "to_alignment", "to_classes"]

MISSING_POLICY = "no mask: training leaves the mask loss out for faces of this class"
"""What becomes of a class that the target has and the bank has not."""
NOSE = 2


def to_classes(bank: PriorBank, classes: Sequence[str]) -> PriorBank:
    """Carry a bank to other classes.

    Classes that the target lacks are dropped; classes that the bank lacks get count 0 and no mask (see
    `MISSING_POLICY`). Masks of shared classes are the same bytes.

    Parameters
    ----------
    bank : PriorBank
        The bank.
    classes : sequence of str
        The target's classes, in order.

    Raises
    ------
    PriorError
        If no class is shared.
    """
    target = tuple(canonical(name) for name in classes)
    shared = [name for name in target if name in bank.classes]
    if not shared:
        message = f"a bank of {', '.join(bank.classes)} has nothing for {', '.join(target)}: they share no class"
        raise PriorError(message)
    arrays = {}
    for name in ("mean", "mask", "count"):
        old = getattr(bank, name)
        new = np.zeros((old.shape[0], len(target), *old.shape[2:]), dtype=old.dtype)
        for kind in shared:
            new[:, target.index(kind)] = old[:, bank.classes.index(kind)]
        arrays[name] = new
    step = {
        "operation": "transfer",
        "classes": list(target),
        "dropped": [name for name in bank.classes if name not in target],
        "missing": [name for name in target if name not in bank.classes],
        "policy": MISSING_POLICY,
    }
    return PriorBank(meta=_next(bank, step, classes=target), **arrays)


def to_alignment(bank: PriorBank, settings: AlignSettings) -> PriorBank:
    """Carry a bank to another alignment: another size of face or crop.

    Means are resampled by the similarity between the two templates, and the bank's own phi is applied again; of a bank
    of masks only, the masks are resampled and equalised. A target of the same geometry leaves the arrays as they are.

    Parameters
    ----------
    bank : PriorBank
        The bank; its metadata must say how its faces were aligned.
    settings : AlignSettings
        The target's alignment.

    Raises
    ------
    PriorError
        If the bank does not know its own alignment.
    """
    from facemotion.alignment.geometry import alignment_id

    if not bank.meta.alignment_settings:
        message = (
            f"this bank of {bank.meta.dataset} does not say how its faces were aligned, so it cannot be resampled; "
            "build it again"
        )
        raise PriorError(message)
    own = make(AlignSettings, bank.meta.alignment_settings, where="alignment of the bank")
    matrix = crop_similarity(own, settings)
    same = np.allclose(matrix, np.eye(3)[:2], rtol=0, atol=1e-9) and settings.crop_size == bank.size
    mean, mask = bank.mean, bank.mask
    if not same:
        there = np.asarray(bank.mask.any(axis=(2, 3)) if bank.meta.masks_only else bank.count > 0)
        mean = np.clip(_resample(bank.mean, matrix, settings.crop_size), 0, 1)
        if bank.meta.masks_only:
            mask = equalise(_resample(bank.mask, matrix, settings.crop_size))
        else:
            mask = apply_phi(mean, bank.meta.phi)
        mask = np.where(there[..., None, None], mask, np.float32(0))
    target = alignment_id(settings)
    step = {
        "operation": "transfer",
        "alignment": {"from": bank.meta.alignment, "to": target},
        "similarity": [[float(value) for value in row] for row in matrix],
        "size": {"from": list(bank.size), "to": list(settings.crop_size)},
    }
    meta = _next(bank, step, alignment=target, alignment_settings=settings.as_json())
    return PriorBank(mean=mean.astype(np.float32), mask=mask, count=bank.count, meta=meta)


def crop_similarity(source: AlignSettings, target: AlignSettings) -> np.ndarray:
    """Return the similarity that takes a pixel of one crop to that of another, float64 of shape (2, 3).

    Both templates are the same points at different scale, so the least-squares similarity between them is exact; both
    crops have the (template's or warped) nose at their middle.

    Parameters
    ----------
    source, target : AlignSettings
        The two alignments. Coordinates are (x, y).
    """
    from facemotion.alignment.geometry import template_for

    old, new = template_for(source.face_size), template_for(target.face_size)
    scale = np.ptp(new[:, 1]) / np.ptp(old[:, 1])
    middle = [(np.array(settings.crop_size[::-1], dtype=float) - 1) / 2 for settings in (source, target)]
    shift = middle[1] - scale * middle[0]
    return np.array([[scale, 0.0, shift[0]], [0.0, scale, shift[1]]])


def _resample(maps: np.ndarray, matrix: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Resample maps (..., H, W) by a scaling, linearly; blurred first where they shrink; edges are continued."""
    scale, (x, y) = matrix[0, 0], matrix[:, 2]
    flat = maps.reshape(-1, *maps.shape[-2:]).astype(np.float64)
    out = np.empty((len(flat), *size))
    for index, image in enumerate(flat):
        if scale < 1:
            image = ndimage.gaussian_filter(image, (1 / scale - 1) / 2, mode="nearest")
        inverse, offset = [1 / scale, 1 / scale], [-y / scale, -x / scale]
        out[index] = ndimage.affine_transform(image, inverse, offset, output_shape=size, order=1, mode="nearest")  # type: ignore[arg-type]
    return out.reshape(*maps.shape[:-2], *size)


def merge(banks: Sequence[PriorBank]) -> PriorBank:
    """Merge banks into one, weighted by their counts: as if their faces had been averaged together.

    Means combine in float64 before phi, which is that of the banks. Medians do not add up: of banks of medians the
    result is the weighted mean of their medians, and says so in its origins. Parts of one dataset (other subjects, as
    many folds) keep their folds: fold f of the result leaves out what fold f of each part does. Different datasets give
    masks of all subjects only, which may train on none of those datasets.

    Parameters
    ----------
    banks : sequence of PriorBank
        At least two, of one alignment, and made with the same phi, average and difference. Their classes may differ:
        the union is kept, in canonical order.

    Raises
    ------
    PriorError
        If they do not fit together, hold masks only, or share subjects.
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
    weighted = [part.mean[indices].astype(np.float64) * part.count[indices][..., None, None] for part in parts]
    mean = np.sum(weighted, axis=0) / np.maximum(count, 1)[..., None, None]
    mask = np.where((count > 0)[..., None, None], apply_phi(mean, first.meta.phi), np.float32(0))
    meta = _merged_meta(banks, classes, folds)
    return PriorBank(mean=mean.astype(np.float32), mask=mask, count=count.astype(np.int64), meta=meta)


def _common_folds(banks: Sequence[PriorBank]) -> int:
    """Return how many folds the merged bank keeps; refuse subjects that two parts of a dataset share."""
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


def _next(bank: PriorBank, step: Mapping[str, Any], **changes: Any) -> PriorMeta:
    """Return the metadata after one more step, with the digest of the bank that it began with."""
    step = {**step, "of": bank.digest()}
    values = {**bank.meta.model_dump(), **changes, "origins": (*bank.meta.origins, step), "content_digest": ""}
    return PriorMeta.model_validate({**values, "versions": library_versions(), "provenance": {}})
