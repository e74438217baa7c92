"""Does the prior help, and does it have to be the right one? What a run's paired comparisons say of it.

Each guided variant is compared with the classifier alone and with itself under the masks of its controls. These
comparisons are one family, corrected by Holm together; others that a run has do not count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from facemotion.evaluation.statistics import mask_verdict, points, power_words, with_holm
from facemotion.models import variants

__all__ = ["BASELINE", "Guided", "guidance_lines", "guided_variants"]

BASELINE = "cnn"
"""The variant that never sees a prior."""


@dataclass(frozen=True)
class Guided:
    """What is known of the guidance of one variant.

    Attributes
    ----------
    variant : str
    accuracy : float
        Pooled.
    against : tuple of dict
        The variant less the classifier alone, and less itself with each control's masks: ``first``, ``second``,
        ``difference``, ``interval``, ``by_seed``, ``p_value``, ``p_holm`` and what else
        `facemotion.evaluation.compare.paired_test` gives.
    accuracies : dict of str to float
        Pooled, of each that it is compared with.
    verdict : str
        See `facemotion.evaluation.statistics.mask_verdict`.
    power : str
        What difference could have been seen; empty if that is not known.
    """

    variant: str
    accuracy: float
    against: tuple[dict[str, Any], ...]
    accuracies: dict[str, float]
    verdict: str
    power: str


def guided_variants(metrics: Mapping[str, Any]) -> list[Guided]:
    """Return what a run's figures say of each guided variant that has something to be compared with.

    Parameters
    ----------
    metrics : mapping
        What `facemotion.evaluation.metrics.summarise` gives; of ``comparisons`` those that concern guidance are taken.
    """
    known = variants.names()
    names = [name for name in metrics["variants"] if variants.parted(name)[0] in known]
    pairs = {(pair["first"], pair["second"]): pair for pair in metrics.get("comparisons", ())}
    family = [
        found
        for name in names
        if not variants.parted(name)[1] and variants.load(name).uses_prior
        for other in (BASELINE, *(other for other in names if other != BASELINE))
        if (other == BASELINE or (variants.parted(other)[0] == name and other != name))
        and (found := _less(pairs, name, other)) is not None
    ]
    corrected = with_holm(family)
    pooled = {name: float(metrics["variants"][name]["accuracy"]["pooled"]) for name in names}
    return [
        _guided(name, [each for each in corrected if each["first"] == name], pooled)
        for name in dict.fromkeys(each["first"] for each in corrected)
    ]


def _less(pairs: Mapping[tuple[str, str], Mapping[str, Any]], first: str, second: str) -> dict[str, Any] | None:
    """Return the comparison first minus second, whichever way round it was made."""
    if (first, second) in pairs:
        return dict(pairs[first, second])
    found = pairs.get((second, first))
    if found is None:
        return None
    turned = dict(found) | {"first": first, "second": second, "difference": -found["difference"]}
    if found["interval"] is not None:
        turned["interval"] = [-value for value in reversed(found["interval"])]
    if "by_seed" in found:
        turned["by_seed"] = [-value for value in found["by_seed"]]
    return turned


def _guided(name: str, against: Sequence[dict[str, Any]], pooled: Mapping[str, float]) -> Guided:
    baseline = next((each for each in against if each["second"] == BASELINE), None)
    controls = {variants.parted(each["second"])[1]: each for each in against if each is not baseline}
    judged = baseline if baseline is not None else against[0]
    power = power_words(judged) if {"detectable", "subjects", "seeds"} <= judged.keys() else ""
    accuracies = {each["second"]: pooled[each["second"]] for each in against}
    return Guided(name, pooled[name], tuple(against), accuracies, mask_verdict(baseline, controls), power)


def guidance_lines(found: Sequence[Guided]) -> list[str]:
    """Return what is known of guidance as lines for a terminal; none where nothing was compared."""
    lines = []
    for each in found:
        lines.append(f"{each.variant} (pooled {100 * each.accuracy:.1f} %) less")
        width = max(len(pair["second"]) for pair in each.against)
        lines += [f"  {pair['second'].ljust(width)}  {_figures(each, pair)}" for pair in each.against]
        lines.append(f"  {'; '.join(filter(None, [each.verdict, each.power]))}")
    return lines


def _figures(each: Guided, pair: Mapping[str, Any]) -> str:
    words = f"{100 * each.accuracies[pair['second']]:.1f} %: {points(pair['difference'])} points"
    if pair["interval"] is not None:
        words += f", {' to '.join(map(points, pair['interval']))}"
    return words if pair["p_holm"] is None else f"{words}, p {pair['p_holm']:.2g}"
