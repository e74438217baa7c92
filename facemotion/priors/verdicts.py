"""What comparisons of priors say, in words: do two agree, how unlike are a bank's classes, is a prior stable."""

from collections.abc import Mapping

import numpy as np

from facemotion.priors.agreement import Agreement
from facemotion.priors.atlas import Atlas
from facemotion.priors.bank import PriorBank
from facemotion.priors.compare import Comparison, Stability, table
from facemotion.priors.fitting import Fit
from facemotion.synthetic import Amount, named

__all__ = [
    "FAIR",
    "STEADY",
    "agreement_words",
    "atlas_title",
    "atlas_words",
    "class_words",
    "fit_words",
    "fold_words",
    "pair_words",
    "stability_words",
    "synthetic_words",
    "unlike",
]

STEADY, FAIR = 0.8, 0.5
"""From which reliability on a mask is called steady, or fair; a convention of tests in psychology."""


HOW = {
    "halves": "of the whole, from halves",
    "folds": "folds with all subjects, which share most",
    "none": "not known",
}
"""What stands for a source's stability; see `facemotion.priors.atlas.Steadiness`."""


def unlike(first: PriorBank, second: PriorBank) -> list[str]:
    """Return in what two banks differ besides their faces; each by itself makes masks differ."""
    names = ["alignment", "neutral"]
    if not (first.meta.masks_only or second.meta.masks_only):
        names += ["difference", "average", "phi"]
    pairs = [(name, getattr(first.meta, name), getattr(second.meta, name)) for name in names]
    return [f"{name} {own} and {other}" for name, own, other in pairs if own != other and "unknown" not in (own, other)]


def synthetic_words(amounts: Mapping[str, Amount]) -> list[str]:
    """Return a line that says which of some banks are of rendered faces, how much of each; none where none is."""
    found = [named(name, amount) for name, amount in amounts.items() if amount]
    return [f"{', '.join(found)}: nothing here says where real faces move"] if found else []


def pair_words(found: Comparison) -> str:
    """Say whether two banks agree, that is whether a class's mask is most like its own in the other bank.

    Parameters
    ----------
    found : Comparison
        Of two banks, class by class.
    """
    own = {name: value for name, value in found.own().items() if np.isfinite(value)}
    if not own:
        return "they have no class with a mask in both, so nothing says whether they agree"
    places = [(found.rows.index(name), found.columns.index(name)) for name in own]
    rows = {row: column for row, column in places}
    cells = [value for (row, column), value in np.ndenumerate(found.correlation) if rows.get(row, column) != column]
    others = [value for value in cells if np.isfinite(value)]
    share, least = found.recognised(), min(own, key=lambda name: own[name])
    verdict = "agree" if share == 1 else "agree in part" if share > 0.5 else "do not agree"
    between = f", with other classes' {np.mean(others):.2f}" if others else ""
    return (
        f"classes whose closest mask in the other bank is their own: {share:.0%} of {len(own)}: the two {verdict}\n"
        f"correlation with their own {np.mean(list(own.values())):.2f} on average, at least {own[least]:.2f} ({least})"
        f"{between}"
    )


def agreement_words(found: Agreement) -> str:
    """Return how two banks agree by class and in the mean, and on which pixels, as a table."""
    rows = np.stack([found.same, found.other, found.own], axis=1)
    values = np.concatenate([rows, [found.means()]])
    top, bottom, left, right = found.region
    return (
        f"agreement: correlation on the central {bottom - top} x {right - left} of {found.size[0]} x {found.size[1]} "
        f"pixels (rows {top} to {bottom - 1}, columns {left} to {right - 1})\n"
        f"{table(values, (*found.classes, 'mean'), ('same class', 'other classes', 'own part'))}\n"
        "own part: of what is a class's own, its mask minus the mean of these classes' masks"
    )


def atlas_title(atlas: Atlas) -> str:
    """Return the heading of an atlas: its sources, and whether they were brought to one geometry."""
    fitted = f", all in the geometry of {atlas.sources[0]}" if atlas.fits else ""
    return f"Motion atlas of {', '.join(atlas.sources)}{fitted}"


