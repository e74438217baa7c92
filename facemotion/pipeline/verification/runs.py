"""Training runs: each part whole, the results those that follow from the parts, the faces still there."""

import json
from collections.abc import Mapping
from typing import Any

from facemotion.errors import FacemotionError
from facemotion.pipeline.verification.finding import Findings
from facemotion.places import Selection
from facemotion.runs import Run
from facemotion.runs.config import RunConfig
from facemotion.runs.training import Training
from facemotion.workspace import Workspace, digest_file, digest_json

__all__ = ["check_run", "runs"]


def runs(workspace: Workspace, findings: Findings) -> list[Run]:
    """Return the runs of a workspace; tell of folders among them that are none."""
    found = Run.all(workspace)
    known = {run.folder for run in found}
    for path in sorted((workspace.root / "runs").glob("*/")):
        if path not in known and any(path.iterdir()):
            findings.add(f"run {path.name}", "its folder holds no config.json", f"facemotion train --name {path.name}")
    return found


def check_run(workspace: Workspace, run: Run, findings: Findings) -> None:
    """Look at a run."""
    findings.look("run")
    where, again = f"run {run.name}", f"facemotion train --name {run.name} --force"
    config = None
    with findings.told(where, again):
        config = run.config
    if config is None:
        return
    with findings.told(where, again):
        bank = run.bank
        if config.prior.digest and bank.digest() != config.prior.digest:
            findings.add(where, "prior.npz is another prior than config.json names", again)
    _check_origin(workspace, run, config, findings)
    done = []
    for training in run.begun:
        if training.is_finished(config.key):
            done.append(training)
            _check_training(where, training, findings, again)
        else:
            findings.add(
                where, f"{training} is not finished, or is of other settings", f"facemotion train --name {run.name}"
            )
    if not done:
        findings.add(where, "no training of it is finished", f"facemotion train --name {run.name}")
        return
    _check_results(run, config, done, findings)
    for dataset in run.evaluated:
        _check_evaluation(run, dataset, done, findings)


def _check_origin(workspace: Workspace, run: Run, config: RunConfig, findings: Findings) -> None:
    """See whether the faces that it was trained on are still those of the workspace."""
    digest = config.origin_digests().get("faces")
    places = [place for each in Selection(workspace, config.dataset).beside() for place in each.alignments()]
    if digest and digest not in {digest_file(place.faces) for place in places}:
        findings.add(
            f"run {run.name}",
            f"the faces of {config.dataset} that it was trained on are no longer in this workspace",
            f"facemotion train --name {run.name} --force",
        )


def _check_training(where: str, training: Training, findings: Findings, again: str) -> None:
    """See whether a finished training's files can be read and hold what they should."""
    from facemotion.runs.trained import load_trained

    with findings.told(where, again):
        training.history()
        training.predictions()
    with findings.told(where, again):
        load_trained(training)
    if training.masks_kept.exists():
        with findings.told(where, again):
            training.masks()


def _check_results(run: Run, config: RunConfig, done: list[Training], findings: Findings) -> None:
    """See whether predictions and metrics follow from the trainings."""
    from facemotion.evaluation import predictions
    from facemotion.evaluation.metrics import summarise

    where, again = f"run {run.name}", f"facemotion train --name {run.name}"
    with findings.told(where, again):
        table = run.predictions
        try:
            merged = predictions.merge([training.predictions() for training in done], config.classes)
        except FacemotionError:
            return  # told of the training
        if not merged.equals(table):
            findings.add(where, "predictions.parquet does not follow from its trainings", again)
        if not _follows(run.metrics, summarise(table, config.classes)):
            findings.add(where, "metrics.json does not follow from predictions.parquet", again)


def _check_evaluation(run: Run, dataset: str, done: list[Training], findings: Findings) -> None:
    """See whether the scores on another dataset are of these models and follow from their predictions."""
    from facemotion.evaluation import predictions
    from facemotion.evaluation.metrics import summarise

    where, again = f"run {run.name} on {dataset}", f"facemotion evaluate {run.name} --dataset {dataset}"
    with findings.told(where, again):
        content = run.evaluation(dataset)
        table, _ = predictions.read(run.evaluation_folder(dataset) / "predictions.parquet", every_fold=True)
        header = content.get("provenance")
        inputs = header.get("inputs") if isinstance(header, dict) else None
        models = digest_json({str(training): digest_file(training.weights) for training in done})
        if not isinstance(inputs, dict) or inputs.get("models") != models:
            findings.add(where, "its scores are not of the models that are there now", again)
        if not _follows(content, summarise(table, content["classes"], every_fold=True)):
            findings.add(where, "metrics.json does not follow from predictions.parquet", again)


def _follows(content: Mapping[str, Any], expected: Mapping[str, Any]) -> bool:
    """Tell whether a JSON file holds what was computed now, whatever it holds besides."""
    plain = json.loads(json.dumps(expected))
    return all(content.get(name) == value for name, value in plain.items())
