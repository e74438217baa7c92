"""Measures training: images a second and share of the measured matrix ceiling, per phase, against an ordinary loop.

For each preset the whole loop of `facemotion.training.loop.fit` is timed, epoch by epoch, on made-up crops; beside it,
in the same run, `plain_loop.py` with the same networks. The ceiling is the rate of large matrix products, measured here
too: bf16 on CUDA, float32 on a CPU. Operations are counted by torch, forwards and backwards. Each loop runs in a
process of its own, so that its peak memory is its own. The file is written again after each of them: of a benchmark
that is stopped, what is done is there.

Run ``python benchmarks/train_step.py [--device cuda]``; ``results/train_step-cpu.json`` or ``-cuda.json`` is written.
"""

import argparse
import itertools
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import record
import torch
from plain_loop import PictureFiles, epochs
from torch.utils.flop_counter import FlopCounterMode

from facemotion.expressions import EXPRESSIONS
from facemotion.models.fmpn import FMPN
from facemotion.training.batches import Faces
from facemotion.training.data import TrainingData
from facemotion.training.device import choose_device, repeatable
from facemotion.training.loop import Journal, fit
from facemotion.training.phases import phases
from facemotion.training.settings import TrainSettings, load_preset

SIDE = 70
MEASURED = 3
"""Epochs that are timed in each phase, after one that is not."""
IMAGES = {"cpu": {"compact": 448, "paper": 32}, "cuda": {"compact": 3584, "paper": 896}}
LOOPS = {
    "cpu": {"facemotion": [], "plain": [], "facemotion, bf16": ["training.cpu_precision=bf16"]},
    "cuda": {
        "facemotion": [],
        "plain": [],
        "facemotion, compiled": ["training.compile=true"],
        "facemotion, without a graph": ["training.cuda_graph=false"],
        "facemotion, any kernel": ["training.deterministic=false"],
        "facemotion, compiled, any kernel": ["training.compile=true", "training.deterministic=false"],
        "facemotion, float32": ["training.precision=float32"],
    },
}
"""Loops by device, the most important first, and the settings that each replaces."""
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
CK_TRAINING_FACES = 981 * 9 // 10
"""Of a fold of CK+, on average."""


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


def operations(settings: TrainSettings) -> dict[str, float]:
    """Return GFLOP an image of each phase's step; a multiplication with its addition counts as two."""
    found = {}
    crop = settings.data.crop
    with torch.device("meta"):
        model, color, gray = build(settings), torch.rand(2, 3, crop, crop), torch.rand(2, 1, crop, crop)
    for phase in phases(settings, "fmpn"):
        with FlopCounterMode(display=False) as counter:
            if phase.class_weight:
                logits, mask, _ = model(color, gray)
                assert mask is not None
                (logits.sum() + mask.sum()).backward()
            else:
                model.generator(gray).sum().backward()
        found[phase.name] = counter.get_total_flops() / 2e9
    return found


def ceiling(device: torch.device) -> float:
    """Return the TFLOP a second of large matrix products, the best of some."""
    size, dtype = (8192, torch.bfloat16) if device.type == "cuda" else (2048, torch.float32)
    one, other = (torch.rand(size, size, device=device).to(dtype) for _ in range(2))
    seconds = []
    for _ in range(10):
        wait(device)
        start = time.perf_counter()
        one @ other
        wait(device)
        seconds.append(time.perf_counter() - start)
    return 2 * size**3 / min(seconds) / 1e12


def wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def own_loop(settings: TrainSettings, device: torch.device, number: int) -> dict[str, list[float]]:
    """Return the seconds of each epoch of facemotion's loop, by phase."""
    data, masks = made_up(number)
    model = build(settings).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    faces = Faces(data, masks, np.ones(len(masks), bool), settings.data, device)
    seconds: dict[str, list[float]] = defaultdict(list)
    last = time.perf_counter()

    def tick(epoch: dict[str, Any]) -> None:
        nonlocal last
        now = time.perf_counter()
        seconds[epoch["phase"]].append(now - last)
        last = now

    journal = Journal(after_epoch=tick, say=lambda text: print(text, file=sys.stderr))
    with repeatable(device, deterministic=settings.training.deterministic):
        fit(model, faces, np.arange(number), settings, seed=0, journal=journal)
    return seconds


