"""Landmark sources, one file each: a picture -> faces with five points.

A source is a module of this package, and its name is the module's. It has ``SETTINGS``, its settings model (derived
from `facemotion.landmarks.settings.LandmarkSettings`), and ``create(settings, *, shipped, device)``, which returns its
`facemotion.landmarks.faces.LandmarkSource`; where it has ``NOTICE``, its user is told that. Importing it is cheap: what
it runs on is imported by ``create``. Adding a source is adding a file; modules whose names begin with an underscore are
parts of a source.
"""

import functools
import importlib
import pkgutil
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from facemotion.config import FileSetting
from facemotion.errors import ConfigError
from facemotion.names import near

if TYPE_CHECKING:
    from facemotion.landmarks.faces import LandmarkSource
    from facemotion.landmarks.settings import LandmarkSettings

__all__ = ["DEVICES", "create", "implied", "notice", "settings_model", "shared", "sources"]

_OTHERS = ("faces", "settings")
DEVICES = ("cpu", "cuda")
"""Where the network of a source can run."""


def sources() -> list[str]:
    """Return the names of all landmark sources, sorted."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in names if not name.startswith("_") and name not in _OTHERS)


def settings_model(source: str) -> "type[LandmarkSettings]":
    """Return the settings model of a source.

    Raises
    ------
    ConfigError
        If there is no such source.
    """
    return _module(source).SETTINGS


def implied(given: Iterable[str]) -> dict[str, str]:
    """Return ``{"source": NAME}`` of the one source that settings are of, if they say which; else nothing.

    A table or a model pack says by itself whose landmarks are meant.
    """
    given = set(given)
    owners = [name for name in sources() if given and given <= set(settings_model(name).model_fields)]
    return {"source": owners[0]} if len(owners) == 1 else {}


def notice(source: str) -> str | None:
    """Return what a person must be told, once a run, who uses a source; None if there is nothing.

    Raises
    ------
    ConfigError
        If there is no such source.
    """
    return getattr(_module(source), "NOTICE", None)


def _module(source: str) -> Any:
    if source not in sources():
        raise ConfigError(
            f"unknown landmark source {source!r}{near(source, sources())}: expected one of {', '.join(sources())}"
        )
    return importlib.import_module(f"{__name__}.{source}")


def create(
    settings: "LandmarkSettings | None" = None, *, shipped: FileSetting | None = None, device: str = "cpu"
) -> "LandmarkSource":
    """Make the landmark source that the settings belong to.

    Parameters
    ----------
    settings : LandmarkSettings, optional
        See `facemotion.landmarks.settings.landmark_settings`; by default those of the default source.
    shipped : FileSetting, optional
        The table of the landmarks that the dataset ships, for settings whose ``wants_shipped`` is true.
    device : str
        Of `DEVICES`. On ``cuda`` the networks are tried once and compared with the CPU.

    Raises
    ------
    ConfigError
        If the source lacks something it needs, the device is unknown, or another one than the CPU is asked for and the
        source runs no network.
    EnvironmentProblem
        If a weight file or device is missing or broken.
    """
    from facemotion.landmarks.settings import landmark_settings

    chosen = landmark_settings(settings)
    if device not in DEVICES:
        raise ConfigError(f"unknown device {device!r}: expected {' or '.join(DEVICES)}")
    if device != "cpu" and not chosen.runs_a_network:
        message = f"the landmark source {chosen.source} runs no network, so that there is nothing to do on {device}"
        raise ConfigError(f"{message}: leave the device out")
    return _module(chosen.source).create(chosen, shipped=shipped, device=device)


def shared(
    settings: "LandmarkSettings", *, shipped: FileSetting | None = None, device: str = "cpu"
) -> "LandmarkSource":
    """Return the source that `create` makes, the same one for the same settings: networks take a while to load."""
    return _made(settings, shipped, device)  # type: ignore[arg-type]  # frozen models are hashable


_made = functools.lru_cache(maxsize=1)(
    lambda settings, shipped, device: create(settings, shipped=shipped, device=device)
)
