"""What a report says of the prior that a run was trained with: its masks, their scale, and where they came from."""

from collections.abc import Callable
from typing import Any

import numpy as np

from facemotion.expressions import ordered
from facemotion.priors.describe import rules, steps
from facemotion.priors.meta import PriorMeta
from facemotion.report import figures
from facemotion.report.artefacts import RunContents
from facemotion.report.terms import prior_amount

__all__ = ["prior_mask", "prior_picture", "prior_section"]

_SCALES = {
    "equalised": (
        "moves least",
        "moves most",
        "Each mask is ranked by itself: white is the pixel that moves most for that expression, mid-gray moves more "
        "than half of all pixels, black moves least. Equally bright masks need not have equal motion behind them.",
    ),
    "scaled": (
        "no motion",
        "the most",
        "Each mask is divided by its own largest value: white is where that expression moves most, and gray is in "
        "proportion.",
    ),
}


def prior_section(run: RunContents, rendered: Callable[[str], bool]) -> dict[str, Any] | None:
    """Return the masks of the run's prior, their scale and origin; None if the prior is not there.

    Parameters
    ----------
    run : RunContents
        The run.
    rendered : callable
        Tells of a dataset, by its name, whether its faces were rendered.
    """
    bank = run.bank
    if bank is None:
        return None
    meta = bank.meta
    facts = [
        ("built from", meta.dataset),
        *rules(bank),
        ("folds", f"{bank.folds} ({meta.fold_scheme})" if bank.folds else "none: all subjects only"),
        ("size", f"{bank.size[0]} x {bank.size[1]} px"),
        ("alignment id", meta.alignment),
        ("digest", meta.content_digest[:16]),
    ]
    for name, lost in (("without a crop", meta.unaligned), ("without a neutral face", meta.unpaired)):
        if lost:
            facts.append((name, ", ".join(f"{kind} {count}" for kind, count in lost.items())))
    low, high, text = _SCALES["scaled" if meta.phi == "none" else "equalised"]
    return {
        "masks": [_mask(run, name) for name in bank.classes],
        "scale": {"low": low, "high": high, "text": text},
        "facts": facts,
        "what": _what(meta),
        "origins": steps(meta.origins),
        "dataset": meta.dataset,
        "synthetic": prior_amount(run, rendered).words,
        "missing": ordered([*bank.missing(), *(name for name in _classes(run) if name not in bank.classes)]),
    }


def _mask(run: RunContents, name: str) -> dict[str, Any]:
    """Return the mask of a class over all subjects; where means are known, how far its pixels move at most."""
    bank = run.bank
    assert bank is not None
    place = bank.classes.index(name)
    known = not bank.meta.masks_only and name not in bank.missing()
    peak = float(bank.mean[bank.folds, place].max())
    return {
        "name": name,
        "picture": prior_picture(run, name, None),
        "pairs": int(bank.count[bank.folds, place]) if known else None,
        "peak": f"{100 * peak:.1f} %" if known and bank.meta.difference == "absolute" else None,
    }


def prior_picture(run: RunContents, name: str, fold: int | None) -> str | None:
    """Return the picture of `prior_mask`; None where there is none."""
    mask = prior_mask(run, name, fold)
    return None if mask is None else figures.image_uri(mask)


def prior_mask(run: RunContents, name: str, fold: int | None) -> np.ndarray | None:
    """Return the mask that guides a class, of shape (H, W); None where there is none.

    Parameters
    ----------
    run : RunContents
        The run.
    name : str
        The class.
    fold : int or None
        The fold, which on the prior's own source has masks of its own; None stands for all subjects.
    """
    bank = run.bank
    if bank is None or name not in bank.classes:
        return None
    own = fold is not None and run.dataset in bank.meta.sources and fold < bank.folds
    index = fold if own else None
    if name in bank.missing(index):
        return None
    return bank.mask[bank.index(index), bank.classes.index(name)]


def _what(meta: PriorMeta) -> str:
    """Return what a bank's masks are, in a sentence."""
    if meta.masks_only:
        source = meta.origins[0].get("source", "elsewhere")
        return f"Masks that were imported from {source}, without the means behind them."
    phi = {"ranks": "equalised", "histogram": "equalised in 256 levels", "none": "scaled to a maximum of 1"}[meta.phi]
    paper = " (Eq. 1 of the paper)" * ((meta.average, meta.difference) == ("mean", "absolute") and meta.phi != "none")
    what = f"The {meta.average} {meta.difference} difference between expressive and neutral faces of each class"
    return f"{what}, {phi}{paper}."


def _classes(run: RunContents) -> list[str]:
    """Return the classes of a run, as far as it says."""
    if run.metrics is not None:
        return list(run.metrics["classes"])
    return [] if run.config is None else list(run.config.classes)
