"""How commands end: where things are, what came out, and what to do next."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facemotion import datasets
from facemotion.errors import Status
from facemotion.places import Alignment, Selection
from facemotion.synthetic import is_synthetic, is_synthetic_at
from facemotion.workspace import read_json
from facemotion_cli.terminal import done, say, shell_line

if TYPE_CHECKING:
    from facemotion.pipeline import Context, Predicted

__all__ = ["aligned", "anew", "built", "evaluated", "explained", "ingested", "planned", "predicted", "trained"]


def planned(context: "Context", *, nothing: str = "nothing would run: everything is up to date") -> bool:
    """End a dry run: say what is planned, or `nothing`. Return False if the command is no dry run."""
    if not context.dry:
        return False
    found = list(context.memory.planned.values())
    if not found:
        say(nothing)
    figures = {"planned": [{**each._asdict(), "path": str(each.path)} for each in found]}
    done(paths={}, figures=figures, then=["the same command without --dry-run"] if found else [])
    return True


def anew(path: Path) -> str:
    """Return why a file would be written that has no header to be compared: it is not there, or it is replaced."""
    return "it is always written anew" if path.exists() else "there is none yet"


def ingested(selection: Selection) -> None:
    """End an ingestion."""
    content = read_json(selection.folder / "ingest.json")
    figures = {
        **{name: content[name] for name in ("rows", "subjects", "roles", "layout")},
        "checks_that_differ": sum(check["agrees"] is False for check in content["checks"]),
        "excluded": len(content["exclusions"]),
        "synthetic": is_synthetic(selection.dataset, content),
    }
    paths = {"manifest": selection.manifest, "summary": selection.folder / "ingest.json"}
    say(f"manifest in {paths['manifest']}, all findings in {paths['summary']}")
    done(paths=paths, figures=figures, then=[shell_line("align", *_named(selection))])


def aligned(place: Alignment) -> None:
    """End an alignment."""
    from facemotion.alignment.store import count_statuses

    status = count_statuses(place.folder)
    rendered = is_synthetic_at(place.selection.folder, place.selection.dataset)
    figures = {"frames": sum(status.values()), "status": status, "synthetic": rendered}
    folder = place.folder
    paths = {
        "faces": place.faces,
        "aligned": folder / "aligned",
        "crops": folder / "crops",
        "contact_sheet": folder / "contact-sheet.png",
    }
    then = [f"look at {paths['contact_sheet']}"]
    failed = [name for name in figures["status"] if name != Status.OK]
    if failed:
        where = [] if place.name == "first" else ["--alignment", place.name]
        then.append(shell_line("view", "align", *_named(place.selection), *where, "--status", failed[0]))
    then.append(_after_alignment(place))
    done(paths=paths, figures=figures, then=then)


def _after_alignment(place: Alignment) -> str:
    name = place.selection.dataset
    where = [] if place.selection.name == "first" else ["--selection", place.selection.name]
    where += [] if place.name == "first" else ["--alignment", place.name]
    if datasets.load(name).info.has_neutral:
        return shell_line("build-priors", "--source", name, *where)
    return (
        f"{shell_line('train', '--priors', 'BANK.npz', '--dataset', name, *where)}  with the prior of another dataset"
    )


def built(bank: Path) -> None:
    """End the building of a bank."""
    from facemotion.priors.bank import PriorBank

    loaded = PriorBank.load(bank)
    counts = {name: int(n) for name, n in zip(loaded.meta.classes, loaded.count[-1], strict=True)}
    figures = {"folds": len(loaded.meta.left_out), "faces": counts, "synthetic": str(loaded.meta.synthetic)}
    then = [f"look at {bank.with_suffix('.png')}", shell_line("train", "--priors", bank)]
    done(paths={"bank": bank, "picture": bank.with_suffix(".png")}, figures=figures, then=then)


def trained(folder: Path) -> None:
    """End a training."""
    from facemotion.runs import Run
    from facemotion.runs.synthetic import prior_of_synthetic, trained_on_synthetic

    run = Run(folder)
    paths = {"run": folder, "predictions": run.predictions_path, "metrics": run.metrics_path}
    say(f"run {run.name} in {folder}")
    then = [shell_line("report", run.name), shell_line("predict", run.name, "PICTURE")]
    figures = {
        **_accuracies(run.metrics),
        "synthetic": trained_on_synthetic(run),
        "prior_synthetic": str(prior_of_synthetic(run)),
    }
    done(paths=paths, figures=figures, then=then)


def evaluated(folder: Path, run: str) -> None:
    """End an evaluation."""
    metrics = read_json(folder / "metrics.json")
    paths = {"predictions": folder / "predictions.parquet", "metrics": folder / "metrics.json"}
    figures = {
        **_accuracies(metrics),
        "scored": metrics.get("scored"),
        "synthetic": is_synthetic(metrics["dataset"], metrics["provenance"]),
        "trained_on_synthetic": bool(metrics.get("trained_on_synthetic")),
    }
    done(paths=paths, figures=figures, then=[shell_line("report", run)])


def explained(context: "Context", run: str, content: Mapping[str, Any]) -> None:
    """End an explanation."""
    from facemotion.runs import Run
    from facemotion.runs.synthetic import trained_on_synthetic

    cell = {name: content[name] for name in ("variant", "fold", "seed")}
    found = Run.find(context.workspace, run)
    path = found.training(**cell).explained
    paths = {"explained": path, "picture": path.with_suffix(".png")}
    figures = {**cell, **{name: content[name] for name in ("stage", "cosine", "cosine_others")}}
    figures["synthetic"] = trained_on_synthetic(found)
    done(paths=paths, figures=figures, then=[f"look at {paths['picture']}", shell_line("report", run)])


def predicted(found: "Predicted") -> None:
    """End a prediction."""
    then = [f"look at {found.written['picture']}"] if "picture" in found.written else []
    if not found.faces:
        then = [f"see the column message in {found.table} for why there is no face"]
    figures = {"frames": found.frames, "faces": found.faces, "synthetic": str(found.synthetic)}
    done(paths=found.written, figures=figures, then=then)


def _accuracies(metrics: Mapping[str, Any]) -> dict[str, Any]:
    return {"accuracy": {name: dict(found["accuracy"]) for name, found in metrics["variants"].items()}}


def _named(selection: Selection) -> list[str]:
    """Return the options that name a selection."""
    name = [] if selection.name == "first" else ["--selection", selection.name]
    return ["--dataset", selection.dataset, *name]
