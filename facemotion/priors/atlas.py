"""The motion atlas: the masks of several sources side by side, what they share, and in what they differ.

The arrays and figures of an atlas; `facemotion.priors.atlas_figure` draws it.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from facemotion.errors import PriorError
from facemotion.expressions import ordered
from facemotion.priors.agreement import Agreement, agree, value_of
from facemotion.priors.bank import PriorBank
from facemotion.priors.compare import compare_folds, stability, why_not_halved
from facemotion.priors.fitting import Fit, central, fit_banks
from facemotion.priors.regions import REGIONS, Box, bank_matrix, energy, region_pixels
from facemotion.synthetic import Amount

__all__ = ["Atlas", "Steadiness", "make_atlas"]


@dataclass(frozen=True)
class Steadiness:
    """How stable a source's masks are, as far as its bank can tell.

    Attributes
    ----------
    how : {'halves', 'folds', 'none'}
        ``halves``: the reliability of the whole from split halves of the subjects
        (`facemotion.priors.compare.stability`). ``folds``: the mean correlation of the folds' masks with that of all
        subjects, where no halves follow from the bank; folds share most of their subjects, so that it is far higher,
        and not to be compared with the other. ``none``: the bank holds masks of all subjects only.
    values : ndarray of float64, shape (K,)
        By class of the atlas; NaN where there is none.
    """

    how: str
    values: np.ndarray


@dataclass(frozen=True)
class Atlas:
    """Masks of S sources, K classes and (H, W) pixels, in the geometry of the first source.

    Attributes
    ----------
    sources, classes : tuple of str
        Names of the sources, and all their classes in canonical order.
    masks : ndarray of float64, shape (S, K, H, W)
        In [0, 1]; NaN where a source has no mask of a class.
    common : ndarray of float64, shape (K, H, W)
        The least of the sources' masks at each pixel: what moves in every source. NaN with fewer than two sources.
    differs : ndarray of float64, shape (K, H, W)
        The largest less the least: what moves in one source and not in another.
    share : ndarray of float64, shape (K,)
        Sum of the least over sum of the largest within `region`: 1 where all sources have the same mask.
    energy : ndarray of float64, shape (S, K, R)
        Mean of each mask in the regions of `facemotion.priors.regions.REGIONS`.
    steadiness : tuple of Steadiness
        Of each source.
    agreements : mapping of (str, str) to Agreement
        Of each pair of sources that share a class, in order.
    fits : mapping of str to Fit
        How each source but the first came to the geometry of the first; empty where nothing was fitted.
    region : Box
        The pixels that agreement and share are measured on: the central ones that all sources cover.
    synthetic : mapping of str to Amount
        How much of each source's faces was rendered.
    """

    sources: tuple[str, ...]
    classes: tuple[str, ...]
    masks: np.ndarray
    common: np.ndarray
    differs: np.ndarray
    share: np.ndarray
    energy: np.ndarray
    steadiness: tuple[Steadiness, ...]
    agreements: Mapping[tuple[str, str], Agreement]
    fits: Mapping[str, Fit]
    region: Box
    synthetic: Mapping[str, Amount]

    def as_json(self) -> dict[str, Any]:
        """Return all figures as JSON values, None in place of NaN; not the masks."""
        steady = {
            name: {"how": found.how, "classes": self._by_class(found.values)}
            for name, found in zip(self.sources, self.steadiness, strict=True)
        }
        regions = {
            name: {
                kind: dict(zip(REGIONS, map(value_of, row), strict=True))
                for kind, row in zip(self.classes, rows, strict=True)
            }
            for name, rows in zip(self.sources, self.energy, strict=True)
        }
        fits = {
            name: {"scale": fit.scale, "shift": list(fit.shift), "before": fit.before, "after": fit.after}
            for name, fit in self.fits.items()
        }
        pairs = [{"first": a, "second": b, **found.as_json()} for (a, b), found in self.agreements.items()]
        return {
            "sources": list(self.sources),
            "synthetic": {name: str(amount) for name, amount in self.synthetic.items() if amount},
            "classes": list(self.classes),
            "size": list(self.masks.shape[2:]),
            "region": list(self.region),
            "fits": fits,
            "share_in_common": self._by_class(self.share),
            "agreements": pairs,
            "stability": steady,
            "energy": regions,
        }

    def _by_class(self, values: np.ndarray) -> dict[str, float | None]:
        return dict(zip(self.classes, map(value_of, values), strict=True))


def make_atlas(banks: Mapping[str, PriorBank], *, fit: bool = False, seed: int = 0) -> Atlas:
    """Set banks side by side.

    Parameters
    ----------
    banks : mapping of str to PriorBank
        At least two, by the name to show; the first gives the geometry.
    fit : bool
        Bring the others to the geometry of the first (`facemotion.priors.fitting`); without it all must be of one size.
    seed : int
        For the draw of halves in banks of more than ten folds.

    Raises
    ------
    PriorError
        If there are fewer than two banks, they differ in size and are not fitted, or cannot be fitted.
    """
    if len(banks) < 2:
        raise PriorError("an atlas needs at least two banks")
    names, first = tuple(banks), next(iter(banks.values()))
    for name, bank in banks.items():
        if not fit and bank.size != first.size:
            sizes = " and ".join(f"{size[0]} x {size[1]}" for size in (first.size, bank.size))
            raise PriorError(f"masks of {names[0]} and {name} have {sizes} pixels; give --fit to bring them together")
    fits = {name: fit_banks(first, bank) for name, bank in itertools.islice(banks.items(), 1, None)} if fit else {}
    classes = ordered(kind for bank in banks.values() for kind in bank.masks())
    if not classes:
        raise PriorError(f"none of the banks ({', '.join(names)}) has a mask")
    sides: dict[str, dict[str, np.ndarray]] = {}
    for name, bank in banks.items():
        carried = fits[name].carry if name in fits else np.asarray
        sides[name] = {kind: carried(mask) for kind, mask in bank.masks().items()}
    nothing = np.full(first.size, np.nan)
    masks = np.array([[side.get(kind, nothing) for kind in classes] for side in sides.values()], dtype=np.float64)
    region = _within([central(first.size), *(found.region for found in fits.values())])
    common, differs, share = _shared(masks, region)
    pixels = {name: region_pixels(first.size, bank_matrix(first if fit else bank)) for name, bank in banks.items()}
    found = {
        (a, b): agree(sides[a], sides[b], region=region)
        for a, b in itertools.combinations(names, 2)
        if sides[a].keys() & sides[b].keys()
    }
    return Atlas(
        sources=names,
        classes=classes,
        masks=masks,
        common=common,
        differs=differs,
        share=share,
        energy=np.stack([energy(row, pixels[name]) for name, row in zip(names, masks, strict=True)]),
        steadiness=tuple(_steadiness(bank, classes, seed=seed) for bank in banks.values()),
        agreements=found,
        fits=fits,
        region=region,
        synthetic={name: bank.meta.synthetic for name, bank in banks.items()},
    )


def _within(boxes: Sequence[Box]) -> Box:
    tops, bottoms, lefts, rights = zip(*boxes, strict=True)
    return max(tops), min(bottoms), max(lefts), min(rights)


def _shared(masks: np.ndarray, region: Box) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what is common, what differs and the share in common; NaN for classes that one source has alone."""
    there = np.asarray(np.isfinite(masks).all(axis=(2, 3)))
    several = (there.sum(axis=0) >= 2)[:, None, None]
    least = np.where(several, np.where(there[..., None, None], masks, np.inf).min(axis=0), np.nan)
    most = np.where(several, np.where(there[..., None, None], masks, -np.inf).max(axis=0), np.nan)
    top, bottom, left, right = region
    cut = (slice(None), slice(top, bottom), slice(left, right))
    total = most[cut].sum(axis=(1, 2))
    share = np.divide(least[cut].sum(axis=(1, 2)), total, out=np.full(len(total), np.nan), where=total > 0)
    return least, most - least, share


def _steadiness(bank: PriorBank, classes: Sequence[str], *, seed: int) -> Steadiness:
    if not why_not_halved(bank):
        how, values = "halves", stability(bank, seed=seed).reliability
    elif bank.folds:
        how, found = "folds", compare_folds(bank).correlation
        known = np.isfinite(found)
        values = np.where(known, found, 0).sum(axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan)
    else:
        how, values = "none", np.full(len(bank.classes), np.nan)
    named = dict(zip(bank.classes, values, strict=True))
    return Steadiness(how, np.array([named.get(kind, np.nan) for kind in classes], dtype=np.float64))
