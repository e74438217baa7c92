"""Writes that fail: each call that opens a file for writing, makes, renames or removes one, once; and full disks.

A command runs in a process forked from this one, which has imported what it needs. An audit hook counts the calls below
the command's folder and, at the one that is due, raises what a full disk raises, or kills the process. What native
libraries write by themselves is limited by the system, as a file that may not grow beyond a size.
"""

import errno
import gc
import os
import random
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from fault_stages import PATIENCE, Case, Prepared, Stage, contents

__all__ = ["SIZES", "forked", "warm", "write_campaign"]

SIZES = (0, 200, 3000, 50_000)
"""Bytes beyond which no file grows, as on a full disk."""
_CHANGES = ("os.rename", "os.mkdir", "os.remove", "os.rmdir")
_CRASH = 70
"""Exit status of a command that ended in a traceback."""


def write_campaign(
    prepared: Prepared,
    *,
    kinds: Sequence[str] = ("fail", "kill", "full"),
    most: int = sys.maxsize,
    seed: int = 0,
    until: float = float("inf"),
) -> dict[str, object]:
    """Let each write call of each stage fail once, or be the last; return what was found.

    Of each kind and stage at most so many calls are disturbed, drawn by the seed.
    """
    warm()
    found: Counter[str] = Counter()
    examples: list[str] = []
    made = {stage.name: _calls(prepared, stage) for stage in prepared.stages if {"fail", "kill"} & set(kinds)}
    for kind in kinds:
        for stage in prepared.stages:
            number = len(SIZES) if kind == "full" else made[stage.name]
            found[f"write calls of {stage.name}"] = max(number, found[f"write calls of {stage.name}"])
            drawn = random.Random(f"{seed}.{kind}.{stage.name}").sample(range(number), min(number, most))
            for due in sorted(drawn):
                if time.monotonic() > until:
                    found["not done, as the time was up"] += 1
                    continue
                _one(prepared, stage, kind, due, found, examples)
    names = ("fail", "kill", "full", "differing reruns", "failed reruns", "tracebacks", "hangs")
    calls = {stage.name: found[f"write calls of {stage.name}"] for stage in prepared.stages}
    left = {"not done, as the time was up": found["not done, as the time was up"]}
    return {**{name: found[name] for name in names}, "write calls": calls, **left, "examples": examples[:10]}


def _one(prepared: Prepared, stage: Stage, kind: str, due: int, found: Counter[str], examples: list[str]) -> None:
    case = Case.of(prepared, stage, f"write-{kind}-{stage.name}-{due}")
    limit, command = (SIZES[due] if kind == "full" else None), stage.command(1)
    status, output = forked(case.folder, command, lambda: _prepare(case.folder, kind, due, limit))
    found[kind] += 1
    again, told = forked(case.folder, command)
    where = f"{stage.name}, {kind} {due}"
    for name, bad in (("tracebacks", _CRASH in (status, again)), ("hangs", -1 in (status, again))):
        found[name] += bad
        if bad:
            examples.append(f"{where}: {(output + told).partition('Traceback')[2][-900:]}")
    if again:
        found["failed reruns"] += 1
        examples.append(f"{where}: {told[-400:]}")
    now, expected = contents(case.folder), prepared.after(stage)
    if now != expected:
        found["differing reruns"] += 1
        differing = sorted(path for path in {*now, *expected} if now.get(path) != expected.get(path))
        examples.append(f"{where}: {', '.join(differing[:5])}")
    case.end()


def _calls(prepared: Prepared, stage: Stage) -> int:
    """Return how many write calls an undisturbed run makes."""
    case = Case.of(prepared, stage, f"count-{stage.name}")
    log = Path(f"{case.folder}.calls")
    forked(case.folder, stage.command(1), lambda: _prepare(case.folder, "count", -1, None, log))
    number = log.stat().st_size if log.exists() else 0
    log.unlink(missing_ok=True)
    case.end()
    return number


def warm() -> None:
    """Import what commands import, so that forked ones need not."""
    import onnxruntime  # noqa: F401
    import timm  # noqa: F401
    import torch.utils.tensorboard  # noqa: F401

    import facemotion_cli.root  # noqa: F401

    gc.collect()
    gc.freeze()  # what is imported is not gone through again in every process


def forked(folder: Path, arguments: Sequence[str], first: Callable[[], None] | None = None) -> tuple[int, str]:
    """Run a command in a forked process; return its exit status, 70 for a traceback, -1 for a hang, and its output."""
    out, into = os.pipe()  # not a file: those may be forbidden to grow
    process = os.fork()
    if process == 0:
        os.close(out)
        _command(folder, arguments, into, first)
    os.close(into)
    os.set_blocking(out, False)
    begun, said, done, status = time.monotonic(), b"", 0, 0
    while not done:
        done, status = os.waitpid(process, os.WNOHANG)
        with suppress(BlockingIOError):
            said += os.read(out, 2**16)
        if not done and time.monotonic() - begun > PATIENCE:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            os.close(out)
            return -1, "it hangs"
        time.sleep(0 if done else 0.01)
    with suppress(BlockingIOError):
        while part := os.read(out, 2**16):
            said += part
    os.close(out)
    output, code = said.decode(errors="replace"), os.waitstatus_to_exitcode(status)
    return (_CRASH if "Traceback" in output or code == -signal.SIGSEGV else code), output


def _command(folder: Path, arguments: Sequence[str], into: int, first: Callable[[], None] | None) -> None:
    """Be the command: never returns."""
    code = _CRASH
    try:
        os.dup2(into, 1)
        os.dup2(into, 2)
        sys.stdout, sys.stderr = (open(number, "w", closefd=False, buffering=1) for number in (1, 2))
        os.chdir(folder)
        from facemotion_cli.root import main

        if first is not None:
            first()
        main.main(list(arguments), prog_name="facemotion")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _prepare(folder: Path, kind: str, due: int, limit: int | None, log: Path | None = None) -> None:
    """Let a write call of this process fail or be its last, or limit the size of its files."""
    if limit is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        return
    seen = [0]
    counted = None if log is None else os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    within = str(folder.resolve())

    def hook(event: str, arguments: tuple) -> None:
        if event != "open" and event not in _CHANGES:
            return
        if event == "open" and not _writes(arguments[1], arguments[2]):
            return
        if not isinstance(arguments[0], (str, bytes, os.PathLike)):
            return
        path = os.path.abspath(os.fsdecode(arguments[0]))
        if not path.startswith(within):
            return
        number, seen[0] = seen[0], seen[0] + 1
        if counted is not None:
            os.write(counted, b".")
        elif number == due and kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif number == due:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), arguments[0])

    sys.addaudithook(hook)


def _writes(mode: object, flags: object) -> bool:
    if isinstance(mode, str):
        return any(mark in mode for mark in "wax+")
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
