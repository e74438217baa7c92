"""What commands print: lines for people, or with ``--json`` one object an event, in any terminal or pipe.

Names and messages of others never steer a terminal, and never make output fail. The events are ``said`` (a line),
``note``, ``progress``, ``error``, and at the end ``done`` with paths and figures; of a dry run, with what is planned.
"""

import io
import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from facemotion.names import printable

__all__ = ["as_events", "done", "emit", "end_events", "note", "prepare", "say", "shell_line", "switch_to_events"]

_EVENTS = "facemotion.events"
_DONE = "facemotion.done"


def switch_to_events(context: click.Context) -> None:
    """Let everything that is printed from now on be events."""
    context.meta[_EVENTS] = True


def as_events() -> bool:
    """Whether the command that runs prints events."""
    context = click.get_current_context(silent=True)
    return context is not None and _EVENTS in context.meta


def emit(event: str, **fields: Any) -> None:
    """Print an event as one line of JSON."""
    click.echo(json.dumps({"event": event, **fields}, ensure_ascii=True, allow_nan=False, default=_plain))


def _plain(value: Any) -> Any:
    """Return a path as text, and numpy's numbers as Python's."""
    return value.item() if hasattr(value, "item") else str(value)


def say(text: str = "") -> None:
    """Print a text, which may have several lines; whatever in it would steer a terminal is escaped."""
    if as_events():
        emit("said", text=text)
    else:
        click.echo(printable(text, keep="\n\t"))


def note(text: str) -> None:
    """Print a remark about how the command was given, beside the results."""
    if as_events():
        emit("note", text=text)
    else:
        click.echo(printable(f"note: {text}", keep="\n\t"), err=True)


def done(
    *, paths: Mapping[str, Path | str | None], figures: Mapping[str, Any] | None = None, then: Sequence[str] = ()
) -> None:
    """End a command: say what it wrote and what to do next.

    Parameters
    ----------
    paths : mapping
        What the command wrote, by what it is. Those that are None are left out.
    figures : mapping, optional
        What came out, as JSON values.
    then : sequence of str
        What can be done next: commands, each with its reason after two blanks.
    """
    found = {name: str(path) for name, path in paths.items() if path is not None}
    if as_events():
        context = click.get_current_context()
        context.meta[_DONE] = True
        command = context.command_path.partition(" ")[2]
        emit("done", command=command, paths=found, figures=dict(figures or {}), next=list(then))
        return
    for number, line in enumerate(then):
        say(f"{'next:' if number == 0 else '     '} {line}")


def end_events(command: str) -> None:
    """End the events of a command that did not end them itself."""
    context = click.get_current_context()
    if as_events() and _DONE not in context.meta:
        emit("done", command=command, paths={}, figures={}, next=[])


def shell_line(*words: object) -> str:
    """Return a command as it is typed, in the workspace of this one; what the shell would take apart is quoted."""
    context = click.get_current_context(silent=True)
    work = None if context is None or words[0] == "priors" else context.params.get("work")
    return shlex.join(["facemotion", *map(str, words), *(["--work", str(work)] if work else [])])


def prepare() -> None:
    """Let output of another encoding than UTF-8 escape the letters that it lacks, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
