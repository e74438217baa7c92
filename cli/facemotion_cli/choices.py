"""An option that takes one name of a list: help wraps between names, a misspelt one is answered with the near one."""

from collections.abc import Sequence
from typing import Any

import rich_click as click

from facemotion.names import near, printable

__all__ = ["Name", "listed"]


class Name(click.Choice):
    """One of some names; as `click.Choice`, but for the near name in its error and ``NAME`` in help.

    Parameters
    ----------
    names : sequence of str
        What can be given.
    """

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(list(names))

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return what stands in help where the name goes."""
        return param.human_readable_name.upper() if isinstance(param, click.Argument) else "NAME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the name, or say which ones there are and which is near."""
        if value in self.choices:
            return value
        known = [str(each) for each in self.choices]
        text = printable(str(value))
        self.fail(f"{text!r}{near(text, known)}: expected one of {', '.join(known)}", param, ctx)


def listed(names: Sequence[str]) -> str:
    """Return names as a help text lists them: ``a, b or c``."""
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
