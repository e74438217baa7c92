"""What ``align`` says of what it made: how pictures were read, and which frames failed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from facemotion import tables
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
    faces = tables.read_columns(path, ["sample_id", "status", "message"])
    for status, rows in faces[faces["status"] != "ok"].groupby("status", sort=True):
        context.say(f"  {status}: {len(rows)}")
        for name, message in rows[["sample_id", "message"]].head(most).itertuples(index=False):
            context.say(f"    {printable(name)}: {message or status}")
    context.say(f"  every reason is in the column message of {path}")
