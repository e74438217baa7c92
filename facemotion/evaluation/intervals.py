"""Bootstrap intervals: subjects are resampled, since images of one person are not independent of each other."""

import numpy as np
from scipy.stats import bootstrap

__all__ = ["LEVEL", "RESAMPLES", "share_interval"]

LEVEL = 0.95
RESAMPLES = 2000


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

    outcome = bootstrap(
        (np.arange(len(parts)),),
        statistic,
        n_resamples=resamples,
        batch=100,
        vectorized=True,
        method="percentile",
        confidence_level=LEVEL,
        rng=np.random.default_rng(seed),
    )
    return [float(outcome.confidence_interval.low), float(outcome.confidence_interval.high)]
