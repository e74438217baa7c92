"""What was found in a dataset beside its frames: what was left out, what is odd, and how counts compare."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

__all__ = ["Check", "Exclusion", "Findings", "grouped"]

_EACH = 1000
"""Exclusions of a kind that are listed each; more are one with their number."""


@dataclass(frozen=True, order=True)
class Exclusion:
    """One thing on disk that was left out: a relative path or an identifier, a reason code, and a sentence.

    Where it stands for many that were left out alike, it names the first, and `number` says how many they are.
    """

    item: str
    reason: str
    detail: str = ""
    number: int = 1


def grouped(exclusions: Iterable[Exclusion]) -> list[Exclusion]:
    """Return exclusions, sorted, of which those of one reason and in the same words are one if they are thousands."""
    kinds: dict[tuple[str, str], list[Exclusion]] = defaultdict(list)
    for each in sorted(exclusions):
        kinds[each.reason, each.detail].append(each)
    return sorted(
        each
        for alike in kinds.values()
        for each in (alike if len(alike) <= _EACH else [replace(alike[0], number=sum(one.number for one in alike))])
    )


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
class Findings:
    """Collects what is to be told of a dataset while it is read.

    Attributes
    ----------
    exclusions : list of Exclusion
        Everything left out, with its reason.
    notes : list of str
        Sentences about oddities that left nothing out, in the order in which they were found.
    checks : list of Check
        Counts and digests against the published ones.
    """

    exclusions: list[Exclusion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    def exclude(self, item: str, reason: str, detail: str = "") -> None:
        """Leave out `item`, a relative path or an identifier, for a reason code and in a sentence."""
        self.exclusions.append(Exclusion(item, reason, detail))

    def note(self, *sentences: str) -> None:
        """Tell something odd that left nothing out."""
        self.notes.extend(sentences)

    def check(self, name: str, found: int | str, expected: int | str | None) -> None:
        """Compare a count or a digest with the published one, None where nothing is published."""
        self.checks.append(Check(name, found, expected))

    def add(self, *, exclusions: Iterable[Exclusion] = (), notes: Iterable[str] = (), checks: Iterable[Check] = ()):
        """Add what a function returned as values."""
        self.exclusions.extend(exclusions)
        self.notes.extend(notes)
        self.checks.extend(checks)
