"""The datasets, one package each: a raw tree on disk -> a manifest.

The package ``oulu_casia`` is the dataset ``oulu-casia``; it exports one object, ``DATASET``, a
`facemotion.ingestion.dataset.Dataset`. Importing it is cheap: what reads a tree is imported when it is called. Adding a
dataset is adding a package; nothing outside it names it.
"""

import importlib
import pkgutil
from functools import cache

from facemotion.errors import ConfigError
from facemotion.ingestion.dataset import Dataset, Renderer
from facemotion.names import near

__all__ = ["layouts", "load", "names", "names_people", "with_neutral"]


@cache
def _found() -> tuple[str, ...]:
    return tuple(sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__) if module.ispkg))


def names() -> list[str]:
    """Return the names of all datasets, sorted."""
    return list(_found())


def with_neutral() -> list[str]:
    """Return the names of the datasets that have neutral frames, so that priors can be built from them."""
    return [name for name in names() if load(name).info.has_neutral]


def names_people(name: str | None) -> bool:
    """Tell whether a dataset says who is in its pictures; one that is not known here is taken to."""
    return name not in names() or load(str(name)).info.names_people


def load(name: str) -> Dataset:
    """Return a dataset.

    Raises
    ------
    ConfigError
        If there is none of that name.
    """
    if name not in names():
        raise ConfigError(f"unknown dataset {name!r}{near(name, names())}: expected one of {', '.join(names())}")
    return importlib.import_module(f"{__name__}.{name.replace('-', '_')}").DATASET


def layouts() -> dict[str, Renderer]:
    """Return what renders synthetic faces as a tree of a dataset, by the name of the layout."""
    return {layout: render for name in names() for layout, render in load(name).layouts.items()}
