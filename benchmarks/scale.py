"""Takes many pictures through ingest, align (killed and resumed twice) and one epoch of training, and watches memory.

Renders some faces in the wild in several sizes, small ones mostly, and lays them out as AffectNet's lists do, each many
times, by hard links under other names; the prior is of synthetic laboratory frames. Every stage is run at a tenth of
the pictures and at all of them: memory is flat if its peaks are alike. At a tenth the files of the alignment that was
killed are compared with those of one that was not; at all, every copy of a picture must have the same crop. Run
``python benchmarks/scale.py [--pictures 100000] [--workers 2] [--seed 0] [--output results/scale.json]``.
"""

import argparse
import hashlib
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import record
from watched import Watched, watched

from facemotion.alignment import store
from facemotion.datasets.affectnet.info import CODES
from facemotion.demo.sequence import wild_face
from facemotion.expressions import EXPRESSIONS
from facemotion.tables import read_table

SIZES = {128: 8, 192: 6, 256: 6}
"""People that are rendered with all seven expressions, by the side of their pictures in pixels."""
LARGE, LARGE_SHARE = 1000, 50
"""Side of the large pictures, which one person shows, and of how many pictures one is large."""
FOLDERS = 1381
"""As many as AffectNet's archives have."""
HEADER = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal\n"
TINY = (
    "model.width=4",
    "model.blocks=1",
    "model.classifier=lcnet_050",
    "data.resize=36",
    "data.crop=32",
    "training.joint_epochs=1",
    "training.joint_constant=1",
    "training.joint_batch=64",
)
FIRST_KILL, SECOND_KILL = (0.15, 0.45), (0.5, 0.9)
"""Shares of the shards that are done when the alignment is killed, drawn from these ranges."""
CORES = (2, 16, 128)

Base = tuple[Path, int, tuple[float, ...]]


