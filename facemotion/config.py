"""Settings of every stage as frozen pydantic models, and the user's ``facemotion.toml``.

A settings model is written whole into the provenance header of what its stage makes; a stage whose header holds the
same settings and input digests is up to date. Unknown names and values out of range are refused before any work.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

import pydantic

from facemotion.errors import ConfigError

__all__ = [
    "AlignSettings",
    "DemoSettings",
    "FoldSettings",
    "LandmarkSettings",
    "PriorSettings",
    "Settings",
    "configured_root",
    "make",
]


class Settings(pydantic.BaseModel):
    """Base of all settings: frozen, no unknown fields, finite numbers."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)

    def as_json(self) -> dict[str, Any]:
        """Return the settings as JSON values."""
        return self.model_dump(mode="json")


class DemoSettings(Settings):
    """What the synthetic faces are like."""

    subjects: int = pydantic.Field(default=24, ge=2, le=900)
    frames: int = pydantic.Field(default=4, ge=4, le=60)
    """Frames a sequence: the neutral one, then frames that rise to the peak, the last three near it."""
    size: tuple[int, int] = (245, 320)
    """(height, width) in pixels."""
    intensity: float = pydantic.Field(default=1.0, gt=0, le=1.5)
    """Strength of the expressions at their peak; 1 is full, 0.3 to 0.6 is weak."""
    seed: int = pydantic.Field(default=0, ge=0)
    glasses: float = pydantic.Field(default=0.0, ge=0, le=1)
    """Share of the subjects who wear glasses; see `facemotion.demo.glasses.wears`."""

    @pydantic.field_validator("size")
    @classmethod
    def _size(cls, value: tuple[int, int]) -> tuple[int, int]:
        if min(value) < 96 or max(value) > 2048:
            raise ValueError("height and width must lie between 96 and 2048 pixels")
        return value


class LandmarkSettings(Settings):
    """Which source gives the five points, and how it is set."""

    source: str = "mtcnn"
    """A module of `facemotion.landmarks`."""
    min_face: float = pydantic.Field(default=0.2, gt=0, le=1)
    """Smallest face looked for first, as a share of the picture's shorter side; later tries look for smaller ones."""
    table: str | None = None
    """For ``precomputed``: SHA-256 of the table, filled in when it is opened."""
    model: str | None = None
    """For ``insightface``: SHA-256 of the model pack's detector, filled in when it is opened."""


class AlignSettings(Settings):
    """How frames become aligned faces and crops."""

    landmarks: LandmarkSettings = LandmarkSettings()
    face_size: tuple[int, int] = (112, 96)
    """(height, width) of the aligned face; the paper's 96x112 is width x height."""
    crop_size: tuple[int, int] = (70, 70)
    """(height, width) of the crop with the nose at its centre."""
    crop_centre: Literal["nose", "template"] = "nose"
    """Centre the crop on the warped nose landmark (the paper) or on the template's nose."""
    fit: Literal["five-points", "eyes-nose"] = "five-points"
    """Points that the similarity is fitted on."""
    shard_size: int = pydantic.Field(default=256, ge=1)
    """Manifest rows a shard."""

    @pydantic.field_validator("face_size", "crop_size")
    @classmethod
    def _size(cls, value: tuple[int, int]) -> tuple[int, int]:
        if min(value) < 16 or max(value) > 512:
            raise ValueError("height and width must lie between 16 and 512 pixels")
        return value


class FoldSettings(Settings):
    """How subjects are dealt into folds."""

    scheme: Literal["fmpn", "round-robin", "stratified"] = "fmpn"
    folds: int = pydantic.Field(default=10, ge=2)
    seed: int = pydantic.Field(default=0, ge=0)
    """Used by ``stratified`` only."""


class PriorSettings(Settings):
    """How Eq. 1 of the paper is evaluated; the defaults are the paper's, see `docs/priors.md`."""

    neutral: Literal["subject", "sequence"] = "subject"
    """One neutral face per subject (the paper), or each sequence's own first frame."""
    phi: Literal["ranks", "histogram", "none"] = "ranks"
    """Post-processing: ranks of the float means; the authors' 8-bit histogram; none, only scaled to a maximum of 1."""
    average: Literal["mean", "median"] = "mean"
    """Over the pairs of a class: their mean (the paper), or their median pixel by pixel."""
    difference: Literal["absolute", "relative"] = "absolute"
    """Absolute difference of luma (the paper), or relative to the local contrast: robust to glasses, whose rims are
    sharp edges that hardly move; see `facemotion.priors.differences`."""


