"""Bringing two banks to one geometry: the scale and shift that make their mean masks agree best.

How much of a face a crop shows follows the dataset, and a pixel of shift decides how well two masks agree. The fit is
an image registration on the mean of the classes that both banks have: whole pixels by normalised cross-correlation
(`skimage.feature.match_template`) over a ladder of scales, then below a pixel by `scipy.optimize.minimize` (Nelder and
Mead). It draws nothing at random.
"""

from dataclasses import dataclass

import numpy as np

from facemotion.errors import PriorError
from facemotion.priors.bank import PriorBank
from facemotion.priors.compare import correlation
from facemotion.priors.regions import Box
from facemotion.priors.resampling import resample

__all__ = ["Fit", "central", "fit_banks", "fit_masks"]

MARGINS = (0.1, 6 / 70)
"""Share of height and width that is left out at each edge: of 70 x 70 pixels the central 56 x 58 are compared."""
LADDER = 1.25 ** np.linspace(-1, 1, 19)
"""Scales that are tried, times 1 and times the ratio of the two sizes."""
STARTS = 3
"""So many of them are refined."""
LEAST = 0.75
"""Share of the central pixels that the moved masks must cover."""
STEPS = (0.02, 0.5, 0.5)
"""First steps of the refinement: of the scale's logarithm, and of x and y in pixels."""
PRECISION = 1e-4
"""Where it ends, in the same units."""
ORDER = 3


@dataclass(frozen=True)
class Fit:
    """A scale and shift that bring the masks of one bank, the second, to the geometry of another, the first.

    Attributes
    ----------
    scale : float
        Size of a pixel of the second in pixels of the first.
    shift : tuple of float
        (x, y) in pixels of the first: how far the middle of the second comes to lie from the middle of the first, right
        and down.
    sizes : tuple of tuple of int
        (height, width) of the first and of the second.
    classes : tuple of str
        The classes whose mean mask was fitted.
    region : Box
        The pixels (top, bottom, left, right) of the first that were compared: the central ones that the second covers.
    before : float or None
        Correlation of the mean masks there without the fit; None if the sizes differ.
    after : float
        With it; a fit on masks that hardly correlate says nothing.
    """

    scale: float
    shift: tuple[float, float]
    sizes: tuple[tuple[int, int], tuple[int, int]]
    classes: tuple[str, ...]
    region: Box
    before: float | None
    after: float

    def carry(self, maps: np.ndarray) -> np.ndarray:
        """Return masks of the second, (..., h, w) in [0, 1], in the geometry of the first; edges are continued."""
        if (self.scale, self.shift, self.sizes[0]) == (1.0, (0.0, 0.0), self.sizes[1]):
            return np.asarray(maps)
        matrix = _matrix(self.scale, self.shift, self.sizes)
        return resample(maps, matrix, self.sizes[0], order=ORDER).clip(0, 1)


def central(size: tuple[int, int]) -> Box:
    """Return the central pixels of masks of a size, which agreement is measured on: edges hold hair and background.

    Examples
    --------
    >>> central((70, 70))
    (7, 63, 6, 64)
    """
    margins = [round(share * side) for share, side in zip(MARGINS, size, strict=True)]
    return margins[0], size[0] - margins[0], margins[1], size[1] - margins[1]


def fit_banks(first: PriorBank, second: PriorBank, *, folds: tuple[int | None, int | None] = (None, None)) -> Fit:
    """Find the scale and shift that bring the second bank to the geometry of the first.

    Parameters
    ----------
    first, second : PriorBank
        The banks; the mean is of the classes that have a mask in both.
    folds : tuple
        The fold of each; None stands for all subjects.

    Raises
    ------
    PriorError
        If they share no class, or a mean mask is flat.
    """
    absent = {*first.missing(folds[0]), *second.missing(folds[1])}
    classes = tuple(name for name in first.classes if name in second.classes and name not in absent)
    if not classes:
        raise PriorError("the two banks share no class that has a mask in both, so nothing can be fitted")
    means = [
        bank.mask[bank.index(fold), [bank.classes.index(name) for name in classes]].mean(axis=0, dtype=np.float64)
        for bank, fold in zip((first, second), folds, strict=True)
    ]
    return fit_masks(means[0], means[1], classes=classes)


