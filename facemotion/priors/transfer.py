"""Carrying a prior elsewhere: to other classes, or to another alignment.

What was done is appended to ``origins`` in the metadata, so that a bank tells its whole way.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from facemotion.alignment.settings import AlignSettings
from facemotion.config import make
from facemotion.errors import PriorError
from facemotion.expressions import canonical
from facemotion.priors.bank import PriorBank
from facemotion.priors.equalise import apply_phi, equalise
from facemotion.priors.resampling import resample
from facemotion.workspace import Workspace

__all__ = ["MISSING_POLICY", "alignment_of", "crop_similarity", "to_alignment", "to_classes"]

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
    return PriorBank(meta=bank.next_meta(step, classes=target), **arrays)


def to_alignment(bank: PriorBank, settings: AlignSettings) -> PriorBank:
    """Carry a bank to another alignment: another size of face or crop.

    Means are resampled by the similarity between the two templates, and the bank's own phi is applied again; of a bank
    of masks only, the masks are resampled and equalised. A target of the same geometry leaves the arrays as they are:
    of another fit or landmark source nothing can be computed, so that the metadata only says what changed.

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
        mean = np.clip(resample(bank.mean, matrix, settings.crop_size), 0, 1)
        if bank.meta.masks_only:
            mask = equalise(resample(bank.mask, matrix, settings.crop_size))
        else:
            mask = apply_phi(mean, bank.meta.phi)
        mask = np.where(there[..., None, None], mask, np.float32(0))
    target = alignment_id(settings)
    step = {
        "operation": "transfer",
        "alignment": {"from": bank.meta.alignment, "to": target},
        "similarity": [[float(value) for value in row] for row in matrix],
        "size": {"from": list(bank.size), "to": list(settings.crop_size)},
        "changed": _changed(own.as_json(), settings.as_json()),
    }
    meta = bank.next_meta(step, alignment=target, alignment_settings=settings.as_json())
    return PriorBank(mean=mean.astype(np.float32), mask=mask, count=bank.count, meta=meta)


def alignment_of(target: str, workspace: Workspace) -> AlignSettings:
    """Return the alignment of a dataset in the workspace, or of another bank.

    Parameters
    ----------
    target : str
        A dataset's name, or the path of a bank, which ends in ``.npz``.
    workspace : Workspace
        Where the dataset was aligned.

    Raises
    ------
    ConfigError, PriorError
        If there is no such dataset, it is not aligned yet, or the bank does not know its alignment.
    """
    if target.endswith(".npz"):
        values = PriorBank.load(Path(target)).meta.alignment_settings
        if not values:
            raise PriorError(f"{target} does not say how its faces were aligned; name a dataset or another bank")
        return make(AlignSettings, values, where=f"alignment of {target}")
    from facemotion import datasets
    from facemotion.alignment.store import read_faces

    datasets.load(target)
    folder = workspace.dataset(target)
    if not (folder / "faces.parquet").is_file():
        message = f"{target} is not aligned in {folder.parent} yet; run `facemotion align --dataset {target}` first"
        raise PriorError(message)
    return make(AlignSettings, read_faces(folder)[1]["settings"], where=f"alignment of {target}")


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the settings in which two alignments differ; how work is cut is none."""
    names = [name for name in new if name != "shard_size" and old[name] != new[name]]
    return {name: {"from": old[name], "to": new[name]} for name in names}


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
