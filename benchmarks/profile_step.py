"""Profiles the training step: kernels by time and the gaps between them, both phases of a preset, as text.

Run ``python benchmarks/profile_step.py [--preset paper] [--device cuda] [--batches 8]``; on a CPU, operators stand in
the place of kernels.
"""

import argparse

import numpy as np
import torch
from torch.autograd.profiler_util import DeviceType  # pyright: ignore[reportPrivateImportUsage]
from torch.profiler import ProfilerActivity, profile
from training_loops import build, made_up

from facemotion.training.batches import Faces
from facemotion.training.device import choose_device, repeatable
from facemotion.training.loop import Journal, fit
from facemotion.training.phases import phases
from facemotion.training.settings import load_preset

ROWS = 30


def busy(profiled: profile) -> tuple[float, float, int]:
    """Return milliseconds from the first kernel to the last, those in which one ran, and how many there were."""
    kernels = sorted(
        (event.time_range.start, event.time_range.end)
        for event in profiled.events() or ()
        if event.device_type == DeviceType.CUDA
    )
    if not kernels:
        return 0.0, 0.0, 0
    covered, until = 0.0, kernels[0][0]
    for start, end in kernels:
        covered += max(0.0, end - max(start, until))
        until = max(until, end)
    return (until - kernels[0][0]) / 1e3, covered / 1e3, len(kernels)


def profiled(preset: str, phase: str, overrides: list[str], device: torch.device, batches: int) -> profile:
    """Profile one epoch of one phase, after one that is not looked at."""
    lengths = {"generator": 0, "joint": 1, phase: 2}
    given = [f"training.{name}_epochs={number}" for name, number in lengths.items()]
    settings = load_preset(preset, [*overrides, *given])
    batch = getattr(settings.training, f"{phase}_batch")
    data, masks = made_up(batch * batches)
    activities = [ProfilerActivity.CPU] + [ProfilerActivity.CUDA] * (device.type == "cuda")
    watch = profile(activities=activities)
    with repeatable(device, deterministic=settings.training.deterministic):
        model = build(settings).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        faces = Faces(data, masks, np.ones(len(masks), bool), settings.data, device)
        turns = iter((watch.start, watch.stop))
        journal = Journal(after_epoch=lambda epoch: next(turns, _nothing)())
        fit(model, faces, np.arange(batch * batches), settings, seed=0, journal=journal)
    return watch


def _nothing() -> None:
    """Leave the profiler as it is: the phase that is looked at is over."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="paper")
    parser.add_argument("--device")
    parser.add_argument("--batches", type=int, default=8)
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="FIELD=VALUE")
    arguments = parser.parse_args()
    device = choose_device(arguments.device)
    for phase in [each.name for each in phases(load_preset(arguments.preset), "fmpn")]:
        watch = profiled(arguments.preset, phase, arguments.overrides, device, arguments.batches)
        whole, covered, number = busy(watch)
        print(f"== {arguments.preset}, {phase}, {arguments.batches} batches on {device}")
        if number:
            share = 100 * (1 - covered / whole)
            print(f"{number} kernels in {whole:.1f} ms; none ran for {whole - covered:.1f} ms ({share:.0f} %)")
        order = "self_device_time_total" if device.type == "cuda" else "self_cpu_time_total"
        print(watch.key_averages().table(sort_by=order, row_limit=ROWS, max_name_column_width=60), flush=True)


if __name__ == "__main__":
    main()
