"""The training loop: the mask generator alone (Eq. 2), then everything together (Eq. 5)."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from facemotion.models.fmpn import FMPN, Output, Variant
from facemotion.training.batches import Batch, Faces, centre_views, draw_views
from facemotion.training.checkpoint import load_state, read_header, save_state
from facemotion.training.schedule import rate_factor
from facemotion.training.settings import TrainSettings

__all__ = ["Phase", "Scores", "fit", "mask_loss", "phases", "score"]

Epoch = dict[str, Any]


@dataclass(frozen=True)
class Phase:
    """A stretch of training with one optimiser.

    Attributes
    ----------
    name : str
        ``generator`` or ``joint``.
    epochs, constant, batch : int
        Length, epochs at the full rate, faces a step.
    rates : dict of str to float
        Learning rate of each part of the model that learns.
    mask_weight, class_weight : float
        Lambda 1 and 2 of Eq. 5.
    """

    name: str
    epochs: int
    constant: int
    batch: int
    rates: dict[str, float]
    mask_weight: float
    class_weight: float


def phases(settings: TrainSettings, variant: Variant, *, generator_first: bool = True) -> list[Phase]:
    """Return the phases of a variant.

    Only ``fmpn`` has the first phase and the mask loss; ``cnn`` trains its classifier alone. Datasets that the paper
    trains without the first phase (AffectNet) say so by `generator_first`.
    """
    own = settings.training
    guided = variant == "fmpn"
    rates = {"classifier": own.joint_rate}
    if variant != "cnn":
        rates |= {"fusion": own.joint_rate, "generator": own.joint_generator_rate}
    joint = Phase(
        "joint",
        own.joint_epochs,
        own.joint_constant,
        own.joint_batch,
        rates,
        own.lambda_mask if guided else 0.0,
        own.lambda_class,
    )
    if not guided or not generator_first or not own.generator_epochs:
        return [joint]
    first = Phase(
        "generator",
        own.generator_epochs,
        own.generator_constant,
        own.generator_batch,
        {"generator": own.generator_rate},
        1.0,
        0.0,
    )
    return [first, joint]


def mask_loss(mask: Tensor, prior: Tensor, guided: Tensor) -> Tensor:
    """Return the mean squared error between masks and priors (Eq. 2) over the faces whose class has a prior.

    Parameters
    ----------
    mask, prior : float tensors of shape (n, 1, H, W)
    guided : float tensor of shape (n,)
        1 where the class has a prior, else 0.
    """
    error = (mask.float() - prior).square().mean(dim=(1, 2, 3))
    return (error * guided).sum() / guided.sum().clamp(min=1)


def fit(
    model: FMPN,
    faces: Faces,
    positions: NDArray[np.int64],
    settings: TrainSettings,
    *,
    seed: int,
    generator_first: bool = True,
    state: Path | None = None,
    key: str = "",
    every: float = 60.0,
    after_epoch: Callable[[Epoch], None] = lambda epoch: None,
) -> list[Epoch]:
    """Train a model; go on from `state` where there is one.

    Parameters
    ----------
    model : FMPN
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
        See `phases`.
    state : Path, optional
        Where to keep the state, from which an interrupted run goes on.
    key : str
        Stands for settings and inputs; written into the state.
    every : float
        Seconds between two savings of the state.
    after_epoch : callable
        Is given each epoch's record, also of those that an earlier run trained.

    Returns
    -------
    list of dict
        An epoch each: ``phase``, ``epoch``, ``rate``, ``mask_loss``, ``class_loss``, ``train_accuracy``; losses that
        play no part are None.

    Notes
    -----
    A run that is killed and goes on ends in the same weights, bit for bit, as one that was not, on the same CPU.
    """
    history: list[Epoch] = []
    before = read_header(state).get("history", []) if state is not None and state.is_file() else []
    for number, phase in enumerate(phases(settings, model.variant, generator_first=generator_first)):
        optimiser = _optimiser(model, phase, settings, faces.device)
        done = [epoch for epoch in before if epoch["phase"] == phase.name]
        later = [epoch for epoch in before if epoch not in done and epoch not in history]
        if done and not later:
            load_state(state, model, optimiser)  # type: ignore[arg-type]
        for epoch in done:
            history.append(epoch)
            after_epoch(epoch)
        saved = time.monotonic()
        for epoch in range(len(done), phase.epochs):
            record = _epoch(model, faces, positions, phase, optimiser, epoch, words=(seed, number, epoch))
            history.append(record)
            after_epoch(record)
            last = epoch + 1 == phase.epochs
            if state is not None and (last or time.monotonic() - saved >= every):
                save_state(state, model, optimiser, header={"key": key, "history": history})
                saved = time.monotonic()
    return history


def _optimiser(model: FMPN, phase: Phase, settings: TrainSettings, device: torch.device) -> torch.optim.Adam:
    for name, part in model.named_children():
        part.requires_grad_(name in phase.rates)
    groups = [{"params": getattr(model, name).parameters(), "lr": rate} for name, rate in phase.rates.items()]
    for group, rate in zip(groups, phase.rates.values(), strict=True):
        group["full"] = rate
    own = settings.training
    return torch.optim.Adam(
        groups, betas=(own.beta1, 0.999), weight_decay=own.weight_decay, fused=device.type == "cuda" or None
    )


def _epoch(
    model: FMPN,
    faces: Faces,
    positions: NDArray[np.int64],
    phase: Phase,
    optimiser: torch.optim.Optimizer,
    epoch: int,
    *,
    words: tuple[int, ...],
) -> Epoch:
    """Train one epoch; nothing in it waits for the device."""
    drawn = np.random.SeedSequence(words).generate_state(2, np.uint64)
    generator = torch.Generator().manual_seed(int(drawn[0] >> 1))
    torch.manual_seed(int(drawn[1] >> 1))  # dropout
    order = torch.from_numpy(positions)[torch.randperm(len(positions), generator=generator)]
    views = draw_views(len(order), faces.settings, generator)
    factor = rate_factor(epoch, epochs=phase.epochs, constant=phase.constant)
    for group in optimiser.param_groups:
        group["lr"] = group["full"] * factor
    model.train()
    totals = torch.zeros(3, device=faces.device)
    for start in range(0, len(order), phase.batch):
        part = slice(start, start + phase.batch)
        batch = faces.batch(order[part], views[part])
        output, mask_part, class_part = _losses(model, batch, phase, faces.device)
        optimiser.zero_grad(set_to_none=True)
        (phase.mask_weight * mask_part + phase.class_weight * class_part).backward()
        optimiser.step()
        right = (
            (output.logits.argmax(dim=1) == batch.labels).sum() if phase.class_weight else torch.zeros_like(totals[0])
        )
        totals += torch.stack([mask_part.detach(), class_part.detach(), right.float()]) * totals.new_tensor(
            [len(batch.labels), len(batch.labels), 1]
        )
    mask_mean, class_mean, accuracy = (totals / len(order)).tolist()
    return {
        "phase": phase.name,
        "epoch": epoch,
        "rate": max(phase.rates.values()) * factor,
        "mask_loss": mask_mean if phase.mask_weight else None,
        "class_loss": class_mean if phase.class_weight else None,
        "train_accuracy": accuracy if phase.class_weight else None,
    }


def _losses(model: FMPN, batch: Batch, phase: Phase, device: torch.device) -> tuple[Output, Tensor, Tensor]:
    """Return output, mask loss (Eq. 2) and cross entropy (Eq. 4); a loss without weight is 0 and not computed."""
    nothing = torch.zeros((), device=device)
    with _autocast(device):
        if not phase.class_weight:
            mask = model.generator(batch.gray)  # type: ignore[misc]
            return Output(nothing, mask), mask_loss(mask, batch.prior, batch.guided), nothing
        output = model(batch.color, batch.gray)
    class_part = functional.cross_entropy(output.logits.float(), batch.labels)
    if not phase.mask_weight or output.mask is None:
        return output, nothing, class_part
    return output, mask_loss(output.mask, batch.prior, batch.guided), class_part


def _autocast(device: torch.device) -> Any:
    return torch.autocast("cuda", torch.bfloat16) if device.type == "cuda" else nullcontext()


@dataclass(frozen=True, eq=False)
class Scores:
    """What a model says of some faces.

    Attributes
    ----------
    probabilities : float32 array of shape (n, K)
    masks : float32 array of shape (n, S, S), or None for the variant ``cnn``
    """

    probabilities: NDArray[np.float32]
    masks: NDArray[np.float32] | None


@torch.inference_mode()
def score(model: FMPN, faces: Faces, positions: NDArray[np.int64], *, batch: int = 64) -> Scores:
    """Score faces, cut out at the centre."""
    model.eval()
    views = centre_views(len(positions), faces.settings)
    chosen = torch.from_numpy(positions)
    logits, masks = [], []
    for start in range(0, len(chosen), batch):
        part = slice(start, start + batch)
        shown = faces.batch(chosen[part], views[part])
        with _autocast(faces.device):
            output = model(shown.color, shown.gray)
        logits.append(output.logits.float().cpu())
        if output.mask is not None:
            masks.append(output.mask[:, 0].float().cpu())
    probabilities = torch.cat(logits).softmax(dim=1).numpy()
    return Scores(probabilities, torch.cat(masks).numpy() if masks else None)
