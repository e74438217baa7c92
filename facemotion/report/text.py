"""Values as a report writes them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from facemotion.evaluation import statistics

__all__ = ["between", "flatten", "interval", "percent", "points", "printable"]


_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters other than tab and line breaks, and the halves of pairs that stand for bytes of names."""


def percent(value: float | None, digits: int = 1) -> str:
    """Return a share as per cent; a dash for None."""
    return "–" if value is None else f"{100 * value:.{digits}f} %"


def interval(pair: Sequence[float] | None) -> str:
    """Return an interval of shares in per cent; nothing for None."""
    return "" if pair is None else f"{100 * pair[0]:.1f} to {100 * pair[1]:.1f}"


def points(share: float) -> str:
    """Return a difference of shares in points, with its sign: +1.1 or −3.6."""
    return statistics.points(share).replace("-", "−")


def between(pair: Sequence[float] | None) -> str:
    """Return an interval of differences in points, with signs; nothing for None."""
    return "" if pair is None else f"{points(pair[0])} to {points(pair[1])}"


def printable(value: Any) -> Any:
    """Return text without what no page can hold: control characters and bytes that are no letters, as escapes.

    Names of files may have them; anything but such text is returned as it is.
    """
    if not isinstance(value, str) or not _UNPRINTABLE.search(value):
        return value
    return _UNPRINTABLE.sub(lambda found: f"\\x{ord(found[0]) & 0xFF:02x}", str(value))


def flatten(value: Any, prefix: str = "") -> list[tuple[str, str]]:
    """Return nested settings as (dotted name, text) rows; of an absolute path only the last part is shown.

    Of SHA-256 digests the first 16 digits are.
    """
    if isinstance(value, Mapping):
        return [
            row for name, part in value.items() for row in flatten(part, f"{prefix}.{name}" if prefix else str(name))
        ]
    if isinstance(value, (list, tuple)):
        if any(isinstance(part, (Mapping, list, tuple)) for part in value):
            return [row for index, part in enumerate(value) for row in flatten(part, f"{prefix}.{index}")]
        shown = ", ".join(_plain(part) for part in value[:16])
        return [(prefix, shown + (f" and {len(value) - 16} more" if len(value) > 16 else ""))]
    return [(prefix, _plain(value))]


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value)
    if re.fullmatch(r"[0-9a-f]{64}", text):
        return text[:16]
    if re.match(r"(/|~|[A-Za-z]:[\\/])", text):
        text = re.split(r"[\\/]", text.rstrip("\\/"))[-1]
    return text
