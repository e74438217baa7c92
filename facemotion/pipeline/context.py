"""What a stage needs to know of the command that it is part of, and what the command has read already."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from facemotion.progress import Progress, silent
from facemotion.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from facemotion.ingestion.tree import Tree

__all__ = ["Context", "Memory", "Planned"]


class Planned(NamedTuple):
    """A stage that would be made: what it is about, its name, why, and the artefact."""

    title: str
    stage: str
    reason: str
    path: Path


@dataclass
class Memory:
    """What a command has found out, so that one walk over a tree and one reading of a manifest serve all its stages."""

    trees: dict[Path, "Tree"] = field(default_factory=dict)
    manifests: dict[Path, tuple[tuple[int, int], "pd.DataFrame", dict[str, Any]]] = field(default_factory=dict)
    replaced: dict[Path, list[str]] = field(default_factory=dict)
    """The aligned frames whose picture was replaced, by the alignment's folder."""
    begun: int = field(default_factory=time.time_ns)
    """When the command began, before it read anything; in nanoseconds."""
    current: set[tuple[str, Path]] = field(default_factory=set)
    """Stages that were found or made up to date, by name and artefact."""
    planned: "dict[tuple[str, Path], Planned]" = field(default_factory=dict)
    """With `Context.dry`, the stages that would be made, in order."""


@dataclass(frozen=True)
class Context:
    """What every stage needs to know of the command that it is part of.

    Attributes
    ----------
    workspace : Workspace
        Where artefacts live.
    workers : int
        Processes for rendering and alignment; the bytes do not depend on it.
    executor : str
        A module of `facemotion.execution`, which runs them.
    device : str
        Of `facemotion.landmarks.DEVICES`: what alignment locates faces on.
    force : bool
        Do the named stage again even if it is up to date.
    dry : bool
        Only find out what would be made and why; nothing is written.
    progress : Progress
        Shows long work.
    say : callable
        Takes a line of text for the user.
    follow_links : bool or None
        Follow links to files outside a dataset's root; None for as it was ingested last.
    memory : Memory
        What the command has found out.
    """

    workspace: Workspace
    workers: int = os.cpu_count() or 1
    executor: str = "local"
    device: str = "cpu"
    force: bool = False
    dry: bool = False
    progress: Progress = silent
    say: Callable[[str], None] = print
    follow_links: bool | None = None
    memory: Memory = field(default_factory=Memory, repr=False, compare=False)

    def needed(self) -> "Context":
        """Return the context for a stage that is needed, not named: without `force`."""
        return replace(self, force=False)

    def plan(self, title: str, stage: str, reason: str, path: Path) -> None:
        """With `dry`, take note that a stage would be made, and say so."""
        planned = Planned(title, stage, reason, path)
        if self.memory.planned.setdefault((stage, path), planned) is planned:
            self.say(f"would run {stage} on {title}, since {reason} ({path})")

    def tree(self, root: Path, read: "Callable[[Path], Tree]") -> "Tree":
        """Return the tree below a root; `read` walks over it, once a command."""
        place = Path(os.path.abspath(root))
        if place not in self.memory.trees:
            self.memory.trees[place] = read(root)
        return self.memory.trees[place]

    def manifest(self, path: Path) -> "tuple[pd.DataFrame, dict[str, Any]]":
        """Return a manifest and its header; read once a command, and again when it was written anew.

        Raises
        ------
        ManifestError
            If it is missing or breaks the schema.
        """
        from facemotion import manifest

        kept = self.memory.manifests.get(path)
        try:
            found = path.stat()
            stamp = found.st_mtime_ns, found.st_size
        except OSError:
            stamp = 0, 0  # reading it says what is wrong
        if kept is None or kept[0] != stamp:
            kept = (stamp, *manifest.read(path))
            self.memory.manifests[path] = kept
        return kept[1], kept[2]
