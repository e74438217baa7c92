"""A dataset as the rest of the house sees it: what it is, what can be chosen of it, and how a copy on disk is read."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from facemotion.config import Settings, make
from facemotion.expressions import LABEL_SPACES
from facemotion.ingestion.facts import Facts
from facemotion.ingestion.tree import Tree, TreeFile, no_content
from facemotion.progress import Progress, silent

if TYPE_CHECKING:
    import pandas as pd

    from facemotion.config import DemoSettings
    from facemotion.ingestion.result import Ingest

__all__ = ["Dataset", "DatasetInfo", "Ingesting", "Landmarks", "Renderer", "deferred"]


@dataclass(frozen=True)
class DatasetInfo:
    """What is known about a dataset apart from any copy of it.

    Attributes
    ----------
    name, title : str
        Our name (``ckplus``) and the full one.
    label_space : str
        The name of its classes in `facemotion.expressions.LABEL_SPACES`.
    licence : str
        Terms in one sentence.
    access : str
        Where and how to ask for it.
    has_neutral : bool
        Whether neutral frames are selected, so that priors can be built from it.
    neutral : str
        The neutral rule by which priors are built from it unless another is asked for; see
        `facemotion.config.PriorSettings`.
    names_people : bool
        Whether it says who is in a picture; if not, pictures, or faces of one picture, stand for people.
    sequences, images : mapping of str to int
        Published counts per class; empty where none are published.
    digests : mapping of str to str
        SHA-256 of published lists, by what is listed (one item a line, sorted, newline at the end).
    """

    name: str
    title: str
    label_space: str
    licence: str
    access: str
    has_neutral: bool = True
    neutral: str = "subject"
    names_people: bool = True
    sequences: Mapping[str, int] = field(default_factory=dict)
    images: Mapping[str, int] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes in order."""
        return LABEL_SPACES[self.label_space]


class Ingesting(Protocol):
    """Selects the frames of a dataset."""

    def __call__(self, tree: Tree, options: Any, *, progress: Progress = silent) -> "Ingest":
        """Return what is selected of `tree` by `options`, an instance of the dataset's model.

        Raises
        ------
        ConfigError
            If an option is wrong for this tree.
        DataError
            If the tree is not that dataset.
        """
        ...


class Landmarks(Protocol):
    """Reads the landmarks that a dataset ships."""

    def __call__(self, tree: Tree, table: "pd.DataFrame", *, progress: Progress = silent) -> "pd.DataFrame":
        """Return a table for the landmark source ``precomputed``, of the frames of the manifest `table`.

        Raises
        ------
        DataError
            If no selected frame has landmarks that can be read.
        """
        ...


class Renderer(Protocol):
    """Writes synthetic faces as a faithful tree of a dataset; see `facemotion.demo`."""

    def __call__(
        self,
        out: Path,
        settings: "DemoSettings",
        *,
        workers: int | None = None,
        executor: str = "local",
        clean: bool = False,
        progress: Progress = silent,
        dry: bool = False,
    ) -> None:
        """Write the tree `out`; `clean` leaves out the quirks that real copies have, `dry` only checks."""
        ...


def _never(options: Any) -> bool:
    return False


@dataclass(frozen=True)
class Dataset:
    """One dataset; each package of `facemotion.datasets` exports one as ``DATASET``.

    Attributes
    ----------
    info : DatasetInfo
        Name, terms, classes and published counts.
    ingest : callable
        See `Ingesting`. What it needs is imported when it is called.
    options : type
        The model of what can be chosen, each field with a description; it has no fields where there is no choice.
    is_content : callable
        Tells whether a file of the tree is read as labels, metadata, lists or landmarks, so that a tree is another one
        when its content changes. Pictures and videos are not: see `facemotion.ingestion.content`.
    landmarks : callable or None
        See `Landmarks`; None if the dataset ships none.
    layouts : mapping of str to callable
        How synthetic faces are rendered as a tree of it, by the name of the layout; see `Renderer`.
    crops : callable
        Tells of options whether the pictures that they select are crops already, without room for an alignment: then
        the landmark source is ``given`` unless another one is asked for.
    facts : Facts
        What is published beyond `info`, and what may be shared.
    """

    info: DatasetInfo
    ingest: Ingesting
    options: type[Settings] = Settings
    is_content: Callable[[TreeFile], bool] = no_content
    landmarks: Landmarks | None = None
    layouts: Mapping[str, Renderer] = field(default_factory=dict)
    crops: Callable[[Any], bool] = _never
    facts: Facts = field(default_factory=Facts)

    def tree(self, root: Path, *, memory: Path | None = None, follow_links: bool = False) -> Tree:
        """List a copy of the dataset; see `Tree.read`."""
        return Tree.read(root, self.info.title, is_content=self.is_content, memory=memory, follow_links=follow_links)

    def choose(self, values: Mapping[str, Any]) -> Settings:
        """Return the options that `values` give, which are fields of `options`.

        Raises
        ------
        ConfigError
            If a name is unknown or a value is not allowed.
        """
        return make(self.options, values, where=self.info.name)


def deferred(module: str, name: str, **fixed: Any) -> Callable[..., Any]:
    """Return a function that imports another one when it is called, so that naming a dataset costs nothing.

    Parameters
    ----------
    module, name : str
        The other function's module, such as ``facemotion.datasets.mmi.selection``, and its name there.
    **fixed
        Keyword arguments that it is always given.
    """

    def call(*args: Any, **kwargs: Any) -> Any:
        return getattr(importlib.import_module(module), name)(*args, **kwargs, **fixed)

    return call
