"""The result of ingesting a dataset: the manifest, the layout found, and the findings."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from facemotion.ingestion.findings import Check, Exclusion, Findings

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Ingest"]


@dataclass(frozen=True)
class Ingest:
    """What is selected of a dataset.

    Attributes
    ----------
    batches : iterable of pandas.DataFrame
        The selected frames in canonical form (see `facemotion.manifest.validate`), in parts that follow each other
        by ``sample_id``; it can be gone through several times. Most datasets have a single part.
    layout : str
        Which form of the dataset was recognised, in words.
    classes : tuple of str
        The class order.
    findings : Findings
        What was left out, what is odd, and how counts and digests compare with the published ones.
    """

    batches: "Iterable[pd.DataFrame]"
    layout: str
    classes: tuple[str, ...]
    findings: Findings = field(default_factory=Findings)

    @property
    def exclusions(self) -> list[Exclusion]:
        """What was left out; see `Findings`."""
        return self.findings.exclusions

    @property
    def notes(self) -> list[str]:
        """What is odd; see `Findings`."""
        return self.findings.notes

    @property
    def checks(self) -> list[Check]:
        """How counts compare; see `Findings`."""
        return self.findings.checks

    @cached_property
    def manifest(self) -> "pd.DataFrame":
        """All selected frames in one table."""
        import pandas as pd

        first, *others = self.batches
        return pd.concat([first, *others], ignore_index=True) if others else first
