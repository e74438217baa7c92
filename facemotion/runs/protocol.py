"""A run: variants x folds x seeds, each in its own folder, resumable at any point, scored at its last epoch."""

import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch

from facemotion import leftovers
from facemotion.errors import ConfigError
from facemotion.evaluation import predictions
from facemotion.models import variants
from facemotion.models.classifier import try_out
from facemotion.priors.controls import CONTROLS
from facemotion.progress import Progress, silent
from facemotion.runs.fitting import train_one, training_versions
from facemotion.runs.jobs import ONE, Jobs, demand_all, train_side_by_side
from facemotion.runs.plan import Choice, Plan
from facemotion.runs.run import Run
from facemotion.runs.training import Training
from facemotion.training.batches import RESIDENT_BYTES, Faces
from facemotion.training.curves import has_tensorboard
from facemotion.training.device import repeatable
from facemotion.training.distributed import joined
from facemotion.training.leaks import seen_in_training
from facemotion.training.memory import bytes_needed
from facemotion.workspace import held

__all__ = ["train_run"]

EVERYTHING = Choice()
"""All folds with the default variant and seed."""


def train_run(
    plan: Plan,
    run: Run,
    choice: Choice = EVERYTHING,
    *,
    device: torch.device,
    jobs: Jobs = ONE,
    progress: Progress = silent,
    say: Callable[[str], None] = lambda text: None,
    force: bool = False,
) -> dict[str, Any]:
    """Train and score what is not done; merge the predictions; return ``metrics.json``'s content.

    Parameters
    ----------
    plan : Plan
        What is trained, and how.
    run : Run
        Where to.
    choice : Choice
        Which trainings.
    device : torch.device
        Where to compute. Processes that torchrun started share each training; the first one writes.
    jobs : Jobs
        How many trainings run at a time. With more than one, a training that fails is named at the end, and the others
        go on. The bytes do not depend on it.
    progress : Progress
        Shows the trainings, and the epochs of each that is under way.
    say : callable
        Is given a line about each training.
    force : bool
        Train again what is done.

    Raises
    ------
    ConfigError
        If a fold or variant does not exist, the folder holds a run with other settings, or several jobs are wanted
        under torchrun.
    EnvironmentProblem
        If trainings failed of several that ran at a time; everything else is done and written then.
    WorkspaceError
        If another process is training there.
    LeakageError, AlignmentError, PriorError, DataError
        If priors, folds and crops do not fit together; before anything is written.
    """
    data, settings = plan.data, plan.settings
    chosen = choice.trainings(run.folder, plan.folds)
    parts = {fold: plan.part(fold) for fold in dict.fromkeys(training.fold for training in chosen)}
    controls = {training: variants.parted(training.variant)[1] for training in chosen}
    priors = {(training.fold, controls[training]): None for training in chosen}
    priors = {place: plan.prior(*place) for place in priors}
    with repeatable(torch.device("cpu")):  # whatever is wrong with the model shows before anything is written
        model = variants.build(chosen[0].variant, len(data.classes), settings.model, side=settings.data.crop)
        try_out(model.classifier, settings.model.classifier, len(data.classes), settings.data.crop)
    _claim(run, plan.key, force=force)
    asked = _controls(run, plan.key, choice.controls)
    with joined(device) as (group, device), held(run.folder) if group.leads else nullcontext():
        if group.leads:
            run.write_origin(plan.config(device=str(device), versions=training_versions(), controls=asked), plan.bank)
        else:
            progress, say = silent, _nothing
        todo = [training for training in chosen if force or not training.is_finished(plan.key)]
        for training in chosen if group.leads else ():
            if training not in todo:  # what it resumes from is of no more use: it was killed before it was removed
                leftovers.remove(training.state)
        if todo and not has_tensorboard():
            say("tensorboard is not installed: the curves are in history.json alone")
        unknown = [name for name in plan.start.datasets if not plan.start_pictures.get(name)] if plan.start else []
        if todo and unknown:
            say(f"pictures of {', '.join(unknown)} are not at hand: that no test face is among them was not checked")
        unguided = {name for _, known in priors.values() for name in np.array(data.classes)[~known].tolist()}
        if todo and unguided:
            say(f"the prior has no mask of {', '.join(sorted(unguided))}: those faces have no part in the mask loss")
        spare = set(plan.bank.classes) - set(data.classes) - set(plan.bank.missing())
        if todo and spare:
            say(f"{data.dataset} has no {', '.join(sorted(spare))}: such masks of the prior are not used")
        for fold, part in parts.items() if todo else ():
            if number := seen_in_training(data, part):
                where = "the test part" if plan.folds.is_official else f"fold {fold}"
                say(f"{number} test pictures of {where} are training pictures too, by their content")
        for name in variants.without_effect(settings.given(), choice.variants) if todo else ():
            say(f"{name} has no effect on {', '.join(variants.ordered(set(choice.variants)))}")
        group.wait()
        tell = _once(say)
        abreast = jobs.on(device, len(todo), needed=lambda: _most_needed(todo, plan)) if group.size == 1 else 1
        failures = list[str]()
        if group.size > 1 and (jobs.number or 1) > 1:
            raise ConfigError("torchrun's processes share each training: leave out --jobs")
        alone = todo if abreast == 1 and jobs.executor == ONE.executor else []
        if todo and not alone:
            how: dict[str, Any] = {"jobs": abreast, "executor": jobs.executor, "device": device}
            failures = train_side_by_side(todo, plan, **how, progress=progress, say=tell, force=force)
        for training in progress(alone, "trainings", total=len(alone)):
            faces = Faces(data, *priors[training.fold, controls[training]], settings.data, device)
            part = parts[training.fold]
            accuracy = train_one(training, plan, faces, part, group=group, progress=progress, say=tell, force=force)
            say(f"{training}: {accuracy:.1%} of {len(part.test)} test faces")
        if not todo:
            say(f"{run.name}: every training is up to date ({run.folder})")
        metrics = _merged(run, plan) if group.leads and len(failures) < max(len(todo), 1) else {}
        demand_all(failures, len(todo))
        group.wait()
    return metrics


