"""What a check found, and the table of all findings."""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Finding", "as_text", "first_line"]


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
    width = max(len(finding.subject) for finding in findings)
    lines = [f"{'!' if each.problem else ' '} {each.subject:<{width}}  {each.value}" for each in findings]
    problems = [finding.problem for finding in findings if finding.problem]
    lines.append("")
    lines += [f"{number}. {problem}" for number, problem in enumerate(problems, 1)] or ["Nothing is wrong."]
    return "\n".join(lines)


def first_line(error: Exception) -> str:
    """Return what an error says in its first line, or else its name."""
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__
