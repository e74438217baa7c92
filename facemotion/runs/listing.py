"""The runs of a workspace as rows: state, figures and places."""

from collections.abc import Mapping, Sequence
from typing import Any

from facemotion.errors import FacemotionError
from facemotion.evaluation.synthetic import SYNTHETIC, is_synthetic_in
from facemotion.runs.run import Run
from facemotion.workspace import Workspace

__all__ = ["COLUMNS", "as_text", "rows"]

COLUMNS = (
    *("run", "dataset", "synthetic", "prior", "preset", "variant", "state", "finished", "begun"),
    *("fold_mean", "pooled", "macro", "test_faces", "evaluated_on", "place", "problem"),
)
"""Of a row. Shares are between 0 and 1; what is not known is None."""


def rows(workspace: Workspace) -> list[dict[str, Any]]:
    """Return a row for each variant of each run, by name; a run that cannot be read is a row with its problem."""
    return [row for run in Run.all(workspace) for row in _rows_of(run, workspace)]


def _rows_of(run: Run, workspace: Workspace) -> list[dict[str, Any]]:
    common = {**dict.fromkeys(COLUMNS), "run": run.name, "place": str(run.folder)}
    try:
        config = run.config
        common |= {"dataset": config.dataset, "prior": config.prior.dataset, "preset": config.settings.get("preset")}
        common["synthetic"] = is_synthetic_in(workspace, config.dataset)
        begun, finished = run.begun, run.trainings
        common["evaluated_on"] = " ".join(run.evaluated)
    except FacemotionError as error:
        return [{**common, "state": "unreadable", "problem": str(error)}]
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
            origin = "" if row["prior"] in (None, "", row["dataset"]) else f" with the prior of {row['prior']}"
            faces = f" ({SYNTHETIC})" if row["synthetic"] else ""
            what = "" if row["dataset"] is None else f": {row['dataset']}{faces}{origin}, preset {row['preset']}"
            lines += [f"{row['run']}{what}", f"  {row['place']}"]
            if row["evaluated_on"]:
                lines.append(f"  evaluated on {row['evaluated_on']}")
            if row["problem"]:
                lines.append(f"  {row['problem']}")
        if row["variant"] is None:
            lines.append(f"  {row['state']}")
            continue
        state = f"{row['finished']} of {row['begun']} trainings finished"
        lines.append(f"  {row['variant']:<14}  {_percent(row)}  {state}")
    return "\n".join(lines)


def _percent(row: Mapping[str, Any]) -> str:
    """Return the fold mean and the macro accuracy."""
    if row["fold_mean"] is None:
        return f"{'not scored':<30}"
    return f"fold mean {100 * row['fold_mean']:5.1f} %, macro {100 * row['macro']:5.1f} %"