def _most_needed(todo: Sequence[Training], plan: Plan) -> float:
    """Return the most bytes of a CUDA device's memory that one of some trainings needs."""
    crops = min(plan.data.rows.size * math.prod(plan.data.crops.shape[1:]), RESIDENT_BYTES)
    names = {variants.parted(training.variant)[0] for training in todo}
    return max(bytes_needed(plan.settings, name, len(plan.data.classes), crops=crops) for name in names)


def _once(say: Callable[[str], None]) -> Callable[[str], None]:
    """Return a function that says each line the first time only."""
    said: set[str] = set()

    def tell(text: str) -> None:
        if text not in said:
            said.add(text)
            say(text)

    return tell


def _nothing(text: str) -> None:
    """Say nothing."""


def _claim(run: Run, key: str, *, force: bool) -> None:
    """Refuse a folder that holds a run with other settings or inputs."""
    if force or not run.config_path.is_file():
        return
    found = run.config
    if found.key != key:
        before = found.settings.get("preset", "unknown")
        message = (
            f"{run.folder} holds a run with other settings, data or priors (preset {before}); "
            "give this one another --name, or --force to train again there"
        )
        raise ConfigError(message)


def _controls(run: Run, key: str, asked: Sequence[str]) -> list[str]:
    """Return the controls that a run has or gets, in the order in which they are shown."""
    before = run.config.controls if run.config_path.is_file() and run.config.key == key else {}
    return [name for name in CONTROLS if name in {*asked, *before}]


def _merged(run: Run, plan: Plan) -> dict[str, Any]:
    """Merge the predictions of all finished trainings, also of earlier calls, and derive the metrics."""
    from facemotion.evaluation.metrics import summarise

    classes = plan.data.classes
    done = [training for training in run.begun if training.is_finished(plan.key)]
    merged = predictions.merge([training.predictions() for training in done], classes)
    metrics = {"provenance": dict(plan.header), **summarise(merged, classes)}
    run.write_results(merged, metrics, header=plan.header)
    return metrics
