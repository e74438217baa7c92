"""Scores of a run's models on a dataset that they were not trained on.

Policy. The classes are those that the models and the dataset have in common: faces of others are left out, and the
models answer among the common ones, their probabilities being divided by their sum over these. Every model of the run
scores every face. Of a dataset with an official split the test part is scored unless all faces are asked for, of
another one every face. Faces must be aligned as those of the run were; only pictures that are crops already, which
nothing can align, are scored as they are, and so are aligned faces by a run on such crops, and that is said.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from facemotion.errors import DataError, LeakageError, WorkspaceError
from facemotion.evaluation import predictions
from facemotion.folds import is_split
from facemotion.models import variants
from facemotion.priors.bank import PriorBank
from facemotion.progress import Progress, silent
from facemotion.runs.alike import check_alignment
from facemotion.runs.config import RunConfig
from facemotion.runs.trained import load_trained
from facemotion.runs.training import Training
from facemotion.training.data import TrainingData
from facemotion.training.leaks import in_both
from facemotion.training.scoring import score

__all__ = [
    "POLICY",
    "Part",
    "check_unseen",
    "common_classes",
    "policy",
    "score_run",
    "scored_rows",
]

Part = Literal["test", "all"]
"""Which faces of a dataset with an official split are scored."""
POLICY = {
    "classes": "those in common; faces of others are left out, and probabilities are renormalised over the common ones",
    "faces": "the test part of an official split, else all; every model scores every face",
}
"""How a dataset is scored, unless all of its faces are asked for."""
_ALL = "all; every model scores every face"
_TINY = 1e-30


def common_classes(models: Sequence[str], dataset: Sequence[str]) -> tuple[str, ...]:
    """Return the classes that models and a dataset have in common, in the models' order.

    Raises
    ------
    DataError
        If there are fewer than two.
    """
    common = tuple(name for name in models if name in dataset)
    if len(common) < 2:
        message = (
            f"the models know {', '.join(models)} and the dataset has {', '.join(dataset)}: at least two classes in "
            "common are needed; choose another dataset or label space"
        )
        raise DataError(message)
    return common


def check_unseen(
    dataset: str,
    config: RunConfig,
    bank: PriorBank,
    trainings: Sequence[Training],
    *,
    digests: Sequence[str] = (),
    known: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Refuse to score faces that a model or its prior has seen.

    Parameters
    ----------
    dataset : str
        What is to be scored.
    config : RunConfig
        The run's settings and origin.
    bank : PriorBank
        The run's prior.
    trainings : sequence of Training
        Those to score.
    digests : sequence of str
        SHA-256 of the dataset's pictures; empty strings are passed over.
    known : mapping of str to sequence of str, optional
        The same of datasets that had a part in the run, by name, where they are at hand.

    Raises
    ------
    LeakageError
        If the run was trained on the dataset, a prior that guided it was built from it, or a picture is in both.
    """
    if dataset == config.dataset:
        message = (
            f"the run was trained on {dataset}: its models have seen these faces; the faces that each fold left out "
            "are scored in its predictions.parquet; name another dataset"
        )
        raise LeakageError(message)
    if dataset in config.began_with.datasets:
        message = (
            f"the run began with the weights of {config.began_with.run}, which have seen faces of {dataset}; "
            "score a run that began with others"
        )
        raise LeakageError(message)
    if dataset in bank.meta.sources and any(variants.load(each.variant).uses_prior for each in trainings):
        message = (
            f"the prior of this run was built from {dataset}, so its masks have seen these faces; "
            "score a run whose prior is of another dataset"
        )
        raise LeakageError(message)
    both = in_both(digests, known or {})
    if both is not None:
        message = (
            f"{both[0]} pictures of {dataset} are also in {both[1]}, which had a part in the run's training; "
            f"ingest {dataset} without them"
        )
        raise LeakageError(message)


def policy(part: Part = "test") -> dict[str, str]:
    """Return how a dataset is scored, in words."""
    return {**POLICY, "faces": _ALL} if part == "all" else POLICY


def scored_rows(data: TrainingData, part: Part = "test") -> NDArray[np.int64]:
    """Return the positions of the faces to score: the test part of an official split unless all are meant, else all.

    Raises
    ------
    DataError
        If the test part is empty.
    """
    positions = np.arange(len(data.rows), dtype=np.int64)
    if part == "test" and is_split(data.splits):
        positions = np.flatnonzero(data.official().sides(0, sample_ids=data.sample_ids, splits=data.splits)[1])
        if not len(positions):
            message = f"the official split of {data.dataset} has no aligned face in its test part"
            raise DataError(f"{message}; score every face with --part all")
    return positions


def score_run(
    config: RunConfig,
    trainings: Sequence[Training],
    data: TrainingData,
    device: torch.device,
    *,
    part: Part = "test",
    as_given: str = "",
    progress: Progress = silent,
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Score a dataset with every model of a run.

    Parameters
    ----------
    config : RunConfig
        The run's settings and origin.
    trainings : sequence of Training
        Its finished trainings.
    data : TrainingData
        The dataset; its classes are the common ones, see `common_classes`.
    device : torch.device
        Where to compute.
    part : {"test", "all"}
        Which faces; see `scored_rows`.
    as_given : str
        See `facemotion.runs.alike.crops_as_given`.
    progress : Progress
        Shows the models.

    Returns
    -------
    table : pandas.DataFrame
        Predictions in the common classes; ``fold`` is the fold whose training the model comes from.
    outside : dict of str to float
        By variant: the share of answers whose most probable class of all is not a common one.

    Raises
    ------
    AlignmentError
        If the dataset was aligned in another way than what the models were trained on.
    WorkspaceError
        If a model is damaged, or does not know the run's classes.
    """
    check_alignment(data.dataset, data.alignment, config, as_given=as_given)
    positions = scored_rows(data, part)
    faces = data.faces(positions)
    frames: list[pd.DataFrame] = []
    outside: dict[str, list[float]] = {}
    for training in progress(trainings, f"scoring {data.dataset}: models", total=len(trainings)):
        trained = load_trained(training)
        if not set(data.classes) <= set(trained.classes):
            message = f"{training.weights} knows {', '.join(trained.classes)}, which is not what its run was trained on"
            raise WorkspaceError(message)
        model = trained.deployed(device)
        scored = score(model, data.crops, data.rows[positions], precision=trained.settings.training.precision)
        place = [trained.classes.index(name) for name in data.classes]
        answers = scored.probabilities.argmax(axis=1)
        outside.setdefault(training.variant, []).append(float(1 - np.isin(answers, place).mean()))
        own = {"variant": training.variant, "fold": training.fold, "seed": training.seed}
        shares = _among(scored.probabilities[:, place])
        frames.append(predictions.table(faces, shares, data.classes, **own))
    table = predictions.validate(pd.concat(frames, ignore_index=True), data.classes, every_fold=True)
    return table, {variant: float(np.mean(shares)) for variant, shares in outside.items()}


def _among(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probabilities among the classes that are left: each row adds up to 1 again."""
    kept = np.maximum(probabilities.astype(np.float64), _TINY)
    return (kept / kept.sum(axis=1, keepdims=True)).astype(np.float32)
