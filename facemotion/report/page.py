"""The report: one HTML page with everything in it, readable on a screen, light or dark, on a telephone and on paper."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

import facemotion
from facemotion.errors import ConfigError
from facemotion.report.artefacts import DatasetFolder, RunContents, differences, read_dataset, read_run
from facemotion.report.attention import attention_section
from facemotion.report.commands import commands, trained_on
from facemotion.report.comparison import comparison_section
from facemotion.report.curves import curves
from facemotion.report.data import dataset_section, fold_parts
from facemotion.report.guidance import guidance_section
from facemotion.report.left_out import left_out_section
from facemotion.report.masks import learned_masks
from facemotion.report.mistakes import mistakes_section
from facemotion.report.naming import check_page
from facemotion.report.priors import prior_section
from facemotion.report.results import evaluations_section, results_section
from facemotion.report.settings import content_of, settings_section
from facemotion.report.terms import is_of_rendered, is_rendered, synthetic_by_name
from facemotion.report.text import printable
from facemotion.runs import Run
from facemotion.workspace import Workspace, write_text

__all__ = ["write_report"]

Timings = Mapping[str, float]


def write_report(
    runs: Sequence[Run],
    workspace: Workspace,
    out: Path,
    timings: Timings | None = None,
    *,
    with_faces: bool = False,
    root_of: Callable[[str], Path | None] | None = None,
    today: date | None = None,
) -> list[str]:
    """Write one self-contained HTML page about training runs.

    Only artefacts are read; what is missing is named in the page, and the rest is shown. The page loads nothing and
    runs no script. Of a dataset whose pictures are given under an agreement it holds no face, unless that is asked for.

    Parameters
    ----------
    runs : sequence of Run
        Which ones; several are compared.
    workspace : Workspace
        Where the datasets' artefacts are.
    out : Path
        The page to write.
    timings : mapping, optional
        Seconds that each stage took, by its name.
    with_faces : bool
        Show faces of gated datasets too. The page may then be given only to those who may see them.
    root_of : callable, optional
        Gives the place of a dataset's own files by its name (None if it is not known), from which frames are shown in
        which no face was located. Nothing else is read there.
    today : date, optional
        The day to print as that of the page; the same artefacts and day give the same bytes.

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
    check_page(out)
    read = [read_run(run) for run in runs]
    beside = _datasets(read, workspace)
    for run, dataset in zip(read, beside, strict=True):
        run.gaps.extend(differences(run, dataset) if dataset else [])
    found = list({dataset.folder: dataset for dataset in beside if dataset}.values())
    rendered = synthetic_by_name(workspace, found)
    sections = [
        _run_section(run, dataset, number, with_faces=with_faces, rendered=rendered)
        for number, (run, dataset) in enumerate(zip(read, beside, strict=True), start=1)
    ]
    marks = [(dataset.name, is_rendered(dataset)) for dataset in found]
    marks += [(section["dataset"], section["synthetic"]) for section in sections]
    lost = [left_out_section(dataset, with_faces=with_faces, root_of=root_of) for dataset in found]
    page = {
        "title": f"facemotion: {', '.join(run.name for run in read)}",
        "version": facemotion.__version__,
        "today": today.isoformat() if today else None,
        "synthetic": list(dict.fromkeys(name for name, mark in marks if mark)),
        "person_independent": not any(dataset.split for dataset in found),
        "runs": sections,
        "comparison": comparison_section(read),
        "datasets": [dataset_section(dataset, with_faces=with_faces) for dataset in found],
        "left_out": [section for section in lost if section],
        "timings": _timings(timings),
    }
    page["gaps"] = [
        *(f"{run.name}: {gap}" for run in read for gap in run.gaps),
        *(f"{dataset.name}: {gap}" for dataset in found for gap in dataset.gaps),
    ]
    write_text(out, _environment().get_template("page.html.j2").render(page))
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


@cache
def _environment() -> jinja2.Environment:
    """Return what renders the templates; it compiles each once."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("facemotion.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=printable,
    )


def _run_section(
    run: RunContents, dataset: DatasetFolder | None, number: int, *, with_faces: bool, rendered: Callable[[str], bool]
) -> dict[str, Any]:
    histories: dict[str, list[Any]] = {}
    for training, history in run.histories.items():
        if history:
            histories.setdefault(training.variant, []).append(history)
    known = [part.fold for part in fold_parts(dataset)] if dataset is not None and not dataset.split else []
    return {
        "name": run.name,
        "dataset": run.dataset or "an unknown dataset",
        "synthetic": is_of_rendered(run, rendered),
        "split": dataset is not None and dataset.split,
        "models": sum(map(len, histories.values())),
        "all_folds": len(known) or None,
        "results": results_section(run, dataset),
        "guidance": guidance_section(run, dataset, key=f"run {number}"),
        "evaluations": evaluations_section(run, rendered),
        "prior": prior_section(run, rendered),
        "masks": learned_masks(run, dataset, with_faces=with_faces) if dataset is not None else None,
        "attention": attention_section(run, dataset, with_faces=with_faces, key=f"run {number}"),
        "mistakes": mistakes_section(run, dataset, with_faces=with_faces),
        "curves": curves(histories, key=f"run {number}") if histories else None,
        "settings": settings_section(run),
        "commands": commands(run, dataset),
        "trained_on": trained_on(run),
        "device": content_of(run).get("device"),
        "versions": ", ".join(f"{name} {number}" for name, number in _versions(run).items()),
    }


def _versions(run: RunContents) -> dict[str, Any]:
    """Return what the run was made with."""
    made, kept = run.config.provenance if run.config else {}, content_of(run).get("versions", {})
    return {"facemotion": made.get("facemotion", "?"), **(kept if isinstance(kept, dict) else {})}


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
