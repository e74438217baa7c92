"""Where a dataset's artefacts lie in a workspace: its selections, and the alignments of each.

The first selection of a dataset lies in ``WORK/DATASET`` and its first alignment in the same folder. A selection by
other options (another draw, another label space, another demo) lies beside it in ``WORK/DATASET/selections/NAME``, and
an alignment by other settings in ``alignments/NAME`` of its selection, with the same names of files inside: what was
made from one is never replaced by another.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self, TypeVar

from facemotion import options
from facemotion.config import Settings
from facemotion.errors import ConfigError
from facemotion.names import near
from facemotion.provenance import header_of
from facemotion.workspace import Workspace, digest_json

__all__ = ["Alignment", "Selection", "frames_of", "name_of", "named", "names_of", "place_for"]

_ODD = re.compile(r"[^A-Za-z0-9.]+")
_LONGEST = 48
"""Letters of a name before its digest."""

P = TypeVar("P", bound="Alignment | Selection")


@dataclass(frozen=True)
class Alignment:
    """One alignment of a selection.

    Attributes
    ----------
    selection : Selection
        What is aligned.
    name : str
        ``first``, or the name of its folder.
    """

    selection: "Selection"
    name: str = "first"

    def __str__(self) -> str:
        return str(self.selection) if self.name == "first" else f"{self.selection}, alignment {self.name}"

    @property
    def folder(self) -> Path:
        """Where ``faces.parquet``, ``aligned/``, ``crops/`` and the contact sheet lie."""
        folder = self.selection.folder
        return folder if self.name == "first" else folder / "alignments" / self.name

    @property
    def faces(self) -> Path:
        """The table of its faces."""
        return self.folder / "faces.parquet"

    @property
    def header(self) -> dict[str, Any]:
        """The header of its table; empty if there is none."""
        return header_of(self.faces)

    def beside(self) -> list[Self]:
        """Return the selection's alignments that are there, the first one first."""
        first = replace(self, name="first")
        found = [first, *(replace(self, name=name) for name in _names(self.selection.folder / "alignments"))]
        return [each for each in found if each.faces.is_file()]


@dataclass(frozen=True)
class Selection:
    """One selection of a dataset's frames.

    Attributes
    ----------
    workspace : Workspace
        Where it lies.
    dataset : str
        The dataset's name.
    name : str
        ``first``, or the name of its folder.
    """

    workspace: Workspace
    dataset: str
    name: str = "first"

    def __str__(self) -> str:
        return self.dataset if self.name == "first" else f"{self.dataset}, selection {self.name}"

    @property
    def folder(self) -> Path:
        """Where ``manifest.parquet``, ``ingest.json`` and ``folds.json`` lie."""
        folder = self.workspace.dataset(self.dataset)
        return folder if self.name == "first" else folder / "selections" / self.name

    @property
    def manifest(self) -> Path:
        """The table of its frames."""
        return self.folder / "manifest.parquet"

    @property
    def folds(self) -> Path:
        """Who is tested in which fold."""
        return self.folder / "folds.json"

    @property
    def header(self) -> dict[str, Any]:
        """The header of its manifest; empty if there is none."""
        return header_of(self.manifest)

    def beside(self) -> list[Self]:
        """Return the dataset's selections that are there, the first one first."""
        first = replace(self, name="first")
        found = [first, *(replace(self, name=name) for name in _names(first.folder / "selections"))]
        return [each for each in found if each.manifest.is_file()]

    def alignments(self) -> list[Alignment]:
        """Return its alignments that are there, the first one first."""
        return Alignment(self).beside()


def frames_of(selection: Selection) -> Path:
    """Return the folder in which a demo's frames are rendered."""
    return selection.folder / "frames"


def place_for(first: P, settings: Settings, *, ignore: Sequence[str] = ()) -> P:
    """Return the place that settings belong to: the one made by them, else the first if it is free, else a new one.

    Parameters
    ----------
    first : Selection or Alignment
        The first place of its kind, whether or not anything is there.
    settings : Settings
        What is wanted, of the model that the headers there hold.
    ignore : sequence of str
        Fields that make no other place, such as how work is cut.
    """
    found = [place for place in first.beside() if place.header]
    for place in found:
        if _without(place.header.get("settings"), type(settings), ignore) == _without(settings, type(settings), ignore):
            return place
    return replace(first, name=name_of(settings, ignore=ignore)) if first in found else first


def _without(settings: Any, model: type[Settings], ignore: Sequence[str]) -> Settings | None:
    """Read settings and put the defaults in place of what is ignored; None if they cannot be read."""
    try:
        read = model.model_validate(settings if isinstance(settings, dict) else dict(settings or {}))
    except ValueError:
        return None
    return read.model_copy(update={name: model.model_fields[name].get_default() for name in ignore})


def name_of(settings: Settings, *, ignore: Sequence[str] = ()) -> str:
    """Return a folder's name for settings: what differs from the defaults, and a digest.

    Examples
    --------
    >>> from facemotion.config import FoldSettings
    >>> name_of(FoldSettings(folds=5))
    'folds-5-33ae7b'
    """
    values = {name: value for name, value in settings.as_json().items() if name not in ignore}
    words = [f"{name}-{_word(values[name])}" for name in options.changed(settings) if name in values]
    text = _ODD.sub("-", "-".join(words)).strip("-.").lower()[:_LONGEST].rstrip("-.")
    return "-".join(filter(None, (text, digest_json(values)[:6])))


def _word(value: Any) -> str:
    if isinstance(value, dict):
        return "-".join(str(part) for part in value.values() if part is not None)
    return "x".join(map(str, value)) if isinstance(value, list) else str(value)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def named(first: P, name: str) -> P:
    """Return the place of a name beside the first one.

    Raises
    ------
    ConfigError
        If there is none.
    """
    found = first.beside()
    for place in (first, *found):
        if place.name == name:
            return place
    kind = type(first).__name__.lower()
    known = ", ".join(place.name for place in found) or "none yet"
    raise ConfigError(
        f"{first} has no {kind} called {name!r}{near(name, [place.name for place in found])}; there are {known}"
    )


def names_of(selection: Path, alignment: Path) -> tuple[str, str]:
    """Return the names of a selection and of one of its alignments by their folders.

    Examples
    --------
    >>> names_of(Path("work/demo"), Path("work/demo/alignments/fit-eyes-nose-1db816"))
    ('first', 'fit-eyes-nose-1db816')
    """
    names = (selection, "selections"), (alignment, "alignments")
    return tuple(folder.name if folder.parent.name == above else "first" for folder, above in names)  # type: ignore[return-value]
