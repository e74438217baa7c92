"""Headers that say what made an artefact, and the one comparison that tells whether it is up to date.

A header holds JSON values only: schema version, facemotion version, stage, the stage's own version, settings, digests
of the inputs and seed. It never holds an absolute path or a time, so that the same work gives the same bytes. What
counts is its *identity*: a newer facemotion that makes the same artefact, by the stage's version, makes it again
neither as a whole nor in parts.
"""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import facemotion
from facemotion.config import Settings
from facemotion.errors import FacemotionError
from facemotion.workspace import digest_json, read_json

__all__ = ["SCHEMA_VERSION", "difference", "header_of", "key", "provenance"]

SCHEMA_VERSION = 1
_IDENTITY = ("schema_version", "stage", "version", "settings", "inputs")

Header = dict[str, Any]


def provenance(
    stage: str,
    *,
    settings: Settings | Mapping[str, Any],
    inputs: Mapping[str, str],
    seed: int | None = None,
    version: int = 1,
) -> Header:
    """Return the header that every artefact carries.

    Parameters
    ----------
    stage : str
        The stage that writes: ``ingest``, ``align``, ``folds``, ``priors``, ``train``, ...
    settings : Settings or mapping
        The settings of the stage, all of them, or the same as JSON values.
    inputs : mapping of str to str
        SHA-256 digests of what the stage read, by name.
    seed : int, optional
        The seed, where the stage draws random numbers.
    version : int
        Of the stage; it grows when the stage makes something else of the same settings and inputs.

    Returns
    -------
    dict
        JSON values only: no absolute path, no time.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "facemotion": facemotion.__version__,
        "stage": stage,
        "version": version,
        "settings": settings.as_json() if isinstance(settings, Settings) else dict(settings),
        "inputs": dict(sorted(inputs.items())),
        "seed": seed,
    }


def key(header: Mapping[str, Any], **part: Any) -> str:
    """Return the SHA-256 of a header's identity, and of what names a part of the work: a shard, a training."""
    return digest_json({**{name: header.get(name) for name in _IDENTITY}, **part})


def header_of(path: Path) -> Header:
    """Return the header of a parquet or JSON artefact; empty if there is none that can be read."""
    try:
        found = path.stat()
    except OSError:
        return {}
    return dict(_header(path, (found.st_ino, found.st_mtime_ns, found.st_size)))


@functools.lru_cache(maxsize=256)
def _header(path: Path, stamp: tuple[int, int, int]) -> Header:
    """Read a header once as long as its file is the same: a long table is read to its end to see that it is whole."""
    try:
        if path.suffix == ".parquet":
            from facemotion import tables

            found = tables.read_header(path)
        else:
            content = read_json(path)
            found = content.get("provenance") if isinstance(content, dict) else None
    except FacemotionError:
        return {}
    return found if isinstance(found, dict) else {}


def difference(found: Mapping[str, Any], wanted: Mapping[str, Any], model: type[Settings] | None = None) -> str:
    """Say why an artefact with header `found` is not what `wanted` would make; empty if it is.

    Parameters
    ----------
    found, wanted : mapping
        Headers; an empty one stands for no artefact.
    model : type, optional
        The settings' model. With it settings are compared as it reads them, so that a header of an older version,
        which lacks a field whose default has not changed, is the same.

    Returns
    -------
    str
        A reason such as ``its settings changed (fit)``.
    """
    if not found:
        return "it is not there"
    if found.get("stage") != wanted["stage"] or found.get("schema_version") != wanted["schema_version"]:
        return "it was written in another form"
    if found.get("version", 1) != wanted["version"]:
        return f"this version of facemotion makes {wanted['stage']} in another way"
    changed = _changed(_settings(found, model), _settings(wanted, model))
    if changed:
        return f"its settings changed ({', '.join(changed)})"
    inputs = _changed(found.get("inputs"), wanted["inputs"])
    return f"its inputs changed ({', '.join(inputs)})" if inputs else ""


def _settings(header: Mapping[str, Any], model: type[Settings] | None) -> Any:
    settings = header.get("settings")
    if model is None or not isinstance(settings, dict):
        return settings
    try:
        return dict(model.model_validate(settings))
    except ValueError:
        return settings


def _changed(one: Any, two: Any) -> list[str]:
    """Return the names under which two mappings differ; ``all`` where one is none."""
    if not isinstance(one, dict) or not isinstance(two, dict):
        return [] if one == two else ["all"]
    return sorted(name for name in {*one, *two} if one.get(name) != two.get(name))
