"""Several runs compared: the settings in which they differ, and the paired difference on the test faces they share."""

import itertools
from collections.abc import Sequence
from typing import Any

import pandas as pd

from facemotion.errors import FacemotionError
from facemotion.evaluation.compare import paired_test
from facemotion.evaluation.metrics import LEVEL
from facemotion.models.variants import ordered
from facemotion.report.artefacts import RunContents
from facemotion.report.settings import content_of, differing
from facemotion.report.text import between, percent, points

__all__ = ["comparison_section", "paired"]

RUNS_PAIRED = 5
"""Of more runs, each is compared with the first only."""


def comparison_section(runs: Sequence[RunContents]) -> dict[str, Any] | None:
    """Return what tells several runs apart; None of one run.

    Returns
    -------
    dict
        ``names`` of the runs; ``fields`` in which they differ, with the text in each; ``pairs``, the differences of
        accuracy with intervals; ``notes``, the pairs that cannot be compared and why; ``level`` of the intervals.
    """
    if len(runs) < 2:
        return None
    pairs, notes = [], []
    number = len(runs)
    chosen = itertools.combinations(runs, 2) if number <= RUNS_PAIRED else ((runs[0], other) for other in runs[1:])
    for first, second in chosen:
        found, note = paired(first, second)
        pairs += found
        notes += [note] if note else []
    return {
        "names": [run.name for run in runs],
        "fields": differing([_facts(run) for run in runs]),
        "pairs": pairs,
        "notes": notes,
        "level": percent(LEVEL, 0),
    }


def _facts(run: RunContents) -> dict[str, Any]:
    """Return what made a run what it is."""
    names = ("dataset", "classes", "settings", "prior", "alignment", "device", "versions")
    content = content_of(run)
    facts = {name: content[name] for name in names if name in content}
    facts["inputs"] = run.config.provenance.get("inputs", {}) if run.config else {}
    if run.predictions is not None:
        parts = {name: sorted(run.predictions[name].unique().tolist()) for name in ("variant", "fold", "seed")}
        facts["trained"] = {f"{name}s": ", ".join(map(str, values)) for name, values in parts.items()}
    return facts


def paired(first: RunContents, second: RunContents) -> tuple[list[dict[str, Any]], str]:
    """Compare two runs on the test faces that both have scored, variant by variant.

    The one place of the report where two runs meet; the test is `facemotion.evaluation.compare.paired_test`.

    Returns
    -------
    list of dict
        ``first``, ``second`` (names with the variant where that differs), ``difference`` of pooled accuracies in
        points, ``interval``, ``p_value``, ``images`` and ``subjects``, as text or numbers.
    str
        Why nothing was compared; empty if something was.
    """
    both = f"{first.name} and {second.name}"
    one, other = first.predictions, second.predictions
    if one is None or other is None:
        return [], f"{both}: predictions are missing"
    if first.dataset != second.dataset:
        return [], f"{both}: tested on {first.dataset} and on {second.dataset}, so no face is in common"
    if [name for name in one if str(name).startswith("p_")] != [name for name in other if str(name).startswith("p_")]:
        return [], f"{both}: they answer in different classes, so that their accuracies do not compare"
    names = [ordered(set(table["variant"])) for table in (one, other)]
    common = [name for name in names[0] if name in names[1]]
    rows = []
    for left, right in [(name, name) for name in common] or [(names[0][0], names[1][0])]:
        table = pd.concat(
            [
                one[one["variant"] == left].assign(variant="first"),
                other[other["variant"] == right].assign(variant="second"),
            ]
        )
        try:
            found = paired_test(table, "first", "second")
        except FacemotionError:
            return rows, f"{both}: no test face and seed in common"
        rows.append(
            {
                "first": f"{first.name}, {left}",
                "second": f"{second.name}, {right}",
                "difference": points(found["difference"]),
                "interval": between(found["interval"]),
                "p_value": "–" if found["p_value"] is None else f"{found['p_value']:.3g}",
                "images": found["images"],
                "subjects": found["subjects"],
            }
        )
    return rows, ""
