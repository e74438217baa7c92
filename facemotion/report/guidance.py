"""Does the mask help? A guided variant beside the classifier alone and beside itself with other masks; what follows.

The figures and sentences are those that the command line gives; see `facemotion.evaluation.guidance`.
"""

from collections.abc import Sequence
from typing import Any

from facemotion.evaluation.guidance import BASELINE, Guided, guided_variants
from facemotion.evaluation.intervals import LEVEL
from facemotion.models import variants
from facemotion.report.artefacts import DatasetFolder, RunContents
from facemotion.report.commands import train_line
from facemotion.report.figures import FAINT, INK, SERIES, chart, inline_svg, plain
from facemotion.report.text import between, percent, points

__all__ = ["guidance_section"]

ASKED = "wrong-mask"
"""The control that a page suggests where none was trained."""


def guidance_section(run: RunContents, dataset: DatasetFolder | None, *, key: str) -> dict[str, Any] | None:
    """Return what a run says of its guidance; None where it has no figures.

    Parameters
    ----------
    run : RunContents
        The run.
    dataset : DatasetFolder or None
        What the workspace holds of its dataset.
    key : str
        Distinct for each run of the page.

    Returns
    -------
    dict
        ``variants``, of each that was compared its name, pooled accuracy, ``rows`` of what it is compared with,
        ``verdict`` and ``power``; ``chart``, the differences with their intervals, None of none; ``level`` of the
        intervals; ``comparisons``, how many p is corrected for; ``unasked``, sentences on what was not asked, and
        ``command``, the line that asks it, empty if everything was or the run's settings are not kept.
    """
    if run.metrics is None:
        return None
    found = guided_variants(run.metrics)
    unasked, arms, controls = _unasked(run.metrics["variants"])
    return {
        "variants": [_variant(each) for each in found],
        "comparisons": sum(len(each.against) for each in found),
        "chart": _chart(found, key=f"{key} guidance") if found else None,
        "level": percent(LEVEL, 0),
        "unasked": unasked,
        "command": train_line(run, dataset, variants=arms, controls=controls) if unasked else "",
    }


def _variant(found: Guided) -> dict[str, Any]:
    return {
        "name": found.variant,
        "pooled": percent(found.accuracy),
        "verdict": found.verdict,
        "power": found.power[:1].upper() + found.power[1:],
        "rows": [
            {
                "name": pair["second"],
                "pooled": percent(found.accuracies[pair["second"]]),
                "difference": points(pair["difference"]),
                "interval": between(pair["interval"]),
                "p_value": "–" if pair["p_value"] is None else f"{pair['p_value']:.3g}",
                "p_holm": "–" if pair["p_holm"] is None else f"{pair['p_holm']:.3g}",
                "by_seed": ", ".join(map(points, pair.get("by_seed", ()))),
            }
            for pair in found.against
        ],
    }


def _unasked(trained: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Return sentences on what a run did not ask, and the variants and controls that would ask it."""
    known = [name for name in trained if variants.parted(name)[0] in variants.names()]
    plain_names = [name for name in known if not variants.parted(name)[1]]
    guided = [name for name in plain_names if variants.load(name).uses_prior]
    controls = list(dict.fromkeys(control for name in known if (control := variants.parted(name)[1])))
    if not known:
        return [], [], []
    if not guided:
        said = "No prior guides what was trained here, so that this run cannot say whether one helps."
        return [said], [*plain_names, "guided"], [ASKED]
    said = []
    if BASELINE not in known:
        said.append(
            f"Whether guidance helps was not asked: the classifier alone, {BASELINE}, was not trained beside it."
        )
    without = [
        name for name in guided if not any(variants.parted(other)[0] == name and other != name for other in known)
    ]
    if without:
        also = f" ({', '.join(without)})" if len(without) < len(guided) else ""
        said.append(
            f"Whether it has to be the right mask was not asked{also}: no control, such as {ASKED}, was trained."
        )
    return said, variants.ordered({*plain_names, BASELINE}), controls or [ASKED]


def _chart(found: Sequence[Guided], *, key: str) -> str:
    """Draw each difference with its interval, in points; what is compared with the classifier alone has a colour."""
    pairs = [(f"{each.variant} − {pair['second']}", pair) for each in found for pair in each.against]
    figure, axis = chart(4.8, 0.62 + 0.34 * len(pairs))
    told = []
    for place, (name, pair) in enumerate(pairs):
        colour = SERIES[0] if pair["second"] == BASELINE else SERIES[1]
        if pair["interval"] is not None:
            low, high = (100 * value for value in pair["interval"])
            axis.plot([low, high], [place, place], color=colour, linewidth=2.4, solid_capstyle="round")
        axis.plot(100 * pair["difference"], place, marker="o", markersize=6, color=colour)
        told.append(f"{name}: {points(pair['difference'])}, {between(pair['interval']) or 'no interval'}")
    axis.axvline(0, color=INK, linewidth=1)
    axis.set_yticks(range(len(pairs)), [name for name, _ in pairs])
    axis.set_ylim(len(pairs) - 0.4, -0.6)
    axis.set_xlabel("difference in pooled accuracy, points", fontsize=9, color=FAINT)
    plain(axis, sides=("bottom",))
    axis.tick_params(axis="y", length=0)
    return inline_svg(figure, label="Differences in points: " + "; ".join(told), key=key)