def fit_masks(first: np.ndarray, second: np.ndarray, *, classes: tuple[str, ...] = ()) -> Fit:
    """Find the scale and shift that bring a map to the geometry of another; see `fit_banks`.

    Parameters
    ----------
    first, second : ndarray of float, shapes (H, W) and (h, w)
        The maps, in [0, 1].
    classes : tuple of str
        Kept in the result.
    """
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        raise PriorError("a mean mask is the same everywhere, so nothing can be fitted on it")
    sizes = (first.shape, second.shape)
    found = [_refined(first, second, start) for start in _starts(first, second)]
    lost, best = min(found, key=lambda pair: pair[0])
    scale, shift = float(np.exp(best[0])), (float(best[1]), float(best[2]))
    before = None
    if first.shape == second.shape:
        nothing = _loss(first, second, np.zeros(3))
        before = 1 - nothing
        if nothing <= lost:
            lost, scale, shift = nothing, 1.0, (0.0, 0.0)
    region = _overlap(scale, shift, sizes)
    return Fit(scale, shift, sizes, classes, region, before, 1 - lost)  # type: ignore[arg-type]


def _starts(first: np.ndarray, second: np.ndarray) -> list[np.ndarray]:
    """Return the best whole-pixel shifts of the best scales: (log scale, x, y) each."""
    from skimage.feature import match_template

    top, bottom, left, right = central(first.shape)  # type: ignore[arg-type]
    template = first[top:bottom, left:right]
    ratio = first.shape[0] / second.shape[0]
    scales = LADDER if ratio == 1 else np.concatenate([LADDER, ratio * LADDER])
    found = []
    for scale in scales:
        matrix = _matrix(scale, (0.0, 0.0), (first.shape, second.shape))
        likeness = match_template(resample(second, matrix, first.shape), template)  # type: ignore[arg-type]
        row, column = np.unravel_index(int(np.argmax(likeness)), likeness.shape)
        found.append((-float(likeness[row, column]), np.array([np.log(scale), left - column, top - row])))
    return [start for _, start in sorted(found, key=lambda pair: pair[0])[:STARTS]]


def _refined(first: np.ndarray, second: np.ndarray, start: np.ndarray) -> tuple[float, np.ndarray]:
    from scipy.optimize import minimize

    simplex = np.stack([start, *(start + np.diag(STEPS))])
    options = {"initial_simplex": simplex, "xatol": PRECISION, "fatol": 1e-9, "maxfev": 400}
    outcome = minimize(lambda point: _loss(first, second, point), start, method="Nelder-Mead", options=options)
    return float(outcome.fun), outcome.x


def _loss(first: np.ndarray, second: np.ndarray, point: np.ndarray) -> float:
    """Return 1 minus the correlation where both are known; 2 where too little is."""
    scale, shift, sizes = float(np.exp(point[0])), (point[1], point[2]), (first.shape, second.shape)
    top, bottom, left, right = _overlap(scale, shift, sizes)
    whole = central(first.shape)  # type: ignore[arg-type]
    if (bottom - top) * (right - left) < LEAST * (whole[1] - whole[0]) * (whole[3] - whole[2]):
        return 2.0
    moved = resample(second, _matrix(scale, shift, sizes), first.shape, order=ORDER)  # type: ignore[arg-type]
    value = correlation(first[top:bottom, left:right], moved[top:bottom, left:right])
    return 1 - value if np.isfinite(value) else 2.0


def _matrix(scale: float, shift: tuple[float, float], sizes: tuple) -> np.ndarray:
    """Return what takes a pixel (x, y) of the second to the first; the middles are `shift` apart."""
    (high, wide), (old_high, old_wide) = sizes
    x = (wide - 1) / 2 + shift[0] - scale * (old_wide - 1) / 2
    y = (high - 1) / 2 + shift[1] - scale * (old_high - 1) / 2
    return np.array([[scale, 0.0, x], [0.0, scale, y]])


def _overlap(scale: float, shift: tuple[float, float], sizes: tuple) -> Box:
    """Return the central pixels of the first whose centres lie between pixel centres of the second."""
    top, bottom, left, right = central(sizes[0])
    matrix = _matrix(scale, shift, sizes)
    near, far = matrix[:, 2], matrix @ np.array([sizes[1][1] - 1, sizes[1][0] - 1, 1.0])
    slack = 1e-6  # of pixels: a frame that ends on a pixel's centre holds it
    rows = max(top, int(np.ceil(near[1] - slack))), min(bottom, int(np.floor(far[1] + slack)) + 1)
    columns = max(left, int(np.ceil(near[0] - slack))), min(right, int(np.floor(far[0] + slack)) + 1)
    return rows[0], max(rows[1], rows[0]), columns[0], max(columns[1], columns[0])
