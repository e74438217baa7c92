"""The synthetic demo faces: rendered by `facemotion.demo` in CK+'s own layout and read by CK+'s own code."""

from dataclasses import replace
from typing import Any

from facemotion.config import Settings
from facemotion.datasets.ckplus.info import PEAK_FRAMES
from facemotion.datasets.ckplus.selection import select
from facemotion.datasets.demo.info import INFO
from facemotion.errors import DataError, WorkspaceError
from facemotion.ingestion import verify
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree
from facemotion.progress import Progress, silent
from facemotion.workspace import read_json

__all__ = ["ingest"]


def ingest(tree: Tree, options: Settings, *, progress: Progress = silent) -> Ingest:
    """Select the frames of a rendered tree exactly as for CK+.

    Parameters
    ----------
    tree : Tree
        A tree made by `facemotion.demo.render_ckplus`, with its ``demo.json``.
    options : Settings
        The demo has none.
    progress : Progress
        Shows the reading of labels.

    Raises
    ------
    DataError
        If it is not such a tree.
    """
    subjects = _subjects(tree)
    result = select(tree, dataset=INFO.name, progress=progress)
    rendered = replace(
        INFO,
        sequences=dict.fromkeys(INFO.classes, subjects),
        images=dict.fromkeys(INFO.classes, subjects * PEAK_FRAMES),
    )
    result.findings.check("subjects", int(result.manifest["subject"].nunique()), subjects)
    result.findings.add(checks=verify.count_checks(result.manifest, rendered))
    return replace(result, layout=f"synthetic faces in {result.layout}")


def _subjects(tree: Tree) -> int:
    """Return how many subjects a tree was rendered with, by its ``demo.json``."""
    content: Any = None
    if any(file.path == "demo.json" for file in tree.files):
        try:
            content = read_json(tree.root / "demo.json")
        except WorkspaceError:
            content = None
    settings = content.get("settings") if isinstance(content, dict) else None
    subjects = settings.get("subjects") if isinstance(settings, dict) else None
    if not isinstance(subjects, int):
        message = (
            f"{tree.root} is not a rendered demo: it has no demo.json that says how many subjects it shows; give a "
            "folder that `facemotion demo render` wrote, or name the dataset that it is with --dataset"
        )
        raise DataError(message)
    return subjects
