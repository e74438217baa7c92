"""Pictures that were replaced after they were aligned: of the same size, they change nothing that a tree's digest sees.

Which files are newer than the last look is told by their times, whether they are others by their SHA-256, which
``faces.parquet`` holds. When was looked last is remembered beside it, on this machine alone.
"""

import json
import time
from collections.abc import Mapping, Set
from contextlib import suppress
from pathlib import Path

import pandas as pd

from facemotion.workspace import digest_file, write_json

__all__ = ["looked", "note_look", "now", "replaced"]

_FILE = ".pictures.json"


def looked(folder: Path, root: Path) -> int:
    """Return when the pictures below `root` were last looked at, in nanoseconds; 0 if that is not known."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        known = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        if known["root"] == str(root.absolute()):
            return int(known["looked"])
    return 0


def note_look(folder: Path, root: Path, when: int) -> None:
    """Remember when the pictures were looked at."""
    write_json(folder / _FILE, {"root": str(root.absolute()), "looked": when})


def replaced(faces: pd.DataFrame, sources: Mapping[str, str], newer: Set[str], root: Path) -> list[str]:
    """Return the aligned rows whose picture is another one now, by ``sample_id``.

    Parameters
    ----------
    faces : pandas.DataFrame
        ``faces.parquet``.
    sources : mapping of str to str
        The source of each ``sample_id``.
    newer : set of str
        The files that were changed since the last look; the others are not read.
    root : Path
        The dataset's root.
    """
    digests: dict[str, str] = {}
    found = []
    good = faces[faces["status"] == "ok"]
    for name, digest in zip(good["sample_id"], good["sha256"], strict=True):
        source = sources.get(name, "")
        if source not in newer:
            continue
        if source not in digests:
            digests[source] = _digest(root / source)
        if digests[source] != digest:
            found.append(name)
    return found


def now() -> int:
    """Return the present in nanoseconds, less what two files can share in a coarse file system."""
    return time.time_ns() - 2_000_000_000


def _digest(path: Path) -> str:
    try:
        return digest_file(path)
    except OSError:
        return "unreadable"
