"""The terminal, or what output is piped into: names and messages of others never steer it, and never make it fail."""

import io
import sys

import click

from facemotion.names import printable

__all__ = ["prepare", "say"]


def say(text: str = "") -> None:
    """Print a text, which may have several lines; whatever in it would steer a terminal is escaped."""
    click.echo(printable(text, keep="\n\t"))


def prepare() -> None:
    """Let output of another encoding than UTF-8 escape the letters that it lacks, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
