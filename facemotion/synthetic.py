"""Faces that were rendered: how a tree and an artefact say so, and the words that go with results about them.

The renderer marks its tree with ``demo.json``. What is made from it carries the mark on, so that it says so wherever it
is copied to: ``ingest.json``, the headers of faces, runs, figures and exports, and the origins of prior banks.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

from facemotion.errors import FacemotionError
from facemotion.workspace import Workspace, read_json

__all__ = [
    "DEMO",
    "NOTICE",
    "SYNTHETIC",
    "Amount",
    "is_synthetic",
    "is_synthetic_at",
    "is_synthetic_in",
    "marked",
    "marked_folders",
    "named",
    "was_rendered",
]

SYNTHETIC = "synthetic faces"
NOTICE = f"{SYNTHETIC}: accuracy on them says nothing about real faces, so no published figure stands beside it"
DEMO = "demo"
"""The dataset whose faces are always rendered."""
_FILE = "demo.json"
_KEY = "synthetic"


class Amount(StrEnum):
    """How much of what something was made from was rendered; as a truth value, whether any was."""

    NONE = ""
    PART = "in part"
    ALL = "all"

    @property
    def words(self) -> str:
        """What a result about it says; empty of real faces."""
        return {"": "", "in part": f"{SYNTHETIC} in part", "all": SYNTHETIC}[self.value]

    @classmethod
    def of(cls, kinds: Iterable[bool]) -> "Amount":
        """Return how much of several things was rendered, by whether each was."""
        found = set(kinds)
        return cls.NONE if True not in found else cls.PART if False in found else cls.ALL


def named(name: str, synthetic: "Amount | bool") -> str:
    """Return a name as results give it: ``ckplus (synthetic faces)``."""
    amount = synthetic if isinstance(synthetic, Amount) else Amount.of([synthetic])
    return f"{name} ({amount.words})" if amount else name


def marked(header: Mapping[str, Any], synthetic: bool) -> dict[str, Any]:
    """Return a header that says whether the faces were rendered; it is none of what makes an artefact another one."""
    return {**header, _KEY: synthetic}


def is_synthetic(dataset: str | None, record: Mapping[str, Any] | None) -> bool:
    """Tell whether the faces of a dataset were rendered, in whosever layout they lie.

    Parameters
    ----------
    dataset : str or None
        Its name; the demo's faces are always rendered.
    record : mapping or None
        A header of an artefact about it, or the content of its ``ingest.json``; None where none is at hand.
    """
    return dataset == DEMO or bool((record or {}).get(_KEY, False))


def is_synthetic_in(workspace: Workspace, dataset: str) -> bool:
    """Tell whether a workspace's faces of a dataset were rendered, by its first selection; False if it has none."""
    return is_synthetic_at(workspace.dataset(dataset), dataset)


def is_synthetic_at(folder: Path, dataset: str) -> bool:
    """Tell whether the faces of a dataset were rendered, by the folder that holds its ``ingest.json``, if it does."""
    try:
        found = read_json(folder / "ingest.json")
    except (FacemotionError, ValueError):
        found = None
    return is_synthetic(dataset, found if isinstance(found, Mapping) else None)


def marked_folders(root: Path, paths: Iterable[str]) -> list[str]:
    """Return the folders of a tree that the renderer wrote.

    Parameters
    ----------
    root : Path
        The tree's root.
    paths : iterable of str
        Its files: POSIX paths relative to the root.

    Returns
    -------
    list of str
        POSIX paths relative to the root; an empty one where the whole tree was rendered, also as a part of a larger
        one.
    """
    if was_rendered(root):
        return [""]
    found = [PurePosixPath(path).parent for path in paths if path.endswith(f"/{_FILE}")]
    return [str(folder) for folder in found if _is_mark(root / folder / _FILE)]


def was_rendered(path: Path) -> bool:
    """Tell whether a file or folder lies in a tree that the renderer wrote, or is one."""
    place = path.absolute()
    return any(_is_mark(folder / _FILE) for folder in (place, *place.parents))


def _is_mark(path: Path) -> bool:
    """Tell whether a file is the renderer's mark, and not a file of somebody else that has its name."""
    try:
        content = read_json(path)
    except (FacemotionError, ValueError, OSError):
        return False
    return isinstance(content, Mapping) and isinstance(content.get("settings"), Mapping) and "notice" in content
