"""The runs of a workspace as rows: state, figures and places."""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from facemotion.errors import FacemotionError
from facemotion.runs.run import Run
from facemotion.runs.synthetic import evaluated_on_synthetic, prior_of_synthetic, trained_on_synthetic
from facemotion.synthetic import Amount, named
from facemotion.workspace import Workspace

__all__ = ["COLUMNS", "as_text", "rows"]

COLUMNS = (
    *("run", "dataset", "synthetic", "prior", "preset", "variant", "state", "finished", "begun"),
    *("fold_mean", "pooled", "macro", "test_faces", "evaluated_on", "place", "problem"),
    *("prior_synthetic", "evaluated_on_synthetic"),
)
"""Of a row. Shares are between 0 and 1; what is not known is None."""


def rows(workspace: Workspace) -> list[dict[str, Any]]:
    """Return a row for each variant of each run, by name; a run that cannot be read is a row with its problem."""
    return [row for run in Run.all(workspace) for row in _rows_of(run)]


def _rows_of(run: Run) -> list[dict[str, Any]]:
    common = {**dict.fromkeys(COLUMNS), "run": run.name, "place": str(run.folder)}
    try:
        config = run.config
        common |= {"dataset": config.dataset, "prior": config.prior.dataset, "preset": config.settings.get("preset")}
        common["synthetic"] = trained_on_synthetic(run)
        begun, finished = run.begun, run.trainings
        common["evaluated_on"] = " ".join(run.evaluated)
        common["evaluated_on_synthetic"] = " ".join(name for name in run.evaluated if evaluated_on_synthetic(run, name))
    except FacemotionError as error:
        return [{**common, "state": "unreadable", "problem": str(error)}]
    with contextlib.suppress(FacemotionError):  # a run without its prior is listed too
        common["prior_synthetic"] = str(prior_of_synthetic(run))
    metrics, problem = _metrics(run) if finished else ({}, "")
    found = []
    for variant in dict.fromkeys(training.variant for training in begun):
        all_of, done = (sum(each.variant == variant for each in group) for group in (begun, finished))
        figures = metrics.get(variant, {})
        accuracy = figures.get("accuracy", {})
        found.append(
            {
                **common,
                "variant": variant,
                "state": "finished" if done == all_of else "unfinished",
                "finished": done,
                "begun": all_of,
                **{name: accuracy.get(name) for name in ("fold_mean", "pooled", "macro")},
                "test_faces": figures.get("images"),
                "problem": problem or None,
            }
        )
    return found or [{**common, "state": "nothing trained", "finished": 0, "begun": 0}]


def _metrics(run: Run) -> tuple[Mapping[str, Any], str]:
    try:
        return run.metrics["variants"], ""
    except FacemotionError as error:
        return {}, str(error)


def as_text(found: Sequence[Mapping[str, Any]]) -> str:
    """Return the rows as lines of at most 80 letters, but for long names: one a run, and one a variant below it."""
    lines: list[str] = []
    last = None
    for row in found:
        if row["run"] != last:
            last = row["run"]
            what = "" if row["dataset"] is None else f": {_trained_on(row)}, preset {row['preset']}"
            lines += [f"{row['run']}{what}", f"  {row['place']}"]
            if row["evaluated_on"]:
                rendered = (row["evaluated_on_synthetic"] or "").split()
                names = [named(name, name in rendered) for name in row["evaluated_on"].split()]
                lines.append(f"  evaluated on {', '.join(names)}")
            if row["problem"]:
                lines.append(f"  {row['problem']}")
        if row["variant"] is None:
            lines.append(f"  {row['state']}")
            continue
        state = f"{row['finished']} of {row['begun']} trainings finished"
        width = max(14, *(len(each["variant"] or "") for each in found if each["run"] == last))
        lines.append(f"  {row['variant']:<{width}}  {_percent(row)}  {state}")
    return "\n".join(lines)


def _trained_on(row: Mapping[str, Any]) -> str:
    """Return the dataset, and the prior if it is of another one, or of rendered faces where these are not."""
    faces, prior = named(row["dataset"], bool(row["synthetic"])), Amount(row["prior_synthetic"] or "")
    other = row["prior"] not in (None, "", row["dataset"]) or (prior and not row["synthetic"])
    return f"{faces} with the prior of {named(str(row['prior']), prior)}" if other else faces


def _percent(row: Mapping[str, Any]) -> str:
    """Return the fold mean and the macro accuracy."""
    if row["fold_mean"] is None:
        return f"{'not scored':<30}"
    return f"fold mean {100 * row['fold_mean']:5.1f} %, macro {100 * row['macro']:5.1f} %"
