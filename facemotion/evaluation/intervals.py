"""Bootstrap intervals: subjects are resampled, since images of one person are not independent of each other.

Where several seeds were trained, they are resampled too: a training is shared by all the subjects that it is tested on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import bootstrap

__all__ = ["LEVEL", "RESAMPLES", "Resampled", "paired_interval", "share_interval"]

LEVEL = 0.95
RESAMPLES = 2000


@dataclass(frozen=True)
class Resampled:
    """What resampling says of a difference.

    Attributes
    ----------
    interval : list of float
        [low, high] at `LEVEL`, percentiles of the resamples.
    standard_error : float
        Standard deviation of the resamples.
    p_value : float
        Two-sided: twice the share of resamples on the rarer side of 0, itself counted, at most 1.
    """

    interval: list[float]
    standard_error: float
    p_value: float


def share_interval(
    parts: np.ndarray, totals: np.ndarray, *, resamples: int = RESAMPLES, seed: int = 0
) -> list[float] | None:
    """Return the percentile interval of the mean over columns of ``parts / totals``, rows resampled together.

    Parameters
    ----------
    parts : ndarray of float, shape (S,) or (S, P)
        Of each subject (row), what is counted: right answers, say, or a difference of them. Columns are the shares
        that are averaged (folds, classes); one column or none is a single share.
    totals : ndarray of float, shape of `parts`
        Of how many.
    resamples : int
        Resamples of subjects.
    seed : int
        Of the resampling.

    Returns
    -------
    list of float, or None
        [low, high] at `LEVEL`; None with fewer than two subjects. A column that no drawn subject belongs to is left out
        of that resample's mean.
    """
    if len(parts) < 2:
        return None
    parts, totals = (np.asarray(values, dtype=np.float64).reshape(len(values), -1) for values in (parts, totals))

    def statistic(drawn: np.ndarray, axis: int = -1) -> np.ndarray:
        found, asked = parts[drawn].sum(axis=axis - 1), totals[drawn].sum(axis=axis - 1)
        shares = np.divide(found, asked, out=np.zeros_like(found), where=asked > 0)
        return shares.sum(axis=-1) / (asked > 0).sum(axis=-1)

    return _interval(_bootstrap((len(parts),), statistic, resamples=resamples, seed=seed))


def paired_interval(
    gains: np.ndarray, sizes: np.ndarray, *, resamples: int = RESAMPLES, seed: int = 0
) -> Resampled | None:
    """Return interval, error and p of a mean difference, over subjects and seeds together.

    A hierarchical bootstrap of two crossed factors: in each resample subjects are drawn with replacement, each with all
    faces, and then seeds, the same for all subjects, since all are tested by the same trainings (the pigeonhole
    bootstrap of A. B. Owen, 2007, Ann. Appl. Stat. 1:386). Of R seeds R - 1 are drawn, so that the variance of few
    seeds is not underestimated by (R - 1) / R (J. N. K. Rao and C. F. J. Wu, 1988, J. Am. Stat. Assoc. 83:231). With
    one seed only subjects are drawn, and nothing is known of other trainings.

    Parameters
    ----------
    gains : ndarray of float, shape (S, R)
        Of each subject and seed, the sum over its faces of one variant's right answers less the other's.
    sizes : ndarray of float, shape (S, R)
        Its faces; 0 where a subject was not tested with a seed.
    resamples, seed
        As for `share_interval`.

    Returns
    -------
    Resampled or None
        None with fewer than two subjects.

    Notes
    -----
    On normal differences without an effect, 24 subjects with a deviation of 10 points each, 5 seeds with one of 3 and
    10 points left over, intervals at 95 % held the truth in 95.5 % of 400 simulations; drawing subjects alone, in
    86.8 %. With deviations of 6 points between 3 seeds it was 93 % and 70 %; with 96 subjects and 3 seeds with one of
    3 points, 94 % and 74 %.
    """
    gains, sizes = np.asarray(gains, dtype=np.float64), np.asarray(sizes, dtype=np.float64)
    subjects, seeds = gains.shape
    if subjects < 2:
        return None

    def statistic(people: np.ndarray, trainings: np.ndarray | None = None, axis: int = -1) -> np.ndarray:
        if trainings is None:
            return _ratio(gains[people].sum(axis=(-1, -2)), sizes[people].sum(axis=(-1, -2)))
        cells = people[..., :, None], trainings[..., None, 1:]  # R - 1 of the R that were drawn
        return _ratio(gains[cells].sum(axis=(-1, -2)), sizes[cells].sum(axis=(-1, -2)))

    counts = (subjects, seeds) if seeds > 1 else (subjects,)
    outcome = _bootstrap(counts, statistic, resamples=resamples, seed=seed)
    drawn = outcome.bootstrap_distribution
    rarer = 1 + min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
    return Resampled(_interval(outcome), float(outcome.standard_error), min(1.0, 2 * rarer / (1 + len(drawn))))


def _ratio(parts: np.ndarray, totals: np.ndarray) -> np.ndarray:
    return np.divide(parts, totals, out=np.zeros_like(parts), where=totals > 0)


def _bootstrap(counts: tuple[int, ...], statistic: Callable[..., Any], *, resamples: int, seed: int) -> Any:
    """Resample the numbers below each count, independently of each other."""
    return bootstrap(
        tuple(np.arange(count) for count in counts),
        statistic,
        n_resamples=resamples,
        batch=100,
        vectorized=True,
        method="percentile",
        confidence_level=LEVEL,
        rng=np.random.default_rng(seed),
    )


def _interval(outcome: Any) -> list[float]:
    return [float(outcome.confidence_interval.low), float(outcome.confidence_interval.high)]
