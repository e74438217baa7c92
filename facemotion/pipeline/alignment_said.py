"""What ``align`` says of what it made: how pictures were read, and which frames failed."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from facemotion import tables
from facemotion.errors import Status
from facemotion.names import printable
from facemotion.pipeline.context import Context

__all__ = ["say_depth", "say_failures"]


def say_depth(context: Context, header: Mapping[str, Any]) -> None:
    """Say of how many bits the 16-bit pictures were read, where they are not what they seem."""
    from facemotion.media import Depth

    note = Depth(**header["depth"]).note if header.get("depth") else ""
    if note:
        context.say(f"  {note}")


def say_failures(context: Context, path: Path, *, most: int = 3) -> None:
    """Say how many faces have each status, and why of the first few."""
    numbers, first = Counter[str](), defaultdict[str, list[str]](list)
    for name, status, message in tables.in_rows(path, ["sample_id", "status", "message"]):
        if status != Status.OK:
            numbers[status] += 1
            if numbers[status] <= most:
                first[status].append(f"{printable(name)}: {message or status}")
    for status, number in sorted(numbers.items()):
        context.say(f"  {status}: {number}")
        for line in first[status]:
            context.say(f"    {line}")
    context.say(f"  every reason is in the column message of {path}")
