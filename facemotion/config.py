"""Settings as frozen pydantic models, and the type of a setting that is a file.

A settings model is written whole into the provenance header of what its stage makes; a stage whose header holds the
same settings and input digests is up to date. Unknown names and values out of range are refused before any work.
"""

import re
import reprlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

import pydantic

from facemotion.errors import ConfigError
from facemotion.names import near
from facemotion.workspace import digest_file

__all__ = [
    "RENDERING",
    "DemoSettings",
    "FileSetting",
    "FoldSettings",
    "PriorSettings",
    "Settings",
    "make",
]


class Settings(pydantic.BaseModel):
    """Base of all settings: frozen, no unknown fields, finite numbers."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)

    def as_json(self) -> dict[str, Any]:
        """Return the settings as JSON values."""
        return self.model_dump(mode="json")


class FileSetting(Settings):
    """A setting that is a file: what counts is its content, not its name or where it lies.

    It is made from a path, and then has one; or from the name and digest that an artefact keeps, and then has none
    until the file is given again. Two are equal if their contents are.

    Attributes
    ----------
    name : str
        The file's name, without its folder.
    sha256 : str
        Digest of its content.
    path : Path or None
        Where it lies; never written to an artefact.
    """

    name: str
    sha256: str = pydantic.Field(pattern="^[0-9a-f]{64}$")
    path: Path | None = pydantic.Field(default=None, exclude=True, repr=False)

    @pydantic.model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if not isinstance(value, (str, Path)):
            return value
        path = Path(value).expanduser()
        if not path.is_file():
            raise ValueError(f"{path} is a folder; a file is needed" if path.is_dir() else f"{path} does not exist")
        try:
            return {"name": path.name, "sha256": digest_file(path), "path": path}
        except OSError as error:
            raise ValueError(f"{path} cannot be read: {error.strerror}") from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FileSetting) and self.sha256 == other.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)

    def opened(self, option: str) -> Path:
        """Return where the file lies.

        Parameters
        ----------
        option : str
            How it is given, such as ``--labels``, for the message.

        Raises
        ------
        ConfigError
            If only its name and digest are known, or it is no longer there.
        """
        if self.path is None:
            known = f"{self.name}, SHA-256 {self.sha256[:12]}..."
            raise ConfigError(f"the file given with {option} ({known}) is needed again: give it with {option}")
        if not self.path.is_file():
            raise ConfigError(f"{option}: {self.path} does not exist any more")
        return self.path


RENDERING = 2
"""Version of the renderer of synthetic faces: it grows when the same settings give other pixels."""


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


class FoldSettings(Settings):
    """How subjects are dealt into folds."""

    scheme: Literal["fmpn", "round-robin", "stratified"] = "fmpn"
    folds: int = pydantic.Field(default=10, ge=2)
    fewer: bool = True
    """Where there are fewer subjects than folds, deal as many folds as there are subjects; else that is an error."""
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
            like = near(name.rpartition(".")[2], model.model_fields)
            raise ConfigError(f"{where}: unknown setting {name!r}; {known}{like}") from None
        why = first["msg"].removeprefix("Value error, ")
        if first["type"] == "literal_error":
            why += near(str(first["input"]), re.findall(r"'([^']*)'", str(first.get("ctx", {}).get("expected", ""))))
        raise ConfigError(f"{where}: {name} = {_shown(first['input'])} is not allowed: {why}") from None


def _shown(value: Any) -> str:
    """Return a value as it is written, in a length that a person reads."""
    brief = reprlib.Repr()
    brief.maxstring = brief.maxother = 200
    try:
        return brief.repr(value)
    except ValueError:  # a number of thousands of digits is not written by Python
        return "a number of thousands of digits"
