"""What a check found, and the table of all findings."""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Finding", "as_line", "as_text", "first_line", "problems"]

_WIDTH = 20
"""Of the subjects; a longer one moves its own value."""


@dataclass(frozen=True)
class Finding:
    """One line of the table.

    Attributes
    ----------
    subject : str
        What was looked at.
    value : str
        What was found.
    problem : str
        What is wrong and how to repair it; empty if nothing is.
    """

    subject: str
    value: str
    problem: str = ""


def as_text(findings: Sequence[Finding]) -> str:
    """Return the table, and below it the problems, numbered."""
    return "\n".join([*map(as_line, findings), "", problems(findings)])


def as_line(finding: Finding) -> str:
    """Return a line of the table, which can be printed before the others are known."""
    return f"{'!' if finding.problem else ' '} {finding.subject:<{_WIDTH}}  {finding.value}"


def problems(findings: Sequence[Finding]) -> str:
    """Return the problems, numbered, a line each."""
    found = [finding.problem for finding in findings if finding.problem]
    return "\n".join(f"{number}. {text}" for number, text in enumerate(found, 1)) or "Nothing is wrong."


def first_line(error: Exception) -> str:
    """Return what an error says in its first line, or else its name."""
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__