def atlas_words(atlas: Atlas) -> str:
    """Return what an atlas says, as text: fits, what is shared by class, agreement of each pair, stability."""
    lines = [fit_words(fit, atlas.sources[0], name) for name, fit in atlas.fits.items()]
    top, bottom, left, right = atlas.region
    lines += [
        *synthetic_words(atlas.synthetic),
        f"measured on the central {bottom - top} x {right - left} of {atlas.masks.shape[2]} x {atlas.masks.shape[3]} "
        f"pixels (rows {top} to {bottom - 1}, columns {left} to {right - 1})",
        "",
        "share in common (least over largest mask), and stability of each source",
    ]
    values = np.stack([atlas.share, *(found.values for found in atlas.steadiness)])
    lines.append(table(values, ("in all sources", *atlas.sources), atlas.classes))
    for how, words in HOW.items():
        names = [name for name, found in zip(atlas.sources, atlas.steadiness, strict=True) if found.how == how]
        lines += [f"stability of {', '.join(names)}: {words}"] if names else []
    if atlas.agreements:
        pairs = [f"{first} - {second}" for first, second in atlas.agreements]
        means = np.array([found.means() for found in atlas.agreements.values()])
        lines += ["", "agreement, means over the common classes"]
        lines.append(table(means, pairs, ("same class", "other classes", "own part")))
    return "\n".join(lines)


def fit_words(fit: Fit, first: str, second: str) -> str:
    """Say how the second bank was brought to the geometry of the first."""
    (x, y), between = fit.shift, f"{fit.after:.3f}"
    doubt = "" if fit.after >= FAIR else "; they hardly agree, so the fit says nothing"
    if fit.before is not None:
        between = f"{fit.before:.3f} without the fit, {fit.after:.3f} with it"
    return (
        f"fit: {second} in the geometry of {first}: scale {fit.scale:.3f}, {abs(x):.2f} pixels "
        f"{'right' if x >= 0 else 'left'} and {abs(y):.2f} {'down' if y >= 0 else 'up'}; "
        f"correlation of the mean masks of {len(fit.classes)} common classes {between}{doubt}"
    )


def class_words(found: Comparison) -> str:
    """Say which classes of one bank have the most and the least similar masks.

    Parameters
    ----------
    found : Comparison
        Of a bank with itself.
    """
    pairs = {
        (found.rows[row], found.columns[column]): value
        for (row, column), value in np.ndenumerate(found.correlation)
        if row < column and np.isfinite(value)
    }
    if not pairs:
        return "there are no two masks to compare"
    most, least = max(pairs, key=lambda pair: pairs[pair]), min(pairs, key=lambda pair: pairs[pair])
    return (
        f"most alike: {' and '.join(most)} ({pairs[most]:.2f}); least alike: {' and '.join(least)} "
        f"({pairs[least]:.2f}); masks that are alike guide two classes to the same places"
    )


def fold_words(found: Comparison) -> str:
    """Say which fold's mask is least like that of all subjects.

    Parameters
    ----------
    found : Comparison
        Rows are folds, columns are classes.
    """
    if not np.isfinite(found.correlation).any():
        return "there are no masks to compare"
    row, column = np.unravel_index(int(np.nanargmin(found.correlation)), found.correlation.shape)
    return (
        f"least like all subjects' mask: {found.columns[column]} in {found.rows[row]} "
        f"({found.correlation[row, column]:.2f}); the lower, the more a mask hangs on the few subjects left out"
    )


def stability_words(found: Stability, folds: int) -> str:
    """Say how to read `facemotion.priors.compare.stability`, and what it found.

    Parameters
    ----------
    found : Stability
        The result.
    folds : int
        Number of folds of the bank.
    """
    half = folds // 2
    ways = found.splits.max()
    lines = [
        "between halves: correlation of the masks that two halves of the subjects give",
        f"  ({half} and {folds - half} of the {folds} folds' test subjects), "
        f"{'the one way' if ways == 1 else f'mean over {ways} ways'} to halve them",
        "of the whole: what follows for the masks of all subjects (Spearman-Brown): the",
        "  share of a mask that any other subjects would give again; the rest hangs on",
        "  who was filmed",
    ]
    named = {name: float(value) for name, value in zip(found.classes, found.reliability, strict=True)}
    groups = {
        f"steady ({STEADY} and more)": [name for name, value in named.items() if value >= STEADY],
        f"fair ({FAIR} to {STEADY})": [name for name, value in named.items() if FAIR <= value < STEADY],
        f"mostly chance (below {FAIR}), more subjects are needed": [n for n, value in named.items() if value < FAIR],
        "not to be halved, too few subjects show it": [name for name, value in named.items() if np.isnan(value)],
    }
    lines += [f"{what}: {', '.join(names)}" for what, names in groups.items() if names]
    return "\n".join(lines)
