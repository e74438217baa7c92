"""The loops that `train_step.py` times: facemotion's own with other settings, and an ordinary one beside it."""

import resource
import sys
import tempfile
import time
from collections import defaultdict
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from plain_loop import PictureFiles, epochs

from facemotion.expressions import EXPRESSIONS
from facemotion.models.fmpn import FMPN
from facemotion.training.batches import Faces
from facemotion.training.data import TrainingData
from facemotion.training.device import repeatable
from facemotion.training.loop import Journal, fit
from facemotion.training.phases import phases
from facemotion.training.settings import TrainSettings, load_preset

__all__ = ["IMAGES", "ORDER", "build", "made_up", "measure"]

SIDE = 70
MEASURED = 3
"""Epochs that are timed in each phase, after one that is not."""
IMAGES = {"cpu": {"compact": 448, "paper": 32}, "cuda": {"compact": 3584, "paper": 896}}
LOOPS = {
    "facemotion": [],
    "plain": [],
    "facemotion, compiled": ["training.compile=true"],
    "facemotion, any kernel": ["training.deterministic=false"],
    "facemotion, compiled, any kernel": ["training.compile=true", "training.deterministic=false"],
    "facemotion, direct convolutions": ["training.row_convolutions=false"],
    "facemotion, without a graph": ["training.cuda_graph=false"],
    "facemotion, float32": ["training.precision=float32"],
    "facemotion, bf16": ["training.cpu_precision=bf16"],
}
"""The settings that each loop replaces."""
ORDER = {
    "cpu": [
        ("compact", "facemotion"),
        ("compact", "plain"),
        ("compact", "facemotion, bf16"),
        ("compact", "facemotion, direct convolutions"),
        ("paper", "facemotion"),
        ("paper", "plain"),
    ],
    "cuda": [
        ("compact", "facemotion"),
        ("paper", "facemotion"),
        ("compact", "plain"),
        ("paper", "facemotion, compiled"),
        ("paper", "facemotion, any kernel"),
        ("paper", "facemotion, direct convolutions"),
        ("paper", "plain"),
        ("compact", "facemotion, without a graph"),
        ("paper", "facemotion, compiled, any kernel"),
        ("compact", "facemotion, compiled"),
        ("compact", "facemotion, any kernel"),
        ("paper", "facemotion, without a graph"),
        ("compact", "facemotion, float32"),
        ("paper", "facemotion, float32"),
    ],
}
"""What is timed on a device, the most important first."""
FEWER = {("cuda", "plain", "paper"): 4}
"""By how much the faces of an epoch are fewer, where a loop takes long for each."""
TINY = [
    "model.width=2",
    "model.blocks=1",
    "model.classifier=test_resnet",
    "data.resize=24",
    "data.crop=20",
    "training.generator_batch=4",
    "training.joint_batch=4",
]
"""Replaced with ``--tiny``, which shows that everything runs and measures nothing."""


def made_up(number: int) -> tuple[TrainingData, np.ndarray]:
    """Return noise with labels, and a mask for each class: what a step costs does not depend on what it sees."""
    random = np.random.default_rng(0)
    crops = random.integers(0, 256, (number, SIDE, SIDE, 3), dtype=np.uint8)
    labels, names = np.arange(number) % len(EXPRESSIONS), np.arange(number).astype(str)
    masks = random.random((len(EXPRESSIONS), SIDE, SIDE), dtype=np.float32)
    empty = np.full(number, "")
    return TrainingData(crops, np.arange(number), labels, names, names, empty, EXPRESSIONS, "demo", "", ""), masks


def build(settings: TrainSettings) -> FMPN:
    return FMPN(len(EXPRESSIONS), settings.model)


Seconds = dict[str, list[float]]
Losses = dict[str, list[float]]


def own_loop(settings: TrainSettings, device: torch.device, number: int) -> tuple[Seconds, Losses]:
    """Return the seconds of each epoch of facemotion's loop, and its losses, by phase."""
    data, masks = made_up(number)
    torch.manual_seed(0)
    model = build(settings).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    faces = Faces(data, masks, np.ones(len(masks), bool), settings.data, device)
    seconds: dict[str, list[float]] = defaultdict(list)
    last = time.perf_counter()

    def tick(epoch: dict[str, Any]) -> None:
        nonlocal last
        now = time.perf_counter()
        seconds[epoch["phase"]].append(now - last)
        last = now

    journal = Journal(after_epoch=tick, say=lambda text: print(f"said: {text}", file=sys.stderr))
    losses: dict[str, list[float]] = defaultdict(list)
    with repeatable(device, deterministic=settings.training.deterministic):
        for epoch in fit(model, faces, np.arange(number), settings, seed=0, journal=journal):
            losses[epoch["phase"]] += [epoch[name] for name in ("mask_loss", "class_loss") if epoch[name] is not None]
    return seconds, losses


def plain_loop(settings: TrainSettings, device: torch.device, number: int, workers: int) -> dict[str, list[float]]:
    """Return the seconds of each epoch of the ordinary loop, by phase."""
    data, masks = made_up(number)
    model = build(settings).to(device)
    with tempfile.TemporaryDirectory() as folder:
        sizes = {"resize": settings.data.resize, "crop": settings.data.crop}
        files = PictureFiles(Path(folder), np.asarray(data.crops), data.labels, masks, **sizes)
        return {
            phase.name: list(islice(epochs(model, files, phase, settings, device, workers=workers), 1 + MEASURED))
            for phase in phases(settings, "fmpn")
        }


def measure(preset: str, loop: str, device: torch.device, workers: int, *, tiny: bool = False) -> dict[str, Any]:
    """Time one loop in this process."""
    lengths = [f"training.{phase}_epochs={1 + MEASURED}" for phase in ("generator", "joint")]
    settings = load_preset(preset, [*lengths, *LOOPS[loop], *(TINY if tiny else ())])
    number = 8 if tiny else IMAGES[device.type][preset] // FEWER.get((device.type, loop, preset), 1)
    losses: Losses = {}
    if loop == "plain":
        seconds = plain_loop(settings, device, number, workers)
    else:
        seconds, losses = own_loop(settings, device, number)
    result: dict[str, Any] = {
        name: {
            "images_per_second": round(number / float(np.median(values[1:])), 2),
            "slowest_and_fastest_epoch": [round(number / pick(values[1:]), 2) for pick in (max, min)],
        }
        for name, values in seconds.items()
    }
    for name, values in losses.items():
        result[name]["losses"] = [float(f"{value:.6g}") for value in values]
    result["peak_memory_gb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9, 2)
    if device.type == "cuda":
        result["peak_cuda_memory_gb"] = round(torch.cuda.max_memory_allocated() / 1e9, 2)
        result["peak_cuda_memory_reserved_gb"] = round(torch.cuda.max_memory_reserved() / 1e9, 2)
    return result
