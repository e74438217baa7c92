"""The report: one HTML page with everything in it, readable on a screen and on paper."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

import facemotion
from facemotion.errors import ConfigError
from facemotion.report import content, figures, results
from facemotion.report.artefacts import DatasetFolder, RunContents, differences, read_dataset, read_run
from facemotion.report.text import flatten
from facemotion.runs import Run
from facemotion.workspace import Workspace, write_text

__all__ = ["write_report"]

Timings = Mapping[str, float]


def write_report(runs: Sequence[Run], workspace: Workspace, out: Path, timings: Timings | None = None) -> list[str]:
    """Write one self-contained HTML page about training runs.

    Only artefacts are read; what is missing is named in the page, and the rest is shown. The page loads nothing and
    runs no script.

    Parameters
    ----------
    runs : sequence of Run
        Which ones.
    workspace : Workspace
        Where the datasets' artefacts are.
    out : Path
        The page to write.
    timings : mapping, optional
        Seconds that each stage took, by its name.

    Returns
    -------
    list of str
        What was missing, in words.

    Raises
    ------
    ConfigError
        If no run is given, or `out` is no HTML file.
    WorkspaceError
        If the page cannot be written.
    """
    if not runs:
        raise ConfigError("there is no run to report on: train first, or name a run")
    if out.suffix not in (".html", ".htm"):
        raise ConfigError(f"a report is an HTML page, not {out.name!r}: give -o {out.stem}.html")
    read = [read_run(run) for run in runs]
    beside = _datasets(read, workspace)
    for run, dataset in zip(read, beside, strict=True):
        run.gaps.extend(differences(run, dataset) if dataset else [])
    sections = [_run_section(run, dataset) for run, dataset in zip(read, beside, strict=True)]
    found = list({dataset.folder: dataset for dataset in beside if dataset}.values())
    page = {
        "title": f"facemotion: {', '.join(run.name for run in read)}",
        "version": facemotion.__version__,
        "synthetic": any(dataset.synthetic for dataset in found),
        "person_independent": not any(dataset.split for dataset in found),
        "runs": sections,
        "datasets": [content.dataset_section(dataset) for dataset in found],
        "timings": _timings(timings),
    }
    page["gaps"] = [
        *(f"{run.name}: {gap}" for run in read for gap in run.gaps),
        *(f"{dataset.name}: {gap}" for dataset in found for gap in dataset.gaps),
    ]
    write_text(out, _environment().get_template("template.html.j2").render(page))
    return page["gaps"]


def _datasets(runs: Sequence[RunContents], workspace: Workspace) -> list[DatasetFolder | None]:
    """Return what each run was trained on, as the workspace has it; what several share is read once."""
    found: dict[tuple[str, ...], DatasetFolder] = {}
    once: dict[Path, DatasetFolder] = {}
    beside: list[DatasetFolder | None] = []
    for run in runs:
        if run.config is None:
            beside.append(None)
            continue
        key = (run.config.dataset, run.config.alignment_id, run.config.origin_digests().get("manifest", ""))
        if key not in found:
            found[key] = read_dataset(workspace, run.config.dataset, run.config)
        beside.append(once.setdefault(found[key].folder, found[key]))
    return beside


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("facemotion.report", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def _run_section(run: RunContents, dataset: DatasetFolder | None) -> dict[str, Any]:
    histories: dict[str, list[Any]] = {}
    for training, history in run.histories.items():
        if history:
            histories.setdefault(training.variant, []).append(history)
    whole = run.config.content if run.config else {}
    settings = {name: value for name, value in whole.items() if name != "provenance"}
    provenance = dict(run.config.provenance) if run.config else {}
    if provenance.get("settings") == settings.get("settings"):
        provenance.pop("settings", None)
    if run.bank is not None:
        provenance["prior_versions"] = run.bank.meta.versions
    return {
        "name": run.name,
        "dataset": run.dataset or "an unknown dataset",
        "synthetic": dataset is not None and dataset.synthetic,
        "split": dataset is not None and dataset.split,
        "models": sum(map(len, histories.values())),
        "all_folds": len(dataset.folds) if dataset is not None and dataset.folds is not None else None,
        "results": results.results_section(run),
        "evaluations": results.evaluations_section(run),
        "prior": content.prior_section(run),
        "masks": content.learned_masks(run, dataset) if dataset is not None else None,
        "curves": figures.curves(histories) if histories else None,
        "settings": flatten(settings),
        "provenance": flatten(provenance),
    }


def _timings(timings: Timings | None) -> list[dict[str, Any]]:
    if not timings:
        return []
    total = sum(timings.values())
    rows = [
        {"stage": name, "time": _duration(seconds), "share": 100 * seconds / total if total else 0}
        for name, seconds in timings.items()
    ]
    return [*rows, {"stage": "all", "time": _duration(total), "share": None}]


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"
