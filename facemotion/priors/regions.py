"""Named regions of a crop, and how much of a mask lies in each: forehead, brows, eyes, nose, folds, lips, chin, cheeks.

The boxes are of the 70 x 70 crop about the nose (the default of `facemotion.alignment.settings.AlignSettings`), read
off the masks of CK+ that the authors of FMPN published. Their crop shows about 4 % more of the face than ours, so that
a box's edge may be a pixel or two off; compare banks in one geometry (`facemotion.priors.fitting`).
"""

import numpy as np

from facemotion.alignment.settings import AlignSettings
from facemotion.config import make
from facemotion.errors import ConfigError
from facemotion.priors.bank import PriorBank

__all__ = ["REGIONS", "STANDARD", "Box", "bank_matrix", "energy", "region_pixels", "standard_points"]

Box = tuple[int, int, int, int]
"""top, bottom, left, right in pixels; bottom and right are the first ones outside."""

STANDARD = (70, 70)
"""(height, width) of the crop that boxes are given in."""

REGIONS: dict[str, tuple[Box, ...]] = {
    "forehead": ((0, 8, 8, 62),),
    "brows": ((9, 16, 8, 62),),
    "eyes": ((16, 26, 8, 30), (16, 26, 40, 62)),
    "bridge": ((14, 32, 30, 40),),
    "nostrils": ((33, 43, 24, 46),),
    "folds": ((36, 54, 13, 23), (36, 54, 47, 57)),
    "upper lip": ((43, 49, 22, 48),),
    "mouth": ((48, 58, 20, 50),),
    "chin": ((59, 70, 22, 48),),
    "cheeks": ((28, 40, 6, 20), (28, 40, 50, 64)),
}
"""Boxes by name, from top to bottom; some overlap. Left and right are the picture's."""


def bank_matrix(bank: PriorBank) -> np.ndarray:
    """Return what takes a pixel of the standard crop to that of a bank, float64 of shape (2, 3).

    Parameters
    ----------
    bank : PriorBank
        Where it does not know its alignment, its masks are taken to show what the standard crop shows.

    Returns
    -------
    ndarray
        Scaling and shift of (x, y), pixel centres at whole numbers.
    """
    try:
        settings = make(AlignSettings, bank.meta.alignment_settings, where="alignment of the bank")
    except ConfigError:  # of another version: unknown, as an empty one
        settings = None
    if settings is None or not bank.meta.alignment_settings or settings.crop_size != bank.size:
        return _by_size(bank.size)
    from facemotion.priors.transfer import crop_similarity

    return crop_similarity(AlignSettings(crop_size=STANDARD), settings)


def _by_size(size: tuple[int, int]) -> np.ndarray:
    (rows, columns), (high, wide) = STANDARD, size
    across, down = wide / columns, high / rows
    return np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2]])


def standard_points(size: tuple[int, int], matrix: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return where the pixels of a mask lie in the standard crop.

    Parameters
    ----------
    size : tuple of int
        (height, width) of the mask.
    matrix : ndarray of float, shape (2, 3), optional
        As of `bank_matrix`; that of a mask which shows what the standard crop shows by default.

    Returns
    -------
    y : ndarray of float64, shape (height, 1)
        Of each row.
    x : ndarray of float64, shape (1, width)
        Of each column.
    """
    matrix = _by_size(size) if matrix is None else matrix
    y = (np.arange(size[0]) - matrix[1, 2]) / matrix[1, 1]
    x = (np.arange(size[1]) - matrix[0, 2]) / matrix[0, 0]
    return y[:, None], x[None, :]


def region_pixels(size: tuple[int, int], matrix: np.ndarray | None = None) -> np.ndarray:
    """Return the pixels of each region, bool of shape (R, height, width), in the order of `REGIONS`.

    Parameters
    ----------
    size, matrix
        As of `standard_points`. A pixel is in a region if its centre is.

    Examples
    --------
    >>> region_pixels((70, 70))[0].sum() == 8 * 54
    True
    """
    y, x = standard_points(size, matrix)
    found = np.zeros((len(REGIONS), *size), dtype=bool)
    for index, boxes in enumerate(REGIONS.values()):
        for top, bottom, left, right in boxes:
            rows, columns = (y >= top - 0.5) & (y < bottom - 0.5), (x >= left - 0.5) & (x < right - 0.5)
            found[index] |= rows & columns
    return found


def energy(masks: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Return the mean of masks in each region.

    Parameters
    ----------
    masks : ndarray of float, shape (..., H, W)
        Masks in [0, 1]; NaN where there is none.
    pixels : ndarray of bool, shape (R, H, W)
        As of `region_pixels`.

    Returns
    -------
    ndarray of float64, shape (..., R)
        In [0, 1]; NaN for a mask that is none, or a region outside it.
    """
    weights = pixels.reshape(len(pixels), -1).astype(np.float64)
    number = weights.sum(axis=1)
    total = masks.reshape(*masks.shape[:-2], -1).astype(np.float64) @ weights.T
    return np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)
