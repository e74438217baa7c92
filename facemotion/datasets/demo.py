"""The synthetic demo faces: rendered by `facemotion.demo` in CK+'s own layout and read by CK+'s own code."""

from collections.abc import Mapping
from typing import Any

from facemotion.config import Settings, make
from facemotion.datasets import ckplus
from facemotion.errors import DataError, WorkspaceError
from facemotion.expressions import EXPRESSIONS
from facemotion.ingestion import verify
from facemotion.ingestion.result import Check, DatasetInfo, Ingest
from facemotion.ingestion.tree import Tree
from facemotion.progress import Progress, silent
from facemotion.workspace import read_json

__all__ = ["INFO", "ingest"]

INFO = DatasetInfo(
    name="demo",
    title="the synthetic demo faces",
    label_space="basic7",
    licence="Rendered from CC0 head data; the pictures are yours to use. They are not real faces.",
    access="Rendered on this machine by `facemotion demo`.",
)


def ingest(tree: Tree, options: Mapping[str, Any], *, progress: Progress = silent) -> Ingest:
    """Select the frames of a rendered tree exactly as for CK+.

    Parameters
    ----------
    tree : Tree
        A tree made by `facemotion.demo.render_ckplus`, with its ``demo.json``.
    options : mapping
        The demo has none.
    progress : Progress
        Shows the reading of labels.

    Raises
    ------
    DataError
        If it is not such a tree.
    """
    make(Settings, options, where=INFO.name)
    subjects = _subjects(tree)
    result = ckplus.select(tree, dataset=INFO.name, progress=progress)
    per_class = {name: subjects for name in EXPRESSIONS}
    rendered = DatasetInfo(
        **{
            **vars(INFO),
            "sequences": per_class,
            "images": {name: number * ckplus.PEAK_FRAMES for name, number in per_class.items()},
        }
    )
    return Ingest(
        batches=result.batches,
        layout=f"synthetic faces in {result.layout}",
        classes=INFO.classes,
        exclusions=result.exclusions,
        notes=result.notes,
        checks=[
            Check("subjects", int(result.manifest["subject"].nunique()), subjects),
            *verify.count_checks(result.manifest, rendered),
        ],
    )


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
