"""What paired differences say: corrected for how many were asked, what could have been seen, and a verdict in words.

Pure functions on the results of `facemotion.evaluation.compare.paired_test`, and on arrays. A difference is called
*shown* if its interval over subjects and seeds excludes 0 and its p, corrected by Holm where several comparisons were
made, is below 1 - `facemotion.evaluation.intervals.LEVEL`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.stats import norm

from facemotion.evaluation.intervals import LEVEL, RESAMPLES, paired_interval

__all__ = [
    "POWER",
    "detectable_difference",
    "holm",
    "mask_verdict",
    "paired_difference",
    "points",
    "power_words",
    "shown",
    "with_holm",
]

POWER = 0.8
NOTHING = "no difference that this data can show"


def paired_difference(
    gains: np.ndarray, sizes: np.ndarray, *, resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, Any]:
    """Compare two variants on the same faces, over subjects and seeds together.

    Parameters
    ----------
    gains, sizes : ndarray of float, shape (S, R)
        Of each subject and seed, the sum over its faces of the first variant's right answers less the second's, and the
        number of its faces; see `facemotion.evaluation.intervals.paired_interval`, which says how they are resampled.
    resamples : int
        Resamples of subjects and seeds.
    seed : int
        Of the resampling: the same seed gives the same figures.

    Returns
    -------
    dict
        ``subjects``, ``seeds``, ``difference`` (of the pooled accuracies, in [-1, 1]), ``by_seed`` (of each seed),
        ``interval``, ``standard_error``, ``p_bootstrap`` and ``detectable`` (see `detectable_difference`); the last
        four are None with fewer than two subjects.
    """
    gains, sizes = np.asarray(gains, dtype=np.float64), np.asarray(sizes, dtype=np.float64)
    found = paired_interval(gains, sizes, resamples=resamples, seed=seed)
    each = np.divide(gains.sum(axis=0), sizes.sum(axis=0), out=np.zeros(gains.shape[1]), where=sizes.sum(axis=0) > 0)
    return {
        "subjects": gains.shape[0],
        "seeds": gains.shape[1],
        "difference": float(gains.sum() / sizes.sum()),
        "by_seed": [float(value) for value in each],
        "interval": found.interval if found else None,
        "standard_error": found.standard_error if found else None,
        "p_bootstrap": found.p_value if found else None,
        "detectable": detectable_difference(found.standard_error) if found else None,
    }


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Correct p values for how many there are, by Holm's step-down method (S. Holm, 1979, Scand. J. Stat. 6:65).

    Parameters
    ----------
    p_values : sequence of float or None
        None is not counted, and stays.

    Returns
    -------
    list of float or None
        In the same order, each at least as large as before. Whatever depends on whatever, the chance that any true
        null hypothesis has one below a is at most a.

    Examples
    --------
    >>> holm([0.01, 0.04, None, 0.03])
    [0.03, 0.06, None, 0.06]
    """
    known = sorted((value, place) for place, value in enumerate(p_values) if value is not None)
    found: list[float | None] = [None] * len(p_values)
    least = 0.0
    for rank, (value, place) in enumerate(known):
        least = max(least, min(1.0, (len(known) - rank) * value))
        found[place] = least
    return found


def with_holm(results: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return results of one family of comparisons with ``p_holm`` beside their ``p_value``."""
    corrected = holm([result["p_value"] for result in results])
    return [{**result, "p_holm": value} for result, value in zip(results, corrected, strict=True)]


def detectable_difference(standard_error: float, *, level: float = LEVEL, power: float = POWER) -> float:
    """Return the true difference that would have been shown with a given chance.

    The normal approximation, (z of (1 + level) / 2 plus z of power) times the standard error: 2.8 errors at 95 % and
    80 % (J. Cohen, 1988, Statistical Power Analysis for the Behavioral Sciences).

    Parameters
    ----------
    standard_error : float
        Of the difference.
    level, power : float
        Of the interval, and the chance.
    """
    return float((norm.ppf((1 + level) / 2) + norm.ppf(power)) * standard_error)


def power_words(result: Mapping[str, Any]) -> str:
    """Return what difference could have been seen, in a sentence without a full stop.

    Parameters
    ----------
    result : mapping
        Of `paired_difference` or `facemotion.evaluation.compare.paired_test`.
    """
    if result["detectable"] is None:
        return "with one subject no difference can be told from chance"
    people, trainings = (f"{result[name]} {name[:-1] if result[name] == 1 else name}" for name in ("subjects", "seeds"))
    words = f"with {people} and {trainings} a difference of {100 * result['detectable']:.1f} points could have been"
    return f"{words} seen with a probability of {POWER:.0%}".replace("%", " %")


def points(share: float) -> str:
    """Return a difference of shares in points, with its sign: +1.1 or -3.6; 0 has no minus."""
    return f"{round(100 * share, 1) + 0.0:+.1f}"


def shown(result: Mapping[str, Any]) -> int:
    """Return 1 or -1 if a difference is shown to be above or below 0, else 0.

    Parameters
    ----------
    result : mapping
        Of a paired comparison: ``interval``, and where it was corrected ``p_holm``.
    """
    if result["interval"] is None:
        return 0
    low, high = result["interval"]
    corrected = result.get("p_holm")
    if corrected is not None and corrected >= 1 - LEVEL:
        return 0
    return int(low > 0) - int(high < 0)


def mask_verdict(baseline: Mapping[str, Any] | None, controls: Mapping[str, Mapping[str, Any]]) -> str:
    """Say what follows for the mask from a variant's comparisons.

    Parameters
    ----------
    baseline : mapping or None
        The variant less the classifier without a mask, from a paired comparison; None if that was not asked.
    controls : mapping of str to mapping
        The variant less itself with a control's masks, by control; see `facemotion.priors.controls`.

    Returns
    -------
    str
        "the mask helps" if it is above the baseline and above every control; "a mask helps, whichever" if it is above
        the baseline but not above some control; "no difference that this data can show" if it is not shown to be above
        or below the baseline; "the mask costs accuracy" if it is below. What else is known follows a colon.
    """
    above = [name for name, result in controls.items() if shown(result) > 0]
    level = [name for name in controls if name not in above]
    right = f"the right mask is above {_listed(above)}" if above else ""
    if baseline is None:
        unasked = "whether it is above no mask was not asked"
        return (
            f"{right}: {unasked}" if above and not level else f"{NOTHING}: {'; '.join(filter(None, [right, unasked]))}"
        )
    direction = shown(baseline)
    if direction > 0 and not controls:
        return "guidance helps: whether it has to be the right mask was not asked"
    if direction > 0 and not level:
        return f"the mask helps: it is above no mask and above {_listed(above)}"
    if direction > 0:
        but = f"it is above no mask, but not shown to be above {_listed(level)}"
        return f"a mask helps, whichever: {'; '.join(filter(None, [but, right]))}"
    verdict = "the mask costs accuracy" if direction < 0 else NOTHING
    return f"{verdict}: {right}" if above else verdict


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
