"""The training loop: the mask generator alone (Eq. 2), then everything together (Eq. 5)."""

import inspect
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from facemotion.errors import ConfigError, EnvironmentProblem
from facemotion.models.network import Network
from facemotion.training.batches import Batch, Faces, draw_views
from facemotion.training.checkpoint import load_state, read_header, save_state
from facemotion.training.device import autocast
from facemotion.training.distributed import ALONE, Group, share_batch_norm
from facemotion.training.phases import Phase, phases
from facemotion.training.schedule import rate_factor
from facemotion.training.settings import TrainSettings

__all__ = ["class_loss", "fit", "mask_loss"]

Epoch = dict[str, Any]


def mask_loss(mask: Tensor, batch: Batch) -> Tensor:
    """Return the mean squared error between masks and priors (Eq. 2) over the faces whose class has a prior."""
    return ((mask.float() - batch.prior).square().mean(dim=(1, 2, 3)) * batch.mask_weight).sum()


def class_loss(logits: Tensor, batch: Batch) -> Tensor:
    """Return the mean cross entropy (Eq. 4)."""
    return (functional.cross_entropy(logits.float(), batch.labels, reduction="none") * batch.class_weight).sum()


def fit(
    model: Network,
    faces: Faces,
    positions: NDArray[np.int64],
    settings: TrainSettings,
    *,
    seed: int,
    generator_first: bool = True,
    state: Path | None = None,
    key: str = "",
    every: float = 60.0,
    group: Group = ALONE,
    after_epoch: Callable[[Epoch], None] = lambda epoch: None,
) -> list[Epoch]:
    """Train a model; go on from `state` where there is one.

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
    state : Path, optional
        Where to keep the state, from which an interrupted run goes on.
    key : str
        Stands for settings and inputs; written into the state.
    every : float
        Seconds between two savings of the state.
    group : Group
        The processes that train this model together; the first one writes.
    after_epoch : callable
        Is given each epoch's record, also of those that an earlier run trained.

    Returns
    -------
    list of dict
        An epoch each: ``phase``, ``epoch``, ``rate``, ``generator_rate``, ``mask_loss``, ``class_loss``,
        ``train_accuracy``; what plays no part is None.

    Raises
    ------
    ConfigError
        If a loss grows out of all bounds.
    EnvironmentProblem
        If the networks should be compiled and cannot be.

    Notes
    -----
    A run that is killed and goes on ends in the same weights, bit for bit, as one that was not, on the same CPU with
    the same number of threads.
    """
    if group.size > 1:
        share_batch_norm(model)
    history: list[Epoch] = []
    before = [] if state is None else read_header(state).get("history", [])
    for phase in phases(settings, model.variant, generator_first=generator_first):
        optimiser = _optimiser(model, phase, settings, faces.device)
        done = [epoch for epoch in before if epoch["phase"] == phase.name]
        if state is not None and done and done[-1] is before[-1]:  # the state was saved in this phase
            load_state(state, model, optimiser)
        for record in done:
            history.append(record)
            after_epoch(record)
        network = _prepared(model if phase.class_weight else model.get_submodule("generator"), settings, group)
        saved = time.monotonic()
        for epoch in range(len(done), phase.epochs):
            factor = rate_factor(epoch, epochs=phase.epochs, constant=phase.constant, decay=settings.training.decay)
            for part in optimiser.param_groups:
                part["lr"] = phase.rates[part["name"]] * factor
            try:
                words = (seed, phase.number, epoch)
                sums = _epoch(network, faces, positions, phase, optimiser, settings, group, words=words)
            except RuntimeError as error:
                if not settings.training.compile or not _from_compiler(error):
                    raise
                message = f"the networks cannot be compiled ({str(error).splitlines()[0]}); set training.compile=false"
                raise EnvironmentProblem(message) from error
            record = _record(phase, epoch, factor, (sums / len(positions)).tolist())
            if not torch.isfinite(sums).all():
                message = f"the loss is not finite in epoch {epoch} of the {phase.name} phase; lower its learning rate"
                raise ConfigError(message)
            history.append(record)
            after_epoch(record)
            due = epoch + 1 == phase.epochs or time.monotonic() - saved >= every
            if state is not None and group.leads and due:
                save_state(state, model, optimiser, header={"key": key, "history": history})
                saved = time.monotonic()
    return history


