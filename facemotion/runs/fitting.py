"""One training of a run, from new weights to its folder; and loading what came out of it."""

import platform
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from facemotion import leftovers
from facemotion.errors import WorkspaceError
from facemotion.evaluation import predictions
from facemotion.evaluation.scored import Scored
from facemotion.models import variants
from facemotion.progress import Progress, silent
from facemotion.runs.masks import MASKS_KEPT, write_masks
from facemotion.runs.plan import Plan
from facemotion.runs.training import Training
from facemotion.training import checkpoint
from facemotion.training.batches import Faces
from facemotion.training.curves import curves
from facemotion.training.data import Part
from facemotion.training.device import repeatable
from facemotion.training.distributed import ALONE, Group
from facemotion.training.loop import Journal, fit
from facemotion.training.phases import phases
from facemotion.training.scoring import Deployed, score
from facemotion.workspace import write_json

__all__ = ["train_one", "training_versions"]


def training_versions() -> dict[str, str]:
    """Return the versions of what computes a training."""
    import timm

    return {"python": platform.python_version(), "torch": torch.__version__, "timm": timm.__version__}


def train_one(
    training: Training,
    plan: Plan,
    faces: Faces,
    part: Part,
    *,
    group: Group = ALONE,
    progress: Progress = silent,
    say: Callable[[str], None] = lambda text: None,
    force: bool = False,
) -> float:
    """Train, score the test faces at the last epoch, write the folder; return the accuracy.

    Parameters
    ----------
    training : Training
        What to train, and where it is written; one that was interrupted there goes on.
    plan : Plan
        Faces, folds and settings.
    faces, part
        The faces on the device with their prior, and their division.
    group : Group
        The processes that train together.
    progress : Progress
        Shows the epochs.
    say : callable
        Is given a line about what a person should know of how it is computed.
    force : bool
        Begin anew.
    """
    settings, classes = plan.settings, plan.data.classes
    generator_first = not plan.folds.is_official
    if group.leads:
        leftovers.sweep(training.folder)
        stale = not checkpoint.is_usable(training.state, plan.key)
        for path in (training.state, training.curves):
            if force or stale:
                _remove(path)
    group.wait()
    with repeatable(faces.device, deterministic=settings.training.deterministic):
        torch.manual_seed(training.seed)
        model = variants.build(training.variant, len(classes), settings.model, side=settings.data.crop)
        if plan.start is not None:
            plan.start.answer_alike(model.classifier, classes)
        model = model.to(faces.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        epochs = sum(phase.epochs for phase in phases(settings, training.variant, generator_first=generator_first))
        ticks = iter(progress(range(epochs), f"{training}: epochs", total=epochs))
        with curves(training.folder if group.leads else None) as draw:

            def tick(record: Mapping[str, Any]) -> None:
                next(ticks, None)
                draw(record)

            history = fit(
                model,
                faces,
                part.train,
                settings,
                seed=training.seed,
                generator_first=generator_first,
                group=group,
                journal=Journal(training.state, plan.key, after_epoch=tick, say=say),
            )
        for _ in ticks:  # lets the progress bar end
            pass
        tested = plan.data.rows[part.test]
        deployed = Deployed(model, settings.data).to(faces.device)
        scored = score(deployed, plan.data.crops, tested, precision=settings.training.precision)
    own = {"variant": training.variant, "fold": training.fold, "seed": training.seed}
    table = predictions.table(plan.data.faces(part.test), scored.probabilities, classes, **own)
    if group.leads:
        header = {"settings": settings.as_json(), "classes": list(classes), "variant": training.variant}
        checkpoint.save_model(training.weights, model, header=header)
        _keep_masks(training, table, scored)
        predictions.write(training.scored, table, header={"key": plan.key})
        done = {"key": plan.key, "versions": training_versions(), "epochs": history}
        write_json(training.curves, done)  # last: it marks the training as done
        leftovers.remove(training.state)  # else by the next command
    group.wait()
    return float((table["expression"] == table["predicted"]).mean())


def _remove(path: Path) -> None:
    """Remove what another training left; with it there, this one would go on from it, or count as done."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        message = f"cannot remove {path}, of a training with other settings: {error.strerror}"
        raise WorkspaceError(f"{message}; make room or set its rights, then train again") from error


def _keep_masks(training: Training, table: pd.DataFrame, scored: Scored) -> None:
    """Keep the learned masks of the first few test faces of each class."""
    if scored.masks is None:
        return
    kept = table.groupby("expression").head(MASKS_KEPT).index.to_numpy()
    names, guesses = (table[name].to_numpy(str)[kept] for name in ("sample_id", "predicted"))
    write_masks(training.masks_kept, sample_ids=names, predicted=guesses, masks=scored.masks[kept])