S = TypeVar("S", bound=pydantic.BaseModel)


def make(model: type[S], values: Mapping[str, Any], *, where: str = "settings") -> S:
    """Build a settings model; turn a validation error into one clear sentence.

    Parameters
    ----------
    model : type
        A subclass of `Settings`.
    values : mapping
        Field values; those that are None are left to the default.
    where : str
        What to call the source of the values in the message.

    Raises
    ------
    ConfigError
        If a name is unknown or a value is not allowed.
    """
    try:
        return model.model_validate({name: value for name, value in values.items() if value is not None})
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "value"
        if first["type"] == "extra_forbidden":
            known = f"known are {', '.join(model.model_fields)}" if model.model_fields else "there are none"
            raise ConfigError(f"{where}: unknown setting {name!r}; {known}") from None
        message = f"{where}: {name} = {first['input']!r} is not allowed: {first['msg']}"
        raise ConfigError(message) from None


def user_file(start: Path | None = None) -> Path:
    """Return the path of ``facemotion.toml`` in `start` or the current folder, whether or not it exists."""
    return (start or Path.cwd()) / "facemotion.toml"


def configured_root(dataset: str, given: Path | str | None = None) -> tuple[Path | None, str]:
    """Find a dataset's root: ``--root``, else ``$FACEMOTION_<NAME>_ROOT``, else ``[roots]`` in ``facemotion.toml``.

    In each, ``~`` is the home folder, and a relative path starts at the current folder, where ``facemotion.toml`` lies
    too. A variable that is empty counts as unset, as variables do elsewhere.

    Parameters
    ----------
    dataset : str
        A dataset name such as ``oulu-casia``.
    given : Path, optional
        What the user gave with ``--root``.

    Returns
    -------
    root : Path or None
        The folder, not checked for existence; None if nothing names one.
    source : str
        Where it came from, for messages.

    Raises
    ------
    ConfigError
        If ``facemotion.toml`` cannot be parsed or names a root that is no path, or a home folder is not known.
    """
    if given is not None:
        return _expanded(given, "--root"), "--root"
    variable = f"FACEMOTION_{dataset.upper().replace('-', '_')}_ROOT"
    value = os.environ.get(variable, "")
    if value.strip():
        return _expanded(value, f"${variable}"), f"${variable}"
    roots = _user_roots()
    where = f"[roots] in {user_file().name}"
    if dataset not in roots:
        _refuse_unknown(roots, where)
        return None, f"--root, ${variable} or [roots] in facemotion.toml"
    root = roots[dataset]
    if not isinstance(root, str) or not root.strip():
        raise ConfigError(
            f"{where}: {dataset} = {root!r} names no folder; write its path in quotes, such as "
            f"{dataset} = '/data/{dataset}', or remove the line"
        )
    return _expanded(root, where), where


def _expanded(path: Path | str, where: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise ConfigError(f"{where}: the home folder in {str(path)!r} is not known; write the path in full") from None


def _refuse_unknown(roots: Mapping[str, Any], where: str) -> None:
    """Refuse a root under a name that is no dataset's, such as ``oulu_casia``: it would never be used."""
    from facemotion import datasets

    unknown = sorted(set(roots) - set(datasets.names()))
    if unknown:
        known = ", ".join(datasets.names())
        raise ConfigError(
            f"{where} names {unknown[0]!r}, which is no dataset; rename it to one of {known}, or remove it"
        )


def _user_roots() -> dict[str, Any]:
    path = user_file()
    try:
        # Windows' editors put a byte order mark at the beginning
        roots = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("roots", {})
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        raise ConfigError(f"{path.name} cannot be read: it is not UTF-8; save it in that encoding") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{path.name} cannot be read: {error}; mend that (a path with backslashes goes in single quotes)"
        ) from error
    except OSError as error:  # its own text holds an absolute path
        raise ConfigError(f"{path.name} cannot be read: {error.strerror}; mend or remove it") from error
    if not isinstance(roots, dict):
        raise ConfigError(
            f"roots in {path.name} is {roots!r}, not a table; write a line [roots], and below it the folders"
        )
    return roots