def plain_loop(settings: TrainSettings, device: torch.device, number: int, workers: int) -> dict[str, list[float]]:
    """Return the seconds of each epoch of the ordinary loop, by phase."""
    data, masks = made_up(number)
    model = build(settings).to(device)
    with tempfile.TemporaryDirectory() as folder:
        sizes = {"resize": settings.data.resize, "crop": settings.data.crop}
        files = PictureFiles(Path(folder), np.asarray(data.crops), data.labels, masks, **sizes)
        return {
            phase.name: list(
                itertools.islice(epochs(model, files, phase, settings, device, workers=workers), 1 + MEASURED)
            )
            for phase in phases(settings, "fmpn")
        }


def measure(preset: str, loop: str, device: torch.device, workers: int, *, tiny: bool = False) -> dict[str, Any]:
    """Time one loop in this process."""
    lengths = [f"training.{phase}_epochs={1 + MEASURED}" for phase in ("generator", "joint")]
    settings = load_preset(preset, [*lengths, *LOOPS[device.type][loop], *(TINY if tiny else ())])
    number = 8 if tiny else IMAGES[device.type][preset]
    if loop == "plain":
        seconds = plain_loop(settings, device, number, workers)
    else:
        seconds = own_loop(settings, device, number)
    result: dict[str, Any] = {
        name: {
            "images_per_second": round(number / float(np.median(values[1:])), 2),
            "slowest_and_fastest_epoch": [round(number / pick(values[1:]), 2) for pick in (max, min)],
        }
        for name, values in seconds.items()
    }
    result["peak_memory_gb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9, 2)
    if device.type == "cuda":
        result["peak_cuda_memory_gb"] = round(torch.cuda.max_memory_allocated() / 1e9, 2)
    return result


def timed(
    preset: str, loop: str, device: torch.device, rate: float, workers: int, *, tiny: bool = False
) -> dict[str, Any]:
    """Time a loop in a process of its own."""
    command = [sys.executable, __file__, "--device", device.type, "--workers", str(workers), "--only", preset, loop]
    command += ["--tiny"] * tiny
    found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    for name, each in operations(load_preset(preset)).items():
        found[name]["share_of_ceiling"] = round(found[name]["images_per_second"] * each / 1e3 / rate, 3)
    print(f"{preset}, {loop}: {found}", file=sys.stderr, flush=True)
    return found


def summed_up(preset: str, loops: dict[str, Any]) -> dict[str, Any]:
    """Return what follows from the loops of a preset that have been timed."""
    result: dict[str, Any] = {}
    own, plain = loops["facemotion"], loops.get("plain")
    if plain:
        result["facemotion_over_plain"] = {
            name: round(own[name]["images_per_second"] / plain[name]["images_per_second"], 2)
            for name in ("generator", "joint")
        }
    lengths = load_preset(preset).training
    parts = {"generator": lengths.generator_epochs, "joint": lengths.joint_epochs}
    seconds = sum(CK_TRAINING_FACES * number / own[name]["images_per_second"] for name, number in parts.items())
    return result | {"hours_for_ten_folds_of_ckplus_by_these_rates": round(10 * seconds / 3600, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=("cpu", "cuda"), help="CUDA where there is one, by default")
    parser.add_argument("--workers", type=int, default=2, help="processes of the plain loop's DataLoader")
    parser.add_argument("--only", nargs=2, metavar=("PRESET", "LOOP"), help="time one loop here and print it")
    parser.add_argument("--tiny", action="store_true", help="networks of a few weights: does every loop run?")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    device = choose_device(arguments.device)
    if arguments.only:
        preset, loop = arguments.only
        print(json.dumps(measure(preset, loop, device, arguments.workers, tiny=arguments.tiny)))
        return
    rate = ceiling(device)
    presets: dict[str, Any] = {
        name: {"images_an_epoch": number, "gflop_an_image": operations(load_preset(name)), "loops": {}}
        for name, number in IMAGES[device.type].items()
    }
    for loop, name in itertools.product(LOOPS[device.type], presets):
        presets[name]["loops"][loop] = timed(name, loop, device, rate, arguments.workers, tiny=arguments.tiny)
        presets[name] |= summed_up(name, presets[name]["loops"])
        record.write(
            arguments.output or record.RESULTS / f"train_step-{device.type}.json",
            question="images a second of a training step, per phase, and its share of the measured matrix ceiling",
            command=f"python benchmarks/train_step.py --device {device.type} --workers {arguments.workers}"
            + " --tiny" * arguments.tiny,
            packages=("torch", "torchvision", "timm", "pillow"),
            threads=torch.get_num_threads(),
            matrix_ceiling_tflops=round(rate, 3),
            ceiling_of="bf16, 8192 x 8192" if device.type == "cuda" else "float32, 2048 x 2048",
            presets=presets,
        )


if __name__ == "__main__":
    main()
