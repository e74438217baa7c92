"""What is known about a prior bank besides its arrays: the JSON string ``meta`` of the file, and its rules."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import metadata
from typing import Any, Literal

import numpy as np
import pydantic

import facemotion
from facemotion.expressions import EXPRESSIONS, NEUTRAL
from facemotion.synthetic import DEMO, Amount

__all__ = ["BANK_VERSION", "MOST_NESTED", "PriorMeta", "library_versions", "oddity", "shown"]

BANK_VERSION = 1
MOST_NESTED = 100
"""Levels of lists and records in one another; a bank merged from merged ones has four for each merge."""
_DATASETS = re.compile(r"[^\s+]+(\+[^\s+]+)*")
_installed = cache(metadata.version)
"""Reads a file for each answer; every bank asks."""


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that compute a bank."""
    return {"facemotion": facemotion.__version__, "numpy": np.__version__, "scipy": _installed("scipy")}


class PriorMeta(pydantic.BaseModel):
    """What is known about a bank besides its arrays: the JSON string ``meta``."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    schema_version: Literal[1] = BANK_VERSION
    classes: tuple[str, ...]
    """Canonical expressions, in the order of the second axis."""
    dataset: str
    """The dataset it was built from; several, joined by ``+``, in a merged bank."""
    alignment: str
    """The id of the alignment of its faces."""
    alignment_settings: dict[str, Any] = {}
    """The `facemotion.alignment.settings.AlignSettings` that the id stands for; empty where they are not known."""
    neutral: str
    """The neutral rule: ``subject`` or ``sequence``; ``unknown`` for imported masks."""
    phi: Literal["ranks", "histogram", "none"] = "ranks"
    """How masks follow from means; see `facemotion.priors.equalise.apply_phi`. Of no account where `masks_only`."""
    average: Literal["mean", "median"] = "mean"
    """What `PriorBank.mean` is over the pairs of a class."""
    difference: Literal["absolute", "relative"] = "absolute"
    """What is averaged; see `facemotion.priors.differences.differences`."""
    fold_scheme: str
    folds_digest: str
    manifest_digest: str
    left_out: tuple[tuple[str, ...], ...]
    """The subjects left out of each fold's masks: its test subjects."""
    unaligned: dict[str, int] = {}
    """Expressive frames that had no crop, by expression."""
    unpaired: dict[str, int] = {}
    """Expressive crops that had no neutral face, by expression."""
    masks_only: bool = False
    """True where only masks are known: means and counts are all 0 then."""
    versions: dict[str, str]
    origins: tuple[dict[str, Any], ...]
    """The chain of operations that made it, the oldest first: build, import, transfer, merge."""
    provenance: dict[str, Any] = {}
    """The header of the stage that wrote it."""
    content_digest: str = ""
    """SHA-256 of the arrays and of the rest of this record; filled in when saved."""

    @pydantic.field_validator("classes")
    @classmethod
    def _classes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [name for name in value if name not in (*EXPRESSIONS, NEUTRAL)]
        if wrong or not value or len(set(value)) != len(value):
            raise ValueError("classes must be distinct canonical expressions")
        return value

    @pydantic.field_validator("dataset")
    @classmethod
    def _dataset(cls, value: str) -> str:
        if not _DATASETS.fullmatch(value):
            raise ValueError("the dataset must be a name, or several joined by +")
        return value

    @pydantic.field_validator("left_out")
    @classmethod
    def _left_out(cls, value: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        subjects = [subject for fold in value for subject in fold]
        if len(set(subjects)) != len(subjects):
            raise ValueError("a subject is left out twice; each is tested in one fold")
        return value

    @pydantic.field_validator("origins")
    @classmethod
    def _origins(cls, value: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
        if not value or not all(isinstance(step.get("operation"), str) for step in value):
            raise ValueError("there must be at least one step, and each must name its operation")
        return value

    @property
    def sources(self) -> tuple[str, ...]:
        """The datasets whose faces are in it, sorted: training on one of them must go fold by fold."""
        return tuple(sorted(set(self.dataset.split("+"))))

    @property
    def synthetic(self) -> Amount:
        """How much of its faces was rendered, by the steps that built it; see `facemotion.synthetic`."""
        if self.provenance.get("synthetic"):  # where earlier versions kept it, as long as a bank was as it was built
            return Amount.ALL
        demo = {DEMO} & set(self.sources)
        found = Amount.of(bool(step.get("synthetic")) or step.get("dataset") in demo for step in _built(self.origins))
        return found or Amount.of(name in demo for name in self.sources)


def _built(origins: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the steps in which faces were averaged, also those of merged banks."""
    for step in origins:
        if not isinstance(step, Mapping):  # files come from other people
            continue
        if step.get("operation") in ("build", "import"):
            yield step
        banks = step.get("banks")
        for bank in banks if isinstance(banks, list | tuple) else ():
            behind = bank.get("origins") if isinstance(bank, Mapping) else None
            yield from _built(behind if isinstance(behind, list | tuple) else ())


def oddity(values: Any) -> str:
    """Return what is wrong with a record that came from a file, whatever its fields mean; empty if nothing is.

    Without it, what is nested deeper than Python recurses, a number that is not finite, or half a character would stop
    whoever writes or prints the record later.

    Parameters
    ----------
    values : object
        What ``json.loads`` gave.
    """
    layer, level = [values], 0
    while layer:
        if level > MOST_NESTED:
            return f"is nested more than {MOST_NESTED} levels deep"
        inner: list[Any] = []
        for value in layer:
            if isinstance(value, dict):
                inner += [*value.keys(), *value.values()]
            elif isinstance(value, list):
                inner += value
            elif isinstance(value, float) and not math.isfinite(value):
                return f"holds the number {value}, which is not finite"
            elif isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
                return f"holds the text {shown(value)}, which is not Unicode"
        layer, level = inner, level + 1
    return ""


def shown(text: str, *, most: int = 120) -> str:
    """Return text of a file as it may be printed: one line without control characters, and not without end."""
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text[:most])
    return safe + ("..." if len(text) > most else "")
