"""Masks of fixed action-unit regions: where an expression should move a face by the book, not by measurement.

Which action units an expression has is that of EMFACS (W. V. Friesen and P. Ekman, 1983), whose units are those of the
Facial Action Coding System (P. Ekman and W. V. Friesen, 1978; P. Ekman, W. V. Friesen and J. C. Hager, 2002), in the
table that is commonly printed, such as in OpenDBM's documentation. Heat maps of such regions guide a classifier in
S. Belharbi et al., 2024 (arXiv 2402.00281). Where a unit moves the skin is drawn here by hand from the manual's
descriptions, as ellipses about the points of the alignment's template: nobody's faces are in them.
"""

from collections.abc import Sequence

import numpy as np

from facemotion.errors import PriorError
from facemotion.priors.bank import PriorBank
from facemotion.priors.equalise import apply_phi
from facemotion.priors.regions import bank_matrix, standard_points

__all__ = ["ACTION_UNITS", "PROTOTYPES", "action_unit_bank", "action_unit_maps"]

SOFT = 2.0
"""How soft an edge is, in standard pixels."""

PROTOTYPES: dict[str, tuple[int, ...]] = {
    "anger": (4, 5, 7, 23),
    "contempt": (12, 14),
    "disgust": (9, 15, 16),
    "fear": (1, 2, 4, 5, 7, 20, 26),
    "happiness": (6, 12),
    "sadness": (1, 4, 15),
    "surprise": (1, 2, 5, 26),
}
"""Action units by expression. Those of contempt are of one side of the face, either one: both are drawn."""

Ellipse = tuple[float, float, float, float]
"""y and x of the centre, and the half axes along y and x, in pixels of the 70 x 70 crop."""


def _pair(y: float, x: float, high: float, wide: float) -> tuple[Ellipse, ...]:
    """Return an ellipse of the image-left side and its mirror image."""
    return (y, x, high, wide), (y, 69 - x, high, wide)


ACTION_UNITS: dict[int, tuple[str, tuple[Ellipse, ...]]] = {
    1: ("inner brow raiser", (*_pair(7, 26, 4, 5), (2, 34.5, 3, 8))),
    2: ("outer brow raiser", _pair(7, 13, 4, 6)),
    4: ("brow lowerer", (*_pair(8, 25, 4, 6), (9, 34.5, 5, 3))),
    5: ("upper lid raiser", _pair(13, 17.5, 3, 7)),
    6: ("cheek raiser", _pair(23, 15, 4, 8)),
    7: ("lid tightener", _pair(17.5, 17.5, 2.5, 7)),
    9: ("nose wrinkler", (*_pair(24, 30, 7, 3), *_pair(37, 25, 3, 3))),
    12: ("lip corner puller", (*_pair(52, 21, 4, 5), *_pair(43, 19, 8, 3.5))),
    14: ("dimpler", _pair(53, 20, 3.5, 3.5)),
    15: ("lip corner depressor", _pair(58, 22, 4, 4)),
    16: ("lower lip depressor", ((58, 34.5, 3, 10),)),
    20: ("lip stretcher", (*_pair(55, 18, 3, 5), (54, 34.5, 2.5, 14))),
    23: ("lip tightener", ((53, 34.5, 3.5, 13),)),
    26: ("jaw drop", ((60, 34.5, 8, 11),)),
}
"""Name of each action unit, and where it moves the skin. The template's eyes lie at (14.5, 17) and (14.5, 52), its nose
at (34.5, 34.5), its mouth's corners at (55, 20) and (55, 49)."""


def action_unit_maps(
    classes: Sequence[str], size: tuple[int, int], matrix: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """Return how near each pixel is to the regions of a class's action units, before phi.

    Parameters
    ----------
    classes : sequence of str
        Canonical expressions; those without a prototype (neutral) are left out.
    size : tuple of int
        (height, width) in pixels.
    matrix : ndarray of float, shape (2, 3), optional
        From the standard crop to this one; see `facemotion.priors.regions.bank_matrix`.

    Returns
    -------
    dict of str to ndarray of float64, shape (height, width)
        ``1 / (1 + exp(d / SOFT))``, d being the distance in standard pixels to the edge of the nearest ellipse, along
        the line to its centre, negative inside: 0.5 on an edge, above 0 everywhere, so that ranks tell pixels apart.
    """
    y, x = standard_points(size, matrix)
    maps = {}
    for name in classes:
        ellipses = [ellipse for unit in PROTOTYPES.get(name, ()) for ellipse in ACTION_UNITS[unit][1]]
        if ellipses:
            far = np.min([_beyond(y - top, x - left, high, wide) for top, left, high, wide in ellipses], axis=0)
            maps[name] = 1 / (1 + np.exp(far / SOFT))
    return maps


def _beyond(y: np.ndarray, x: np.ndarray, high: float, wide: float) -> np.ndarray:
    """Return how far points lie beyond an ellipse about (0, 0), along the line to its centre; inside, negative."""
    distance, turns = np.hypot(y, x), np.hypot(y / high, x / wide)
    return np.where(turns < 1, (turns - 1) * min(high, wide), distance - distance / np.maximum(turns, 1))


def action_unit_bank(bank: PriorBank) -> PriorBank:
    """Return a bank whose masks are those of action units, in a bank's geometry and by its own phi.

    They are the same in every fold: no subject has a part in them. A class is missing where it is missing in `bank`,
    and where it has no prototype.

    Parameters
    ----------
    bank : PriorBank
        Classes, folds, size, alignment, phi and counts are kept; of masks only, phi is ``ranks``.

    Raises
    ------
    PriorError
        If none of its classes has a prototype.
    """
    maps = action_unit_maps(bank.classes, bank.size, bank_matrix(bank))
    if not maps:
        raise PriorError(f"no action units are known for {', '.join(bank.classes)}; known are {', '.join(PROTOTYPES)}")
    phi = "ranks" if bank.meta.masks_only else bank.meta.phi
    drawn = np.array([name in maps for name in bank.classes])
    there = np.array([[name not in bank.missing(fold) for name in bank.classes] for fold in (*range(bank.folds), None)])
    kept = (there & drawn)[..., None, None]
    level = np.stack([maps.get(name, np.zeros(bank.size)) for name in bank.classes])
    mask = np.where(kept, apply_phi(level, phi), np.float32(0)).astype(np.float32)
    mean = np.where(kept, level, 0).astype(np.float32) * np.float32(not bank.meta.masks_only)
    units = {name: list(PROTOTYPES[name]) for name in maps}
    step = {"operation": "control", "control": "au", "action_units": units}
    return PriorBank(mean=mean, mask=mask, count=bank.count * drawn, meta=bank.next_meta(step))