def _optimiser(model: Network, phase: Phase, settings: TrainSettings, device: torch.device) -> torch.optim.Adam:
    for name, part in model.named_children():
        part.requires_grad_(name in phase.rates)
    groups = [{"params": getattr(model, name).parameters(), "name": name} for name in phase.rates]
    own = settings.training
    fused = device.type in ("cpu", "cuda")
    return torch.optim.Adam(groups, betas=(own.beta1, 0.999), weight_decay=own.weight_decay, fused=fused)


def _prepared(network: nn.Module, settings: TrainSettings, group: Group) -> nn.Module:
    """Return the network as it is trained: compiled and distributed where that is wanted."""
    if settings.training.compile:
        network = torch.compile(network)  # type: ignore[assignment]
    if group.size > 1:
        kind = nn.parallel.DistributedDataParallel
        # batch norm keeps its statistics equal by itself; newer torch has another name for the switch
        new = "forward_sync_buffers" in inspect.signature(kind).parameters
        switch: dict[str, Any] = {"forward_sync_buffers" if new else "broadcast_buffers": False}
        network = kind(network, **switch)
    return network  # type: ignore[return-value]


def _from_compiler(error: RuntimeError) -> bool:
    from torch._dynamo.exc import TorchDynamoException  # slow to import

    return isinstance(error, TorchDynamoException)


def _epoch(
    network: nn.Module,
    faces: Faces,
    positions: NDArray[np.int64],
    phase: Phase,
    optimiser: torch.optim.Optimizer,
    settings: TrainSettings,
    group: Group,
    *,
    words: tuple[int, ...],
) -> Tensor:
    """Train one epoch; return the sums of mask loss, class loss and right answers over the faces.

    Nothing in it waits for the device.
    """
    order_seed, dropout_seed = np.random.SeedSequence(words).generate_state(2, np.uint64) >> np.uint64(1)
    generator = torch.Generator().manual_seed(int(order_seed))
    torch.manual_seed(int(dropout_seed) + group.rank)
    order = torch.from_numpy(positions)[torch.randperm(len(positions), generator=generator)]
    views = draw_views(len(order), faces.settings, generator)
    network.train()
    sums = torch.zeros(3, device=faces.device)
    for batch in faces.batches(order, views, phase.batch, group):
        mask_part, class_part, right = _losses(network, batch, phase, settings)
        optimiser.zero_grad(set_to_none=True)
        # gradients are averaged over the processes, while each has weighed its share of the whole batch
        (group.size * (phase.mask_weight * mask_part + phase.class_weight * class_part)).backward()
        optimiser.step()
        sums += torch.stack([mask_part.detach() * batch.size, class_part.detach() * batch.size, right])
    return group.sum(sums)


def _losses(network: nn.Module, batch: Batch, phase: Phase, settings: TrainSettings) -> tuple[Tensor, Tensor, Tensor]:
    """Return mask loss, cross entropy and the number of right answers; what has no weight is 0."""
    nothing = torch.zeros((), device=batch.color.device)
    with autocast(batch.color.device, settings.training.precision):
        if not phase.class_weight:
            return mask_loss(network(batch.gray), batch), nothing, nothing
        logits, mask = network(batch.color, batch.gray)
    right = (logits.argmax(dim=1) == batch.labels).sum().float()
    mask_part = mask_loss(mask, batch) if phase.mask_weight else nothing
    return mask_part, class_loss(logits, batch), right


def _record(phase: Phase, epoch: int, factor: float, means: list[float]) -> Epoch:
    mask_mean, class_mean, accuracy = means
    return {
        "phase": phase.name,
        "epoch": epoch,
        "rate": phase.rates.get("classifier", phase.rates.get("generator", 0.0)) * factor,
        "generator_rate": phase.rates["generator"] * factor if "generator" in phase.rates else None,
        "mask_loss": mask_mean if phase.mask_weight else None,
        "class_loss": class_mean if phase.class_weight else None,
        "train_accuracy": accuracy if phase.class_weight else None,
    }
