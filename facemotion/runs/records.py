"""JSON files of a run, which may be anybody's: their size, depth and form are checked before they are used."""

import itertools
from pathlib import Path
from typing import Any

from facemotion.errors import WorkspaceError
from facemotion.workspace import read_json

__all__ = ["MOST_BYTES", "MOST_DEPTH", "is_number", "read_record"]

MOST_BYTES = 2**26
"""A record that is larger is not opened: ten thousand epochs do not take a tenth of it."""
MOST_DEPTH = 16
"""Lists and objects inside each other."""
_LARGEST = 2**53


def read_record(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises
    ------
    WorkspaceError
        If the file is missing, is too large, or holds anything else; the sentence names the file.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise WorkspaceError(f"cannot read {path}: {error.strerror}") from error
    if size > MOST_BYTES:
        message = f"{path} has {size / 2**20:.0f} MiB, which no such file of a run has; is it something else?"
        raise WorkspaceError(message)
    content = read_json(path)
    if not isinstance(content, dict):
        raise WorkspaceError(
            f"{path} holds no JSON object ({type(content).__name__}), which is expected there; train again"
        )
    if too_deep(content):
        raise WorkspaceError(f"{path} is nested more than {MOST_DEPTH} levels deep, which no such file of a run is")
    return content


def too_deep(content: Any) -> bool:
    """Tell whether JSON values lie more than `MOST_DEPTH` levels inside each other."""
    level = [content]
    for depth in itertools.count():
        level = [value for value in level if isinstance(value, (dict, list))]
        if not level or depth == MOST_DEPTH:
            return bool(level)
        level = list(itertools.chain.from_iterable(each.values() if isinstance(each, dict) else each for each in level))
    return False


def is_number(value: Any) -> bool:
    """Tell whether a JSON value is a number that arithmetic can use: finite, and no whole number without end."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -_LARGEST <= value <= _LARGEST
