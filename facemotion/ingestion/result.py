"""The result of ingesting a dataset: the manifest, the layout found, exclusions, notes and checks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import pandas as pd

from facemotion.expressions import LABEL_SPACES
from facemotion.ingestion.tree import Tree
from facemotion.progress import Progress, silent

__all__ = ["Check", "DatasetInfo", "Exclusion", "Ingest", "IngestModule"]


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
    sequences: Mapping[str, int] = field(default_factory=dict)
    images: Mapping[str, int] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes in order."""
        return LABEL_SPACES[self.label_space]


@dataclass(frozen=True, order=True)
class Exclusion:
    """One thing on disk that was left out: a relative path or an identifier, a reason code, and a sentence."""

    item: str
    reason: str
    detail: str = ""


@dataclass(frozen=True)
class Check:
    """A comparison with a published fact; `expected` None means that nothing is published."""

    name: str
    found: int | str
    expected: int | str | None

    @property
    def ok(self) -> bool | None:
        """Whether they agree; None where nothing is published."""
        return None if self.expected is None else self.found == self.expected


@dataclass(frozen=True)
class Ingest:
    """What a dataset module returns.

    Attributes
    ----------
    batches : iterable of pandas.DataFrame
        The selected frames in canonical form (see `facemotion.manifest.validate`), in parts that follow each other
        by ``sample_id``; it can be gone through several times. Most datasets have a single part.
    layout : str
        Which form of the dataset was recognised, in words.
    classes : tuple of str
        The class order used.
    exclusions : list of Exclusion
        Everything left out, with its reason.
    notes : list of str
        Sentences about oddities that left nothing out.
    checks : list of Check
        Counts and digests against the published ones.
    """

    batches: Iterable[pd.DataFrame]
    layout: str
    classes: tuple[str, ...]
    exclusions: list[Exclusion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    @cached_property
    def manifest(self) -> pd.DataFrame:
        """All selected frames in one table."""
        first, *others = self.batches
        return pd.concat([first, *others], ignore_index=True) if others else first


class IngestModule(Protocol):
    """A module of `facemotion.datasets`.

    It may also have ``FILE_OPTIONS``, the names of options that are files, and ``landmarks(tree, manifest, progress)``,
    which gives the landmarks that the dataset ships as a table for the source ``precomputed``.
    """

    INFO: DatasetInfo

    def ingest(self, tree: Tree, options: Mapping[str, Any], *, progress: Progress = silent) -> Ingest:
        """Select the frames of the dataset in `tree`; `options` are the dataset's own, `progress` shows long work."""
        ...
