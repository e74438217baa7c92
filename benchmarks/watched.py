"""Runs a command in a session of its own and watches it: seconds, the processors' seconds, memory; kills it on time."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = ["Watched", "watched"]

SCRIPT = "import sys; from facemotion_cli.root import main; sys.argv[0] = 'facemotion'; main()"
EVERY = 0.1
"""Seconds between two looks."""
PATIENCE = 60
"""Seconds within which workers end after their main process."""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Watched:
    """What a command took.

    Attributes
    ----------
    seconds, cpu_seconds : float
        By the clock, and of all of its processes as they were last seen.
    main_mb, worker_mb : int
        Peak memory of the command's own process and of the largest of those that it started, as seen every tenth of a
        second, without pages of files, which the system takes back when it needs them; 0 for no process.
    resident_mb : int
        Peak memory of the largest process with those pages.
    lines : int
        How many it printed.
    killed : bool
        Whether it was killed before its end.
    """

    seconds: float
    cpu_seconds: float
    main_mb: int
    worker_mb: int
    resident_mb: int
    lines: int
    killed: bool

    def as_json(self) -> dict[str, Any]:
        """Return it for a result."""
        return asdict(self)


def watched(arguments: list[str], *, kill: Callable[[], bool] | None = None, cwd: Path | None = None) -> Watched:
    """Run ``facemotion ARGUMENTS`` to its end, or until `kill` says so.

    Parameters
    ----------
    arguments : list of str
        Of the command.
    kill : callable, optional
        Asked at each look; where it is true, the main process gets SIGKILL and its workers are waited for.
    cwd : Path, optional
        Where it runs.

    Raises
    ------
    SystemExit
        If the command fails by itself, or a worker outlives it.
    """
    own: dict[int, int] = {}
    resident: dict[int, int] = {}
    spent: dict[int, float] = {}
    killed = False
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        command = [sys.executable, "-c", SCRIPT, *arguments]
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True, cwd=cwd)
        while process.poll() is None:
            for pid in _session(process.pid):
                _look(pid, own, resident, spent)
            if kill is not None and not killed and kill():
                process.send_signal(signal.SIGKILL)
                killed = True
            time.sleep(EVERY)
        seconds = time.perf_counter() - start
        output.seek(0)
        text = output.read()
    if process.returncode and not killed:
        raise SystemExit(f"facemotion {' '.join(arguments)} failed:\n{text[-3000:]}")
    _await_workers(process.pid)
    main = own.pop(process.pid, 0) // 1024
    worker, largest = (max(each.values(), default=0) // 1024 for each in (own, resident))
    total = round(sum(spent.values()), 1)
    return Watched(round(seconds, 1), total, main, worker, largest, text.count("\n"), killed)


def _session(leader: int) -> list[int]:
    """Return the processes of a session."""
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                fields = Path(entry.path, "stat").read_text().rpartition(") ")[2].split()
            except OSError:  # it has ended
                continue
            if int(fields[3]) == leader and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def _look(pid: int, own: dict[int, int], resident: dict[int, int], spent: dict[int, float]) -> None:
    """Note a process's peaks of memory in kB, without and with pages of files, and its processor's seconds so far."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return
    found = {name: int(value) for name, value in re.findall(r"(\w+):\s+(\d+) kB", status)}
    if "VmHWM" in found:
        own[pid] = max(own.get(pid, 0), found["RssAnon"] + found["RssShmem"])
        resident[pid] = found["VmHWM"]
        spent[pid] = (int(fields[11]) + int(fields[12])) / _TICKS


def _await_workers(leader: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while _session(leader):
        if time.monotonic() > deadline:
            raise SystemExit("a worker outlived its main process")
        time.sleep(EVERY)
