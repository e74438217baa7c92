"""Learned masks of test faces beside the prior of their class, of several subjects and folds."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from facemotion.alignment import store
from facemotion.errors import FacemotionError
from facemotion.models import variants
from facemotion.report import figures
from facemotion.report.artefacts import DatasetFolder, RunContents, same_alignment
from facemotion.report.data import located
from facemotion.report.priors import prior_picture
from facemotion.report.terms import faces_shown

__all__ = ["crops_of", "learned_masks"]

RIGHT_A_CLASS = 2
WRONG_SHOWN = 6
MASK_SIDE = 96


@dataclass(frozen=True)
class _Kept:
    """A learned mask that a model kept of a test face."""

    sample: str
    subject: str
    fold: int
    true: str
    predicted: str
    mask: np.ndarray


def learned_masks(run: RunContents, dataset: DatasetFolder, *, with_faces: bool) -> dict[str, Any] | None:
    """Choose test faces with their learned masks and the prior: recognised ones of each class, then some mistakes.

    Subjects and folds change from face to face as far as the masks that were kept allow it. The faces themselves are
    shown where they may be; see `facemotion.report.terms.faces_shown`.

    Parameters
    ----------
    run : RunContents
        The run; its first variant that learned masks, with its first seed.
    dataset : DatasetFolder
        Where its faces are.
    with_faces : bool
        Show faces of a gated dataset too.

    Returns
    -------
    dict or None
        ``variant``, ``words`` on what its masks are, ``right`` and ``wrong``, lists of faces, ``faces_hidden``; None if
        no masks are at hand.
    """
    kept = _kept(run, dataset)
    if not kept or run.metrics is None or not same_alignment(run, dataset):
        return None
    shown = faces_shown(dataset, with_faces=with_faces)
    crops, places = (None, {}) if not shown else crops_of(dataset)
    used: Counter[tuple[str, object]] = Counter()
    right = [
        choice for name in run.metrics["classes"] for choice in _varied(kept, used, true=name, number=RIGHT_A_CLASS)
    ]
    wrong = [face for name in run.metrics["classes"] for face in _varied(kept, used, true=name, number=1, wrong=True)]

    def card(face: _Kept) -> dict[str, Any]:
        crop = crops[places[face.sample]] if crops is not None and face.sample in places else None
        weighted = None if crop is None else figures.masked(crop, face.mask, window=run.window)
        return {
            "true": face.true,
            "predicted": face.predicted,
            "subject": face.subject,
            "fold": face.fold,
            "face": None if crop is None else figures.image_uri(crop, lossy=True),
            "mask": figures.image_uri(figures.smaller(face.mask, MASK_SIDE)),
            "masked": None if weighted is None else figures.image_uri(weighted),
            "prior": prior_picture(run, face.true, face.fold),
        }

    return {
        "variant": (name := next(each.variant for each in run.histories if each.masks_kept.is_file())),
        "words": _words(name),
        "right": [card(face) for face in right],
        "wrong": [card(face) for face in wrong[:WRONG_SHOWN]],
        "faces_hidden": not shown,
    }


def _words(variant: str) -> str:
    """Return what a variant's masks are; nothing of a variant of another version."""
    return variants.load(variant).mask_words if variants.parted(variant)[0] in variants.names() else ""


def _kept(run: RunContents, dataset: DatasetFolder) -> list[_Kept]:
    """Read the masks that the models of one variant and seed kept."""
    rows = located(dataset)
    trainings = [training for training in run.histories if training.masks_kept.is_file()]
    if rows is None or not trainings:
        return []
    truth = dict(zip(rows["sample_id"], rows["expression"], strict=True))
    subject = dict(zip(rows["sample_id"], rows["subject"], strict=True))
    found = []
    for training in trainings:
        if (training.variant, training.seed) != (trainings[0].variant, trainings[0].seed):
            continue
        try:
            masks = training.masks()
        except FacemotionError:
            run.gaps.append(f"masks.npz of {training}: cannot be read")
            continue
        for name, mask, guess in zip(masks.sample_ids, masks.masks, masks.predicted, strict=True):
            sample = str(name)
            if sample in truth:
                found.append(_Kept(sample, subject[sample], training.fold, truth[sample], str(guess), mask))
    return found


def crops_of(dataset: DatasetFolder) -> tuple[store.CropArray | None, dict[str, int]]:
    """Return a dataset's crops, and the row of each face by its name; None and nothing if they cannot be read."""
    rows = located(dataset)
    if rows is None:
        return None, {}
    try:
        return store.open_crops(dataset.folder), dict(zip(rows["sample_id"], rows["row"].astype(int), strict=True))
    except FacemotionError:
        gap = "crops/, the crops: cannot be read"
        dataset.gaps.extend([gap] if gap not in dataset.gaps else [])
        return None, {}


def _varied(
    kept: list[_Kept], used: Counter[tuple[str, object]], *, true: str, number: int, wrong: bool = False
) -> list[_Kept]:
    """Choose faces of a class whose subjects and folds have been shown least so far; count them in `used`."""
    left = [face for face in kept if face.true == true and (face.predicted != true) == wrong]
    chosen: list[_Kept] = []
    while left and len(chosen) < number:
        face = min(left, key=lambda each: (used["subject", each.subject], used["fold", each.fold]))
        if any(face.subject == other.subject for other in chosen):
            break
        chosen.append(face)
        left.remove(face)
        used["subject", face.subject] += 1
        used["fold", face.fold] += 1
    return chosen
