"""What the campaign of `faults.py` disturbs: each stage as a command, with the folder before it and after it."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["COMMAND", "PATIENCE", "TINY", "Case", "Prepared", "Stage", "contents", "prepare", "stages"]

COMMAND = (sys.executable, "-m", "facemotion_cli.start")
"""The real command, as its script starts it."""
PATIENCE = 600
"""Seconds until a command that does not end counts as hanging."""
FIELDS = ("model.width=4", "model.blocks=1", "model.classifier=lcnet_050", "data.resize=36", "data.crop=32")
EPOCHS = ("generator_epochs=1", "generator_constant=1", "joint_epochs=2", "joint_constant=1")
TINY = (
    *("--preset", "compact", "--device", "cpu"),
    *(f"--set={text}" for text in (*FIELDS, *(f"training.{text}" for text in EPOCHS))),
)
"""Networks that train within seconds."""
_SECONDS = "seconds.json"
_SKIPPED = (".pictures.json", ".lock", ".tree.json")
"""A lock, and what is remembered of a tree's times: no artefacts."""


@dataclass(frozen=True)
class Stage:
    """A stage as a command; the name of its folder before and after it."""

    name: str
    arguments: tuple[str, ...]
    parallel: bool = False

    def command(self, workers: int) -> list[str]:
        """Return what is typed after ``facemotion``."""
        own = ("--workers", str(workers)) if self.parallel else ()
        return [*self.arguments, *own, "--work", "work", "--quiet"]


@dataclass(frozen=True)
class Prepared:
    """The stages, the folder before and after each, and how many seconds each took, by name and workers."""

    folder: Path
    stages: tuple[Stage, ...]
    seconds: dict[tuple[str, int], float] = field(default_factory=dict)

    def before(self, stage: Stage) -> Path:
        """Return the folder in which the stage is begun."""
        return self.folder / "before" / stage.name

    def after(self, stage: Stage) -> dict[str, str]:
        """Return what an undisturbed run makes."""
        return contents(self.folder / "after" / stage.name)


@dataclass
class Case:
    """A folder in which a stage is disturbed, and what came of it."""

    folder: Path
    output: str = ""
    hangs: int = 0

    @classmethod
    def of(cls, prepared: Prepared, stage: Stage, name: str) -> "Case":
        """Return a new one."""
        folder = prepared.folder / "cases" / name
        shutil.copytree(prepared.before(stage), folder)
        return cls(folder)

    def run(self, arguments: list[str]) -> int:
        """Run a command to its end; return its exit status."""
        try:
            done = subprocess.run(
                [*COMMAND, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            self.hangs += 1
            return -1
        self.output += done.stdout + done.stderr
        return done.returncode

    def end(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder)


def stages(tree: Path, *, subjects: int = 2) -> tuple[Stage, ...]:
    """Return the stages, in order, of a rendered tree of CK+."""
    faces = ("--subjects", str(subjects), "--frames", "4", "--size", "96x96")
    train = ("train", "--priors", "ckplus.npz", "--name", "run", *TINY)
    return (
        Stage("render", ("demo", "render", "out", "--clean", "--force", *faces), parallel=True),
        Stage("ingest", ("ingest", "--dataset", "ckplus", "--root", str(tree))),
        Stage("align", ("align", "--dataset", "ckplus"), parallel=True),
        Stage("folds", ("folds", "--dataset", "ckplus", "--folds", "2")),
        Stage("priors", ("build-priors", "--source", "ckplus")),
        Stage("train", train),
    )


def prepare(folder: Path, tree: Path, *, workers: tuple[int, ...] = (1, 2), only: Sequence[str] = ()) -> Prepared:
    """Run every stage undisturbed, with each number of workers; keep the folders before and after each.

    A folder that was prepared before is used as it is. `only` names the stages, all by default.

    Raises
    ------
    RuntimeError
        If one fails, or its bytes depend on the number of workers.
    """
    made = Prepared(folder, tuple(stage for stage in stages(tree) if not only or stage.name in only))
    if (folder / _SECONDS).exists():
        for name, seconds in json.loads((folder / _SECONDS).read_text()).items():
            made.seconds[name.split()[0], int(name.split()[1])] = seconds
        return made
    state = folder / "state"
    state.mkdir(parents=True)
    for stage in made.stages:
        shutil.copytree(state, made.before(stage))
        found = set()
        for number in workers if stage.parallel else workers[:1]:
            shutil.rmtree(state)
            shutil.copytree(made.before(stage), state)
            begun = time.monotonic()
            done = Case(state)
            if done.run(stage.command(number)):
                raise RuntimeError(f"{stage.name} fails undisturbed: {done.output}")
            made.seconds[stage.name, number] = time.monotonic() - begun
            found.add(tuple(sorted(contents(state).items())))
        if len(found) != 1:
            raise RuntimeError(f"{stage.name} depends on the number of workers")
        shutil.copytree(state, folder / "after" / stage.name)
    took = {f"{name} {number}": seconds for (name, number), seconds in made.seconds.items()}
    (folder / _SECONDS).write_text(json.dumps(took))
    return made


def contents(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder that is an artefact, or left of one, by its relative path."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            if name not in _SKIPPED and "tfevents" not in name:
                path = Path(place, name)
                found[path.relative_to(folder).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found
