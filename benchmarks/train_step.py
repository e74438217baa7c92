"""Measures training: images a second and share of the measured matrix ceiling, per phase, against an ordinary loop.

For each preset the whole loop of `facemotion.training.loop.fit` is timed, epoch by epoch, on made-up crops; beside it,
in the same run, `plain_loop.py` with the same networks. The ceiling is the rate of large matrix products, measured here
too: bf16 on CUDA, float32 on a CPU. Operations are counted by torch, forwards and backwards. Each loop runs in a
process of its own, so that its peak memory is its own. The file is written again after each of them: of a benchmark
that is stopped, what is done is there.

Run ``python benchmarks/train_step.py [--device cuda]``; ``results/train_step-cpu.json`` or ``-cuda.json`` is written.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import record
import torch
from torch.utils.flop_counter import FlopCounterMode
from training_loops import IMAGES, ORDER, build, measure

from facemotion.training.device import choose_device
from facemotion.training.phases import phases
from facemotion.training.settings import TrainSettings, load_preset

CK_TRAINING_FACES = 981 * 9 // 10
"""Of a fold of CK+, on average."""


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


def timed(command: list[str], work: dict[str, float], rate: float) -> dict[str, Any]:
    """Time a loop in a process of its own; of one that fails, say how.

    Parameters
    ----------
    command : list of str
        What starts the process.
    work : dict of str to float
        GFLOP an image of each phase.
    rate : float
        The ceiling in TFLOP a second.
    """
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    print(done.stderr, file=sys.stderr, end="", flush=True)
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        return {"failed": lines[-1] if lines else f"exit {done.returncode}"}
    found = json.loads(done.stdout)
    said = [line for line in done.stderr.splitlines() if line.startswith("said: ")]
    if said:
        found["said"] = [line.removeprefix("said: ") for line in said]
    for name, each in work.items():
        found[name]["share_of_ceiling"] = round(found[name]["images_per_second"] * each / 1e3 / rate, 3)
    return found


def summed_up(preset: str, loops: dict[str, Any]) -> dict[str, Any]:
    """Return what follows from the loops of a preset that have been timed."""
    result: dict[str, Any] = {}
    done = {name: loop for name, loop in loops.items() if "failed" not in loop}
    own, plain = done.get("facemotion"), done.get("plain")
    if own is None:
        return result
    if plain:
        result["facemotion_over_plain"] = {
            name: round(own[name]["images_per_second"] / plain[name]["images_per_second"], 2)
            for name in ("generator", "joint")
        }
    others = {name: loop for name, loop in done.items() if name not in ("facemotion", "plain")}
    result["losses_off_the_first_loops_by_at_most"] = {
        name: float(f"{max(apart(loop, own, phase) for phase in ('generator', 'joint')):.2g}")
        for name, loop in others.items()
    }
    lengths = load_preset(preset).training
    parts = {"generator": lengths.generator_epochs, "joint": lengths.joint_epochs}
    seconds = sum(CK_TRAINING_FACES * number / own[name]["images_per_second"] for name, number in parts.items())
    return result | {"hours_for_ten_folds_of_ckplus_by_these_rates": round(10 * seconds / 3600, 2)}


def apart(loop: dict[str, Any], first: dict[str, Any], phase: str) -> float:
    """Return by how much a loop's losses differ from another's, at most, as a share: the same faces and seed."""
    one, other = (np.array(each[phase]["losses"]) for each in (loop, first))
    return float((np.abs(one - other) / np.abs(other)).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=("cpu", "cuda"), help="CUDA where there is one, by default")
    parser.add_argument("--workers", type=int, default=2, help="processes of the plain loop's DataLoader")
    parser.add_argument("--presets", nargs="+", default=["compact", "paper"], choices=("compact", "paper"))
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
    numbers = {name: number for name, number in IMAGES[device.type].items() if name in arguments.presets}
    presets: dict[str, Any] = {
        name: {"images_an_epoch": number, "gflop_an_image": operations(load_preset(name)), "loops": {}}
        for name, number in numbers.items()
    }
    options = f"--device {device.type} --workers {arguments.workers}" + " --tiny" * arguments.tiny
    asked = f"{options} --presets {' '.join(numbers)}" if len(numbers) < len(IMAGES[device.type]) else options
    for name, loop in ORDER[device.type]:
        if name not in presets:
            continue
        own = presets[name]
        command = [sys.executable, __file__, *options.split(), "--only", name, loop]
        own["loops"][loop] = timed(command, own["gflop_an_image"], rate)
        own |= summed_up(name, own["loops"])
        print(f"{name}, {loop}: {own['loops'][loop]}", file=sys.stderr, flush=True)
        record.write(
            arguments.output or record.RESULTS / f"train_step-{device.type}.json",
            question="images a second of a training step, per phase, and its share of the measured matrix ceiling",
            command=f"python benchmarks/train_step.py {asked}",
            packages=("torch", "torchvision", "timm", "pillow"),
            threads=torch.get_num_threads(),
            matrix_ceiling_tflops=round(rate, 3),
            ceiling_of="bf16, 8192 x 8192" if device.type == "cuda" else "float32, 2048 x 2048",
            presets=presets,
        )


if __name__ == "__main__":
    main()
