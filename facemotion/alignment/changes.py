"""Pictures that were replaced after they were aligned: of the same size, they change nothing that a tree's digest sees.

Which files are newer than the last look is told by their times, whether they are others by their SHA-256, which the
shards hold (``faces.parquet`` is gone while a run is at work, and after it was killed). When was looked last is
remembered beside them, on this machine alone.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from facemotion.workspace import digest_bytes, digest_file, write_json

__all__ = ["looked", "note_look", "replaced"]

_FILE = ".pictures.json"
_COARSE = 2_000_000_000
"""Nanoseconds; FAT keeps even seconds."""


def looked(folder: Path, root: Path) -> int:
    """Return when the pictures below `root` were last looked at, in nanoseconds; 0 if that is not known."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        known = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        if known["root"] == _place(root):
            return int(known["looked"])
    return 0


def note_look(folder: Path, root: Path, when: int) -> None:
    """Remember when the pictures were looked at, in nanoseconds; a little earlier, for file systems of coarse times."""
    write_json(folder / _FILE, {"root": _place(root), "looked": when - _COARSE})


def replaced(made: Iterable[tuple[str, str]], newer: Mapping[str, str], root: Path) -> list[str]:
    """Return the aligned rows whose picture is another one now, by ``sample_id``.

    Parameters
    ----------
    made : iterable of (str, str)
        ``sample_id`` and the SHA-256 that each aligned row was made from; see `facemotion.alignment.shards.digests`.
    newer : mapping of str to str
        The sources that were changed since the last look, by ``sample_id``; the others are not read.
    root : Path
        The dataset's root.
    """
    digests: dict[str, str] = {}
    found = []
    for name, digest in made:
        if name not in newer:
            continue
        source = newer[name]
        if source not in digests:
            digests[source] = _digest(root / source)
        if digests[source] != digest:
            found.append(name)
    return found


def _digest(path: Path) -> str:
    try:
        return digest_file(path)
    except OSError:
        return "unreadable"


def _place(root: Path) -> str:
    """Return what stands for a root without naming it."""
    return digest_bytes(str(root.absolute()).encode("utf-8", "surrogateescape"))