def rendered(folder: Path) -> tuple[list[Base], list[Base]]:
    """Render the small pictures and the large ones; return file, AffectNet's code and the face's box of each."""
    folder.mkdir()
    codes = {name: code for code, name in CODES.items()}
    found: dict[int, list[Base]] = {}
    for side, people in {**SIZES, LARGE: 1}.items():
        for person in range(people):
            for expression in EXPRESSIONS:
                frame = wild_face(7_000 + side + person, expression, size=(side, side))
                path = folder / f"{side}-{person}-{expression}.jpg"
                cv2.imwrite(str(path), frame.image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
                middle = frame.landmarks.mean(axis=0)
                reach = 1.5 * float(np.hypot(*(frame.landmarks[1] - frame.landmarks[0])))
                box = (*(round(float(value) - reach) for value in middle), round(2 * reach), round(2 * reach))
                found.setdefault(side, []).append((path, codes[expression], box))
    return [each for side in SIZES for each in found[side]], found[LARGE]


def write_tree(root: Path, small: list[Base], large: list[Base], number: int) -> None:
    """Write lists of `number` faces, one in 80 for validation, and links to their pictures."""
    lists = root / "Manually_Annotated_file_lists"
    lists.mkdir(parents=True)
    for folder in range(1, FOLDERS + 1):
        (root / "Manually_Annotated_Images" / str(folder)).mkdir(parents=True)
    files = {name: (lists / f"{name}.csv").open("w", newline="\n") for name in ("training", "validation")}
    for file in files.values():
        file.write(HEADER)
    points = ";".join(["0.00"] * 136)
    for place in range(number):
        group, turn = (large, place // LARGE_SHARE) if place % LARGE_SHARE == 0 else (small, place)
        path, code, box = group[turn % len(group)]
        name = f"{1 + place % FOLDERS}/{hashlib.sha224(str(place).encode()).hexdigest()}.jpg"
        os.link(path, root / "Manually_Annotated_Images" / name)
        numbers = ",".join(f"{value:.1f}" for value in box)
        files["validation" if place % 80 == 79 else "training"].write(f"{name},{numbers},{points},{code},0.1,-0.2\n")
    for file in files.values():
        file.close()


def at_share(parts: Path, share: float, shards: int) -> Callable[[], bool]:
    """Return what is true once a share of the shards is done."""
    needed = max(1, round(share * shards))
    return lambda: parts.is_dir() and sum(entry.name.endswith(".parquet") for entry in os.scandir(parts)) >= needed


def killed_twice(arguments: list[str], folder: Path, shards: int, moments: random.Random) -> list[Watched]:
    """Align, killed at two moments and brought to its end."""
    runs = [
        watched(arguments, kill=at_share(folder / "parts", moments.uniform(*between), shards))
        for between in (FIRST_KILL, SECOND_KILL)
    ]
    return [*runs, watched(arguments)]


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of an alignment that is not about this machine."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def differing_copies(folder: Path) -> int:
    """Return how many rows have another crop than an earlier row of the same picture."""
    table, _ = read_table(folder / "faces.parquet")
    crops = store.open_crops(folder)
    known: dict[str, bytes] = {}
    rows = table.loc[table["row"] >= 0, ["sha256", "row"]].itertuples(index=False)
    pairs = ((digest, hashlib.sha256(crops[int(row)].tobytes()).digest()) for digest, row in rows)
    return sum(known.setdefault(digest, crop) != crop for digest, crop in pairs)


def summed(runs: list[Watched]) -> dict[str, Any]:
    """Return what several runs of a command took together."""
    return {
        "seconds": round(sum(run.seconds for run in runs), 1),
        "cpu_seconds": round(sum(run.cpu_seconds for run in runs), 1),
        "main_mb": max(run.main_mb for run in runs),
        "worker_mb": max(run.worker_mb for run in runs),
        "resident_mb": max(run.resident_mb for run in runs),
        "lines": sum(run.lines for run in runs),
        "killed": sum(run.killed for run in runs),
        "seconds_each": [run.seconds for run in runs],
    }


def measured(
    folder: Path, bases: tuple[list[Base], list[Base]], number: int, bank: Path, options: argparse.Namespace
) -> dict[str, Any]:
    """Take `number` pictures through the stages; return what each took."""
    root, work = folder / f"tree-{number}", folder / f"work-{number}"
    write_tree(root, *bases, number)
    place = ["--dataset", "affectnet", "--root", str(root), "--work", str(work)]
    aligned, workers = work / "affectnet", ["--workers", str(options.workers)]
    found: dict[str, Any] = {"ingest": watched(["ingest", *place, "--protocol", "official"]).as_json()}
    shards = -(-number // 256)
    runs = killed_twice(["align", *place, *workers], aligned, shards, random.Random(f"{options.seed}.{number}"))
    found["align, killed twice"] = summed(runs)
    found["align, nothing to do"] = watched(["align", *place, *workers]).as_json()
    train = ["train", "--priors", str(bank), *place, "--preset", "compact", "--device", "cpu", "--variant", "cnn"]
    found["train, one epoch"] = watched([*train, *(f"--set={field}" for field in TINY)], cwd=folder).as_json()
    faces = read_table(aligned / "faces.parquet")[0]
    statuses = {str(name): int(count) for name, count in faces["status"].value_counts().sort_index().items()}
    found["frames"] = statuses
    found["copies with another crop"] = differing_copies(aligned)
    if number < options.pictures:
        other = folder / "undisturbed"
        again = ["--dataset", "affectnet", "--root", str(root), "--work", str(other)]
        watched(["ingest", *again, "--protocol", "official"])
        found["align, undisturbed"] = watched(["align", *again, *workers]).as_json()
        one, two = digests(aligned), digests(other / "affectnet")
        found["files that differ from the undisturbed"] = sum(one.get(name) != two.get(name) for name in {*one, *two})
        found["files compared"] = len(one)
    return found


def prior(folder: Path, options: argparse.Namespace) -> tuple[Path, dict[str, Any]]:
    """Render laboratory frames and build a prior of them; return the bank and what building it took."""
    from facemotion.config import DemoSettings
    from facemotion.demo import render_ckplus

    render_ckplus(folder / "lab", DemoSettings(subjects=4, size=(245, 320)), clean=True)
    bank, work = folder / "ckplus.npz", ["--root", str(folder / "lab"), "--work", str(folder / "lab-work")]
    watched(["folds", "--dataset", "ckplus", "--folds", "2", *work])
    built = watched(["build-priors", "--source", "ckplus", "-o", str(bank), *work], cwd=folder)
    return bank, built.as_json()


def arithmetic(small: dict[str, Any], full: dict[str, Any], pictures: int) -> Iterator[tuple[str, Any]]:
    """Yield what follows for other numbers of pictures and cores, from the processors' seconds a picture."""
    each = (full["cpu_seconds"] - small["cpu_seconds"]) / (pictures - pictures // 10)
    yield "align_cpu_ms_a_picture", round(1000 * each, 2)
    for total in (450_000, 1_000_000):
        yield f"align_minutes_{total}", {str(cores): round(each * total / cores / 60, 1) for cores in CORES}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=100_000, help="at most; a tenth of them comes first")
    parser.add_argument("--workers", type=int, default=2, help="processes of align")
    parser.add_argument("--seed", type=int, default=0, help="of the moments of the kills")
    parser.add_argument("--output", type=Path, default=record.RESULTS / "scale.json")
    options = parser.parse_args()
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        bases = rendered(folder / "base")
        bank, built = prior(folder, options)
        tenth, whole = (
            measured(folder, bases, number, bank, options) for number in (options.pictures // 10, options.pictures)
        )
        stage = "align, killed twice"
        growth = {
            name: {key: whole[name][key] - tenth[name][key] for key in ("main_mb", "worker_mb")}
            for name, value in whole.items()
            if isinstance(value, dict) and "main_mb" in value
        }
        record.write(
            options.output,
            question="many pictures through ingest, align with two kills, and an epoch: time, memory, the same bytes",
            command=f"python benchmarks/scale.py --pictures {options.pictures} --workers {options.workers}"
            f" --seed {options.seed}",
            packages=("pillow", "opencv-python", "onnxruntime-gpu", "pandas", "pyarrow", "torch"),
            load_average=os.getloadavg(),
            workers=options.workers,
            build_priors=built,
            by_pictures={str(options.pictures // 10): tenth, str(options.pictures): whole},
            more_mb_of_all_than_of_a_tenth=growth,
            arithmetic=dict(arithmetic(tenth[stage], whole[stage], options.pictures)),
            minutes=round((time.perf_counter() - begun) / 60, 1),
        )


if __name__ == "__main__":
    main()
