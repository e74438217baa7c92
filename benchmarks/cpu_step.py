"""Measures what makes the training step of ``compact`` faster on a CPU, against what it cannot go below.

Each setting's step is timed in turn, round after round in one process, on one thread and by the processor's own time,
so that other work on the machine changes little; the least of the rounds counts. The floor is the time in which a
matrix product of the same number of operations would be done. Accuracy is that of whole trainings, on made-up faces
that no training has seen: a faint bright band in noise tells the class.

Run ``python benchmarks/cpu_step.py``; ``results/cpu_step.json`` is written.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import record
import torch
from train_step import operations
from training_loops import build, made_up

from facemotion.expressions import EXPRESSIONS
from facemotion.training.batches import Faces
from facemotion.training.data import TrainingData
from facemotion.training.device import repeatable
from facemotion.training.loop import fit
from facemotion.training.phases import Phase, phases
from facemotion.training.scoring import Deployed, score
from facemotion.training.settings import TrainSettings, load_preset
from facemotion.training.step import Step, make_optimiser, set_rates
from facemotion.training.views import centre_views

CPU = torch.device("cpu")
SETTINGS = {
    "before: 7x7 convolutions as they are": ["training.row_convolutions=false"],
    "today": [],
    "today, weights not channels last": [],
    "today, bf16": ["training.cpu_precision=bf16"],
}
BATCH, STEPS = 32, 2
FACES, TESTED = 140, 700
BAND = 12
"""How much brighter the band is, of 256; the noise goes over 160."""
SIZE = 2048
"""Side of the matrices whose product is the ceiling."""


def stepper(settings: TrainSettings, phase: Phase, *, channels_last: bool) -> Callable[[], None]:
    """Return a function that makes some steps of a phase."""
    data, masks = made_up(BATCH * STEPS)
    torch.manual_seed(0)
    model = build(settings)
    if channels_last:
        model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    faces = Faces(data, masks, np.ones(len(masks), bool), settings.data, CPU)
    optimiser = make_optimiser(model, phase, settings.training)
    set_rates(optimiser, phase, 1.0)
    network = model if phase.class_weight else model.get_submodule("generator")
    step = Step(network, faces, phase, optimiser, settings.training)
    step.begin(phase.mask_weight)
    number = BATCH * STEPS
    shares = list(faces.shares(torch.arange(number), centre_views(number, settings.data), BATCH))

    def run() -> None:
        for share in shares:
            step(share)

    return run


def ceiling() -> float:
    """Return the GFLOP a second of processor time of a large float32 matrix product, the best of some."""
    one, other, best = torch.rand(SIZE, SIZE), torch.rand(SIZE, SIZE), float("inf")
    for _ in range(4):
        start = time.process_time()
        one @ other
        best = min(best, time.process_time() - start)
    return 2 * SIZE**3 / best / 1e9


def timed(phase: Phase, rounds: int, floor: float) -> dict[str, Any]:
    """Time the step of each setting in turn; milliseconds of processor time for a batch."""
    runs = {
        name: stepper(load_preset("compact", own), phase, channels_last="not channels last" not in name)
        for name, own in SETTINGS.items()
    }
    best = dict.fromkeys(runs, float("inf"))
    for number in range(rounds + 1):
        for name, run in runs.items():
            start = time.process_time()
            run()
            if number:  # the first makes what is made once
                best[name] = min(best[name], (time.process_time() - start) / STEPS)
    first = best[next(iter(best))]
    return {
        name: {
            "ms_a_step": round(1e3 * value, 1),
            "times_as_fast_as_before": round(first / value, 2),
            "times_the_floor": round(value / floor, 2),
        }
        for name, value in best.items()
    }


def banded(number: int, seed: int) -> tuple[TrainingData, np.ndarray]:
    """Return faces of noise in which a faint bright band tells the class, and the bands."""
    random = np.random.default_rng(seed)
    kinds = len(EXPRESSIONS)
    labels, names = np.arange(number) % kinds, np.arange(number).astype(str)
    bands = (np.arange(70)[:, None] // 10 == np.arange(kinds)[:, None, None]) * np.ones((1, 1, 70))
    crops = random.integers(0, 160, (number, 70, 70, 3)) + BAND * bands[labels][..., None]
    empty = np.full(number, "")
    data = TrainingData(
        crops.astype(np.uint8), np.arange(number), labels, names, names, empty, EXPRESSIONS, "demo", "", ""
    )
    return data, bands.astype(np.float32)


def accuracy(overrides: list[str], seed: int) -> float:
    """Train ``compact`` whole; return the share of right answers on faces that it has not seen."""
    settings = load_preset("compact", overrides)
    (data, masks), (tested, _) = banded(FACES, 0), banded(TESTED, 1)
    with repeatable(CPU):
        torch.manual_seed(seed)
        model = build(settings).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        faces = Faces(data, masks, np.ones(len(masks), bool), settings.data, CPU)
        fit(model, faces, np.arange(FACES), settings, seed=seed)
        found = score(Deployed(model, settings.data), tested.crops, np.arange(TESTED))
    return float((found.probabilities.argmax(axis=1) == tested.labels).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--output", type=Path, default=record.RESULTS / "cpu_step.json")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    settings, top = load_preset("compact"), ceiling()
    work = operations(settings)
    floors = {name: each * BATCH / top for name, each in work.items()}
    steps = {
        phase.name: {"floor_ms": round(1e3 * floors[phase.name], 1)}
        | timed(phase, arguments.rounds, floors[phase.name])
        for phase in phases(settings, "fmpn")
    }
    trained = {
        name: [round(accuracy(own, seed), 4) for seed in range(arguments.seeds)]
        for name, own in SETTINGS.items()
        if "not channels last" not in name
    }
    record.write(
        arguments.output,
        question="what makes a training step of compact faster on a CPU, and what can it not go below?",
        command=f"python benchmarks/cpu_step.py --rounds {arguments.rounds} --seeds {arguments.seeds}",
        packages=("torch", "timm"),
        threads=1,
        batch=BATCH,
        gflop_an_image=work,
        float32_ceiling_gflops=round(top, 1),
        steps=steps,
        accuracy={"trained_on": FACES, "tested_on": TESTED, "by_seed": trained},
    )


if __name__ == "__main__":
    main()
