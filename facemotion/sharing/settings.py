"""The settings of an ingest as a shared manifest keeps them: of files their digests, and mostly their names."""

from collections.abc import Mapping
from typing import Any

from facemotion import config, datasets, options
from facemotion.config import Settings
from facemotion.errors import ConfigError

__all__ = ["effective", "read_settings"]


def read_settings(dataset: str, kept: Mapping[str, Any], *, where: str) -> Settings:
    """Return the options of a dataset that a header keeps.

    Parameters
    ----------
    dataset : str
        A dataset's name.
    kept : mapping
        From the header of a shared manifest or of one's own. No text in it is taken for a path.
    where : str
        What to call the header in the message.

    Raises
    ------
    ConfigError
        If they are none of that dataset's in this version.
    """
    model = datasets.load(dataset).options
    files = options.files(model)
    return config.make(model, {name: _file(v) if name in files else v for name, v in kept.items()}, where=where)


def effective(dataset: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as they take effect, defaults included; as they are kept, if this version does not know them."""
    try:
        return dict(read_settings(dataset, kept, where=dataset))
    except ConfigError:
        return dict(kept)


def _file(value: Any) -> Any:
    """Return a file, or several, as name and digest, whichever way a header keeps it."""
    if isinstance(value, list):
        parts = [_file(part) for part in value]
        return parts[0] if len(parts) == 1 else parts
    return {"name": "FILE", "sha256": value} if isinstance(value, str) else value
