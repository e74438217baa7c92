"""The datasets, one file each: a raw tree on disk -> a manifest.

A dataset is a module of this package with ``INFO`` (a `facemotion.ingestion.result.DatasetInfo`) and
``ingest(root, options)``; its name is the module's, with ``-`` for ``_``. Adding a dataset is adding a file.
"""

import importlib
import pkgutil

from facemotion.errors import ConfigError
from facemotion.ingestion.result import IngestModule

__all__ = ["load", "names"]


def names() -> list[str]:
    """Return the names of all datasets, sorted."""
    return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__))


def load(name: str) -> IngestModule:
    """Import a dataset's module.

    Raises
    ------
    ConfigError
        If there is no dataset of that name.
    """
    if name not in names():
        raise ConfigError(f"unknown dataset {name!r}: expected one of {', '.join(names())}")
    return importlib.import_module(f"{__name__}.{name.replace('-', '_')}")  # type: ignore[return-value]
