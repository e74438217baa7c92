"""What a verification finds: what is wrong where, and what to run again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from facemotion.errors import FacemotionError

__all__ = ["Finding", "Findings"]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes
    ----------
    where : str
        The selection, the alignment or the run.
    what : str
        What is wrong with it.
    again : str
        The command that mends it.
    """

    where: str
    what: str
    again: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; run `{self.again}`"


@dataclass
class Findings:
    """Collects what a verification finds.

    Attributes
    ----------
    wrong : list of Finding
        What does not hold.
    notes : list of str
        What could not be looked at, which is no fault of the workspace.
    seen : dict of str to int
        How many of each kind were looked at.
    """

    wrong: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong

    def add(self, where: object, what: str, again: str) -> None:
        """Tell that something is wrong; the same is told once."""
        finding = Finding(str(where), what, again)
        if finding not in self.wrong:
            self.wrong.append(finding)

    def look(self, kind: str) -> None:
        """Count something that is looked at."""
        self.seen[kind] = self.seen.get(kind, 0) + 1

    @contextmanager
    def told(self, where: object, again: str) -> Iterator[None]:
        """Turn an error into a finding; what follows it in the block is left out."""
        try:
            yield
        except FacemotionError as error:
            # a message says what is wrong, then what to do: here a command says that
            self.add(where, str(error).partition("; ")[0], again)
        except OSError as error:
            self.add(where, f"{error.filename or 'a file'} cannot be read: {error.strerror or error}", again)

    def as_text(self) -> str:
        """Return a line for each finding, the notes, and a summary."""
        kinds = ", ".join(f"{number} {kind}{'s' * (number != 1)}" for kind, number in self.seen.items())
        number = len(self.wrong)
        verdict = "nothing is wrong" if self.ok else f"{number} {'thing is' if number == 1 else 'things are'} wrong"
        lines = [*map(str, self.wrong), *(f"note: {text}" for text in self.notes)]
        return "\n".join([*lines, f"looked at {kinds or 'an empty workspace'}: {verdict}"])
