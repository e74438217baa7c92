"""Kills: the real command, ended at random moments from its first millisecond on, then run to its end."""

import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from fault_stages import COMMAND, PATIENCE, Case, Prepared, Stage, contents

__all__ = ["kill_campaign"]

_ORPHANS = 30
"""Seconds within which workers end after their main process."""
_IN_A_ROW = 3
"""Kills of one folder before the command is left alone."""


def kill_campaign(
    prepared: Prepared, number: int, *, seed: int = 0, lanes: int = 1, until: float = float("inf")
) -> dict[str, object]:
    """Kill commands until `number` kills have hit, or the clock says `until`; return what was found.

    Each folder takes up to three kills in a row, of the main process or of a worker, before the command is run to its
    end and its files are compared with those of an undisturbed run.
    """
    places = [(stage, workers) for stage in prepared.stages for workers in ((1, 2) if stage.parallel else (1,))]
    found: Counter[str] = Counter()
    examples: list[str] = []
    cases, lock = count(), threading.Lock()

    def lane(_: int) -> None:
        while found["kills"] < number and time.monotonic() < until:
            case = next(cases)
            stage, workers = places[case % len(places)]
            own: Counter[str] = Counter()
            _one(prepared, stage, workers, random.Random(f"{seed}.{case}"), f"kill-{case}", own, examples)
            with lock:
                found.update(own)

    with ThreadPoolExecutor(lanes) as pool:
        for _ in pool.map(lane, range(lanes)):
            pass
    stages = {stage.name: found[f"kills of {stage.name}"] for stage in prepared.stages}
    names = (
        "kills",
        "kills of a worker",
        "reruns",
        "differing reruns",
        "failed reruns",
        "orphans",
        "tracebacks",
        "hangs",
    )
    return {**{name: found[name] for name in names}, "by stage": stages, "examples": examples[:10]}


def _one(
    prepared: Prepared,
    stage: Stage,
    workers: int,
    moments: random.Random,
    name: str,
    found: Counter[str],
    examples: list[str],
) -> None:
    """Kill one folder's command again and again, then let it end; count what is seen."""
    case = Case.of(prepared, stage, name)
    command = stage.command(workers)
    for _ in range(_IN_A_ROW):
        hit = _killed(case, command, moments, prepared.seconds[stage.name, workers], workers)
        if not hit:
            break
        found["kills"] += 1
        found[f"kills of {stage.name}"] += 1
        found["kills of a worker"] += hit == "worker"
        found["orphans"] += _orphans(case)
    if case.run(command):
        found["failed reruns"] += 1
        examples.append(f"{stage.name}, {workers} workers: {case.output[-400:]}")
    found["reruns"] += 1
    found["hangs"] += case.hangs
    if "Traceback" in case.output:
        found["tracebacks"] += 1
        examples.append(f"{stage.name}, {workers} workers: {case.output[-800:]}")
    now, expected = contents(case.folder), prepared.after(stage)
    if now != expected:
        found["differing reruns"] += 1
        differing = sorted(path for path in {*now, *expected} if now.get(path) != expected.get(path))
        examples.append(f"{stage.name}, {workers} workers: {', '.join(differing[:5])}")
    case.end()


def _killed(case: Case, command: Sequence[str], moments: random.Random, lasts: float, workers: int) -> str:
    """Begin a command and kill it, or a worker of it, at some moment; return what was hit, empty if it had ended."""
    log = Path(f"{case.folder}.log")
    with log.open("w") as stream:
        process = subprocess.Popen(
            [*COMMAND, *command], cwd=case.folder, stdout=stream, stderr=stream, start_new_session=True
        )
        _groups[case.folder] = process.pid
        try:
            process.wait(timeout=moments.uniform(0.001, lasts))
            hit = ""
        except subprocess.TimeoutExpired:
            children = _children(process.pid) if workers > 1 and moments.random() < 0.5 else []
            hit = "worker" if children else "main"
            try:
                os.kill(moments.choice(children) if children else process.pid, signal.SIGKILL)
            except ProcessLookupError:
                hit = ""
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            case.hangs += 1
            process.kill()
    case.output += log.read_text(errors="replace")
    log.unlink()
    return hit


_groups: dict[Path, int] = {}
"""The process group of the command that was begun last, by the folder of its case."""


def _children(process: int) -> list[int]:
    """Return the workers of a process, as Linux tells; Python's own resource tracker, a child too, is none."""
    found: list[int] = []
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found += map(int, path.read_text().split())
        except OSError:
            continue
    return [child for child in found if b"spawn_main" in _typed(child)]


def _typed(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def _orphans(case: Case) -> int:
    """Wait until nothing is left of a killed command's processes; return 1 if something never ends."""
    group, begun = _groups[case.folder], time.monotonic()
    while time.monotonic() - begun < _ORPHANS:
        if not any(_live(group)):
            return 0
        time.sleep(0.05)
    os.killpg(group, signal.SIGKILL)
    return 1


def _live(group: int) -> Iterator[str]:
    """Yield the processes of a group that still run, as Linux tells: one that only waits to be reaped does not."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, own = path.read_text().rpartition(")")[2].split()[:3]
        except (OSError, ValueError):
            continue
        if int(own) == group and state not in "ZX":
            yield path.parent.name
