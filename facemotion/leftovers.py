"""Half-written files: how they are called, and what is left of them by processes that were killed.

An artefact is written as ``.STEM.PROCESS.tmp.SUFFIX`` in its own folder and renamed. Whoever is killed meanwhile leaves
that file; nobody reads it, and whoever holds the folder next removes it.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

__all__ = ["leftovers", "remove", "sweep", "temporary_of"]

_NAME = re.compile(r"\.(?P<stem>.+)\.(?P<process>\d{1,9})\.tmp(?P<suffix>\.[^.]+)?", re.DOTALL)


def temporary_of(path: Path) -> Path:
    """Return the name beside `path` under which this process writes it."""
    return path.with_name(f".{path.stem}.{os.getpid()}.tmp{path.suffix}")


def leftovers(folder: Path, *, below: bool = False) -> Iterator[Path]:
    """Yield half-written files and folders whose process has ended, as far as this machine can tell.

    Parameters
    ----------
    folder : Path
        Where to look.
    below : bool
        Look in all folders below it too.
    """
    for path in sorted(folder.glob("**/.*.tmp*" if below else ".*.tmp*")):
        found = _NAME.fullmatch(path.name)
        if found and not _runs(int(found["process"])):
            yield path


def sweep(folder: Path, *, of: Path | None = None) -> None:
    """Remove what killed processes left half-written in a folder.

    Parameters
    ----------
    folder : Path
        A folder that the caller holds, not those below it: whatever is not this process's own is removed.
    of : Path, optional
        Remove only what is left of this artefact, and by processes that have ended: for a folder, such as the current
        one, that nobody holds.
    """
    with suppress(OSError):
        for path in list(folder.glob(".*.tmp*")):
            found = _NAME.fullmatch(path.name)
            if found is None or int(found["process"]) == os.getpid():
                continue
            own = of is not None and (found["stem"], found["suffix"] or "") == (of.stem, of.suffix)
            if of is None or (own and not _runs(int(found["process"]))):
                remove(path)


def remove(path: Path) -> None:
    """Remove a half-written file or folder if it is there and may be removed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(OSError):  # the folder itself is not writable: there is nothing of ours in it
        path.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    """Tell whether a process of this number is there, whoever owns it."""
    if os.name != "posix":
        return True  # asking would end it there
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
