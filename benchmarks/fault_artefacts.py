"""Edited artefacts: odd files of every family are given to the commands that read them.

Each must end in success or in one sentence, within `PATIENCE` seconds and without much memory. The commands run in
forked processes, see `fault_writes`.
"""

import random
import resource
import shutil
import time
from collections import Counter
from pathlib import Path

import pandas as pd
from fault_stages import TINY, Case, Prepared
from fault_writes import forked, warm
from odd_files import odd

from facemotion.training import settings

__all__ = ["FAMILIES", "artefact_campaign"]

_GIBIBYTE = 2**20
"""In the unit in which Linux counts the memory of processes."""
_RUN, _DATA = "work/runs/run", "work/ckplus"
_TRAINING = f"{_RUN}/fmpn/fold-0/seed-0"
_TRAIN = ("train", "--priors", "ckplus.npz", *TINY, "--name", "run")
_ALIGN = ("align", "--dataset", "ckplus")
_FOLDER = ("ingest", "--dataset", "ckplus")

FAMILIES: dict[str, tuple[tuple[str, ...], ...]] = {
    "odd.toml": (("train", "--priors", "ckplus.npz", "--preset", "odd.toml", "--print-config"),),
    "facemotion.toml": (("datasets",), ("datasets", "set", "mmi", "."), ("datasets", "unset", "ckplus"), _FOLDER),
    "work/roots.json": (_FOLDER, ("verify",)),
    f"{_DATA}/ingest.json": (_TRAIN, ("verify",), ("manifest", "accept", "--dataset", "ckplus")),
    f"{_DATA}/folds.json": (("build-priors", "--source", "ckplus"), ("verify",), _TRAIN),
    f"{_DATA}/manifest.parquet": (("folds", "--dataset", "ckplus", "--folds", "3"), ("verify",), _ALIGN),
    f"{_DATA}/faces.parquet": (("build-priors", "--source", "ckplus"), ("verify",), ("report", "run")),
    f"{_DATA}/parts/00000.parquet": ((*_ALIGN, "--workers", "1"), ("verify",)),
    f"{_DATA}/crops/00000.npy": (("build-priors", "--source", "ckplus", "--force"), ("verify",), ("report", "run")),
    "table.csv": ((*_ALIGN, "--table", "table.csv", "--workers", "1"),),
    "table.parquet": ((*_ALIGN, "--table", "table.parquet", "--workers", "1"),),
    "shared.csv": (("manifest", "verify", "shared.csv"),),
    "shared.jsonl": (("manifest", "verify", "shared.jsonl"),),
    "shared.parquet": (("manifest", "verify", "shared.parquet"),),
    "ckplus.npz": (("priors", "show", "ckplus.npz"), _TRAIN),
    f"{_RUN}/config.json": (("report", "run"), ("verify",), ("predict", "run", "face.png", "-o", "found")),
    f"{_RUN}/metrics.json": (("report", "run"), ("verify",)),
    f"{_RUN}/predictions.parquet": (("report", "run"), ("verify",)),
    f"{_RUN}/prior.npz": (("report", "run"), ("verify",)),
    f"{_TRAINING}/history.json": (("report", "run"), ("verify",), _TRAIN),
    f"{_TRAINING}/predictions.parquet": (("verify",), _TRAIN),
    f"{_TRAINING}/masks.npz": (("report", "run"), ("verify",)),
    f"{_TRAINING}/model.safetensors": (("predict", "run", "face.png", "-o", "found"), ("verify",)),
    "weights.safetensors": ((*_TRAIN, "--name", "other", "--pretrained", "weights.safetensors"),),
}
"""The commands that read each artefact."""


def artefact_campaign(
    prepared: Prepared, number: int, *, seed: int = 0, until: float = float("inf")
) -> dict[str, object]:
    """Give odd artefacts to the commands that read them; return what was found."""
    warm()
    whole = _whole(prepared)
    found: Counter[str] = Counter()
    examples: list[str] = []
    names = [name for name in FAMILIES if (whole / name).exists()]
    while found["artefacts"] < number and time.monotonic() < until:
        turn = found["artefacts"]
        name, chance = names[turn % len(names)], random.Random(f"{seed}.{turn}")
        case = Case(prepared.folder / "cases" / f"odd-{turn}")
        shutil.copytree(whole, case.folder)
        path = case.folder / name
        path.write_bytes(odd(path.read_bytes(), path.suffix, chance))
        for command in FAMILIES[name]:
            _one(
                case,
                name,
                [*command, *(() if command[0] in ("datasets", "priors") else ("--work", "work"))],
                found,
                examples,
            )
        found["artefacts"] += 1
        case.end()
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    counts = ("artefacts", "commands", "accepted", "refused", "tracebacks", "hangs")
    largest = {"largest command in GiB": round(before / _GIBIBYTE, 2)}
    return {**{name: found[name] for name in counts}, **largest, "families": len(names), "examples": examples[:10]}


def _one(case: Case, name: str, command: list[str], found: Counter[str], examples: list[str]) -> None:
    status, output = forked(case.folder, command)
    found["commands"] += 1
    found["accepted"] += status == 0
    found["refused"] += status in (1, 2)
    found["hangs"] += status == -1
    if status not in (0, 1, 2):
        found["tracebacks"] += status != -1
        examples.append(f"{name}: {' '.join(command[:4])}: {output[-1200:]}")


def _whole(prepared: Prepared) -> Path:
    """Return a folder with a whole artefact of each family."""
    import timm
    from safetensors.torch import save_file

    folder = prepared.folder / "whole"
    if folder.exists():
        return folder
    shutil.copytree(prepared.folder / "after" / prepared.stages[-1].name, folder)
    root = prepared.folder / "tree"
    frame = next(path for path in sorted(root.rglob("*.png")))
    shutil.copy(frame, folder / "face.png")
    points = pd.read_parquet(root / "landmarks.parquet")
    points.to_csv(folder / "table.csv", index=False)
    points.to_parquet(folder / "table.parquet", index=False)
    preset = settings.resources.files("facemotion.presets").joinpath("compact.toml").read_bytes()
    (folder / "odd.toml").write_bytes(preset)
    (folder / "facemotion.toml").write_text(f"[roots]\nckplus = '{root}'\n")
    for suffix in (".csv", ".jsonl", ".parquet"):
        forked(folder, ["manifest", "export", "--dataset", "ckplus", "-o", f"shared{suffix}", "--work", "work"])
    save_file(timm.create_model("lcnet_050", pretrained=False).state_dict(), folder / "weights.safetensors")
    return folder
