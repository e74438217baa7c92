"""Trainings of a run side by side, each in a process of its own, on one device.

A small network leaves most of a GPU idle, and a CPU with many cores gains little from more threads a training. The
bytes are those of one training after the other: each process computes with as many threads as the caller.

Priors are read once, by the caller, who gives each process those that it needs; crops, and weights to begin with, are
files that all processes map or read, so that the system holds them once.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch

from facemotion import execution
from facemotion.errors import ConfigError, EnvironmentProblem
from facemotion.models import variants
from facemotion.progress import Progress, silent
from facemotion.runs.fitting import train_one
from facemotion.runs.plan import Plan
from facemotion.runs.training import Training
from facemotion.runs.under_way import telling, watching
from facemotion.training.batches import Faces

__all__ = ["ONE", "Jobs", "demand_all", "train_side_by_side"]

FILLED = 0.9
"""The part of the device's free memory that trainings may fill."""
CORES_PER_JOB = 2
"""Processor cores that a training on a GPU keeps busy: it launches, loads and writes."""
MOST = 8


@dataclass(frozen=True)
class Jobs:
    """How many trainings run at a time, and what runs them.

    Attributes
    ----------
    number : int or None
        None chooses: on CUDA by the memory that is free and what a training needs of it
        (`facemotion.training.memory`), and by the cores; on a CPU by its cores and the threads of a training, which is
        1 unless torch is told to use fewer threads than there are cores.
    executor : str
        A module of `facemotion.execution`.
    """

    number: int | None = 1
    executor: str = "local"

    def on(self, device: torch.device, trainings: int, *, needed: Callable[[], float]) -> int:
        """Return how many of some trainings run at a time on a device.

        Parameters
        ----------
        device : torch.device
            Where.
        trainings : int
            How many there are.
        needed : callable
            Gives the bytes of memory that one needs on CUDA; is called where that matters.

        Raises
        ------
        ConfigError
            If the number is less than 1.
        """
        if self.number is not None:
            if self.number < 1:
                raise ConfigError(f"jobs is {self.number}; at least 1 is needed")
            return min(self.number, max(trainings, 1))
        cores = os.cpu_count() or 1
        if device.type == "cuda":
            free, _ = torch.cuda.mem_get_info(device)
            room = min(cores // CORES_PER_JOB, MOST, trainings)
            room = min(room, int(FILLED * free / needed())) if room > 1 else 1
        elif device.type == "cpu":
            room = cores // max(torch.get_num_threads(), 2)
        else:
            room = 1
        return max(1, min(room, trainings))


ONE = Jobs()


class _Task(NamedTuple):
    """What a process needs for one training."""

    training: Training
    plan: Plan
    device: str
    threads: int
    force: bool


class _Outcome(NamedTuple):
    """What became of it: the accuracy, or what went wrong; and what a person should be told."""

    accuracy: float
    failure: str
    said: tuple[str, ...]


def train_side_by_side(
    todo: Sequence[Training],
    plan: Plan,
    *,
    jobs: int,
    executor: str,
    device: torch.device,
    progress: Progress = silent,
    say: Callable[[str], None] = lambda text: None,
    force: bool = False,
) -> list[str]:
    """Train some trainings of a run; return what failed, a sentence each: the others go on.

    Parameters
    ----------
    todo : sequence of Training
        What is to be trained.
    plan : Plan
        Faces, folds and settings; it goes to each process, the crops as the names of their files.
    jobs : int
        Trainings at a time.
    executor : str
        A module of `facemotion.execution`; all its machines must see the run's folder.
    device : torch.device
        Where to compute.
    progress : Progress
        Shows how many are done, and the epochs of each that is under way.
    say : callable
        Is given a line about each training.
    force : bool
        Begin anew.

    Raises
    ------
    EnvironmentProblem
        If a process dies; what it trained goes on with the next run.
    """
    tasks = [_Task(training, plan, str(device), torch.get_num_threads(), force) for training in todo]
    run = execution.load(executor).run
    outcomes = run(_train, tasks, workers=jobs, paths=sorted({training.run for training in todo}))
    failures = []
    shown = progress(outcomes, f"trainings, {jobs} at a time", total=len(tasks))
    with watching(todo, progress):
        for training, outcome in zip(todo, shown, strict=True):
            for line in outcome.said:
                say(line)
            if outcome.failure:
                failures.append(f"{training}: {outcome.failure}")
                say(f"{training} failed: {outcome.failure}")
            else:
                say(f"{training}: {outcome.accuracy:.1%} of {len(plan.part(training.fold).test)} test faces")
    return failures


def demand_all(failures: Sequence[str], trainings: int) -> None:
    """Raise if trainings failed.

    Raises
    ------
    EnvironmentProblem
        With each of them.
    """
    if failures:
        told = "; ".join(failures)
        message = (
            f"{len(failures)} of {trainings} trainings failed ({told}); the others are done: run it again for these"
        )
        raise EnvironmentProblem(message)


def _train(task: _Task) -> _Outcome:
    training, plan, name, threads, force = task
    said: list[str] = []
    try:
        torch.set_num_threads(threads)
        device = torch.device(name)
        control = variants.parted(training.variant)[1]
        faces = Faces(plan.data, *plan.prior(training.fold, control), plan.settings.data, device)
        own: dict[str, Any] = {"progress": telling(training.folder), "say": said.append, "force": force}
        accuracy = train_one(training, plan, faces, plan.part(training.fold), **own)
    except Exception as error:  # whatever it is, it must not end the other trainings
        lines = str(error).strip().splitlines()
        return _Outcome(0.0, f"{type(error).__name__}: {lines[0] if lines else 'no message'}", tuple(said))
    return _Outcome(accuracy, "", tuple(said))
