"""What a stage needs to know of its run, and how it tells whether an artefact is up to date.

Each stage first brings the stages before it up to date, then compares the provenance header of its artefact with the
one that it would write now. A stage that the user named runs with the settings given; a stage that is only needed
keeps the settings that its artefact was made with.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from facemotion import tables
from facemotion.errors import FacemotionError
from facemotion.progress import Progress, silent
from facemotion.workspace import Workspace, read_json

__all__ = ["Context", "current", "header_of"]


@dataclass(frozen=True)
class Context:
    """What every stage needs to know of the run that it is part of.

    Attributes
    ----------
    workspace : Workspace
        Where artefacts live.
    workers : int
        Processes for rendering and alignment; the bytes do not depend on it.
    force : bool
        Do the named stage again even if it is up to date.
    progress : Progress
        Shows long work.
    say : callable
        Takes a line of text for the user.
    """

    workspace: Workspace
    workers: int = os.cpu_count() or 1
    force: bool = False
    progress: Progress = silent
    say: Callable[[str], None] = print

    def needed(self) -> "Context":
        """Return the context for a stage that is needed, not named: without `force`."""
        return replace(self, force=False)


def current(found: Mapping[str, Any], wanted: Mapping[str, Any], *, named: bool) -> bool:
    """Tell whether an artefact with header `found` is what `wanted` would make; settings count if named."""
    keys = ("schema_version", "stage", "inputs", *(("settings", "seed") if named else ()))
    return all(found.get(key) == wanted.get(key) for key in keys)


def header_of(path: Path) -> dict[str, Any]:
    """Return the header of a parquet or JSON artefact; empty if there is none that can be read."""
    try:
        if path.suffix == ".parquet":
            return tables.read_header(path)
        return read_json(path).get("provenance", {})
    except FacemotionError:
        return {}
