"""The training loop: the mask generator alone (Eq. 2), then everything together (Eq. 5)."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from facemotion.errors import ConfigError, EnvironmentProblem
from facemotion.models.network import Network
from facemotion.training import batch_norm
from facemotion.training.augmentation import draw_looks
from facemotion.training.batches import Faces, cuts
from facemotion.training.checkpoint import load_state, read_header, save_state
from facemotion.training.compiling import from_compiler
from facemotion.training.distributed import ALONE, Group, share_batch_norm
from facemotion.training.phases import Phase, phases
from facemotion.training.schedule import rate_factor
from facemotion.training.settings import TrainSettings
from facemotion.training.step import Step, make_optimiser, set_rates
from facemotion.training.views import centre_views, draw_views

__all__ = ["Epoch", "Journal", "fit"]

Epoch = dict[str, Any]


@dataclass(frozen=True)
class Journal:
    """What is kept of a training while it runs, and who is told.

    Attributes
    ----------
    state : Path or None
        Where to keep the state, from which an interrupted training goes on.
    key : str
        Stands for settings and inputs; written into the state.
    every : float
        Seconds between two savings of the state.
    after_epoch : callable
        Is given each epoch's record, also of those that an earlier call trained.
    say : callable
        Is given a line about what a person should know of how it is computed.
    """

    state: Path | None = None
    key: str = ""
    every: float = 60.0
    after_epoch: Callable[[Epoch], None] = lambda epoch: None
    say: Callable[[str], None] = lambda text: None


def fit(
    model: Network,
    faces: Faces,
    positions: NDArray[np.int64],
    settings: TrainSettings,
    *,
    seed: int,
    generator_first: bool = True,
    group: Group = ALONE,
    journal: Journal | None = None,
) -> list[Epoch]:
    """Train a model; go on from the journal's state where there is one.

    Parameters
    ----------
    model : Network
        Changed in place; on the faces' device.
    faces : Faces
        The data.
    positions : int64 array of shape (n,)
        Positions of the training faces.
    settings : TrainSettings
        Phases and optimiser.
    seed : int
        Order of the faces, views and dropout follow from it.
    generator_first : bool
        See `facemotion.training.phases.phases`.
    group : Group
        The processes that train this model together; the first one writes.
    journal : Journal, optional
        What is kept; nothing by default.

    Returns
    -------
    list of dict
        An epoch each: ``phase``, ``epoch``, ``rate``, ``generator_rate``, ``mask_loss`` (of what is compared with the
        prior), ``class_loss``, ``train_accuracy``; what plays no part is None.

    Raises
    ------
    ConfigError
        If a loss grows out of all bounds.
    EnvironmentProblem
        If several processes that train together should compile the networks and cannot.

    Notes
    -----
    A run that is killed and goes on ends in the same weights, bit for bit, as one that was not, on the same CPU with
    the same number of threads.
    """
    journal = journal or Journal()
    if group.size > 1:
        share_batch_norm(model)
    new = batch_norm.fresh(model) if settings.training.corrected_statistics else []
    history: list[Epoch] = []
    before = [] if journal.state is None else read_header(journal.state).get("history", [])
    for phase in phases(settings, model.variant, generator_first=generator_first):
        optimiser = make_optimiser(model, phase, settings.training)
        done = [epoch for epoch in before if epoch["phase"] == phase.name]
        if journal.state is not None and done and done[-1] is before[-1]:  # the state was saved in this phase
            load_state(journal.state, model, optimiser)
        for record in done:
            history.append(record)
            journal.after_epoch(record)
        network = model if phase.class_weight else model.get_submodule("generator")
        step = Step(network, faces, phase, optimiser, settings.training, group=group, say=journal.say)
        saved = time.monotonic()
        for epoch in range(len(done), phase.epochs):
            factor = rate_factor(epoch, epochs=phase.epochs, constant=phase.constant, decay=settings.training.decay)
            set_rates(optimiser, phase, factor)
            step.begin(phase.mask_weight_in(epoch))
            try:
                _epoch(
                    step, faces, positions, phase.batch_for(len(positions)), group, words=(seed, phase.number, epoch)
                )
            except RuntimeError as error:  # alone, the step goes on without the compiler
                if not settings.training.compile or not from_compiler(error):
                    raise
                message = f"the networks cannot be compiled ({str(error).splitlines()[0]}); set training.compile=false"
                raise EnvironmentProblem(message) from error
            sums = group.sum(step.sums)
            record = _record(phase, epoch, factor, (sums / len(positions)).tolist())
            if not torch.isfinite(sums).all():
                message = f"the loss is not finite in epoch {epoch} of the {phase.name} phase; lower its learning rate"
                raise ConfigError(message)
            history.append(record)
            journal.after_epoch(record)
            due = epoch + 1 == phase.epochs or time.monotonic() - saved >= journal.every
            if journal.state is not None and group.leads and due:
                save_state(journal.state, model, optimiser, header={"key": journal.key, "history": history})
                saved = time.monotonic()
    _settle(new, model, faces, torch.from_numpy(positions), phases(settings, model.variant)[-1], group)
    return history


def _settle(
    new: list[nn.BatchNorm2d], model: Network, faces: Faces, positions: Tensor, phase: Phase, group: Group
) -> None:
    """Bring the running statistics of new layers in order; see `facemotion.training.batch_norm`."""
    size = phase.batch_for(len(positions))
    if new and phase.epochs * len(cuts(len(positions), size)) < batch_norm.FEW:
        views = centre_views(len(positions), faces.settings)
        batch_norm.measure(new, model, faces.batches(positions, views, phase.batch, group))
    else:
        batch_norm.correct(new)


def _epoch(
    step: Step, faces: Faces, positions: NDArray[np.int64], size: int, group: Group, *, words: tuple[int, ...]
) -> None:
    """Train one epoch in batches of `size`; what is random in it follows from `words`.

    From its first step to its last nothing waits for the device.
    """
    order_seed, dropout_seed = np.random.SeedSequence(words).generate_state(2, np.uint64) >> np.uint64(1)
    generator = torch.Generator().manual_seed(int(order_seed))
    torch.manual_seed(int(dropout_seed) + group.rank)
    order = torch.from_numpy(positions)[torch.randperm(len(positions), generator=generator)]
    views = draw_views(len(order), faces.settings, generator)
    looks = draw_looks(len(order), faces.settings, generator)
    for share in faces.shares(order, views, size, group, looks=looks):
        step(share)


def _record(phase: Phase, epoch: int, factor: float, means: list[float]) -> Epoch:
    mask_mean, class_mean, accuracy = means
    return {
        "phase": phase.name,
        "epoch": epoch,
        "rate": phase.rates.get("classifier", phase.rates.get("generator", 0.0)) * factor,
        "generator_rate": phase.rates["generator"] * factor if "generator" in phase.rates else None,
        "mask_loss": mask_mean if phase.guidance else None,
        "class_loss": class_mean if phase.class_weight else None,
        "train_accuracy": accuracy if phase.class_weight else None,
    }
