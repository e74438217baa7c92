"""The settings of a landmark source, chosen by its name; light to import.

Each source has a settings model of its own, in its own file. Here is what they have in common, which of them a mapping
of values means, and how those of older artefacts are read.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Self

import pydantic

from facemotion import landmarks
from facemotion.config import Settings, make
from facemotion.errors import ConfigError

__all__ = ["DEFAULT", "FOR_CROPS", "ChosenSource", "LandmarkSettings", "landmark_settings"]

DEFAULT = "mtcnn"
"""The source where none is named: the paper's detector."""
FOR_CROPS = "given"
"""The source where none is named, for datasets that are crops already."""
OLDER = frozenset({"source", "min_face", "table", "model"})
"""The fields that all sources had in headers of facemotion 0.1; a file was its SHA-256 alone."""


class LandmarkSettings(Settings):
    """What the settings of all landmark sources have in common.

    A source's model gives ``source`` the literal type and the default of its name, and adds fields of its own; their
    descriptions are attribute docstrings.
    """

    model_config = pydantic.ConfigDict(use_attribute_docstrings=True)

    source: str
    """A module of `facemotion.landmarks`."""

    @property
    def identity(self) -> str:
        """What the alignment id says about the source: its name, and the digest of a model that the user brings."""
        return self.source

    @property
    def wants_shipped(self) -> bool:
        """Whether the source reads the landmarks that the dataset ships."""
        return False

    @property
    def runs_a_network(self) -> bool:
        """Whether the source runs a network, which has a device."""
        return True

    def for_new_pictures(self) -> "LandmarkSettings":
        """Return the settings for pictures of which no table can tell; others take the place of a source that does."""
        return self

    def for_another_dataset(self) -> "LandmarkSettings":
        """Return the settings without what is about the pictures of one dataset, such as files of its landmarks."""
        return self

    def with_files(self, **files: Path | None) -> Self:
        """Return the settings with files that are given again, of which an artefact keeps name and digest alone.

        Parameters
        ----------
        **files : Path or None
            By field; None leaves a field as it is.

        Raises
        ------
        ConfigError
            If the source has no such setting, or a file is not the one that the settings name.
        """
        given = {name: path for name, path in files.items() if path is not None}
        _refuse_foreign(type(self), given)
        made = make(type(self), {**self.as_json(), **given}, where="landmarks")
        for name, path in given.items():
            if getattr(self, name) not in (None, getattr(made, name)):
                option = f"--{name.replace('_', '-')}"
                raise ConfigError(f"{option} {path} is not the one that the settings name (another SHA-256)")
        return made

    @classmethod
    def file_field(cls, older: str) -> str | None:
        """Return the field that a file of an older header belongs to, None if the source has none of that name."""
        return older if older in cls.model_fields else None


def landmark_settings(values: Mapping[str, Any] | LandmarkSettings | None = None) -> LandmarkSettings:
    """Return the settings of the source that the values name or, where they name none, that has all of them.

    Parameters
    ----------
    values : mapping, LandmarkSettings or None
        Fields by name; settings are returned as they are. Several sources that have all fields give way to `DEFAULT`.

    Raises
    ------
    ConfigError
        If there is no such source, or it has no such setting.
    pydantic.ValidationError
        If a value is not allowed; `facemotion.config.make` turns it into a sentence.
    """
    if isinstance(values, LandmarkSettings):
        return values
    if not isinstance(values, Mapping | None):
        raise ConfigError(f"landmarks are given as a table of settings with the field source, not {values!r}")
    given = dict(values or {})
    given.setdefault("source", _owners(given)[0] if given else DEFAULT)
    model = landmarks.settings_model(given["source"])
    if set(given) == OLDER:
        given = _of_an_older_header(model, given)
    _refuse_foreign(model, given)
    return model.model_validate(given)


def _owners(names: Iterable[str]) -> list[str]:
    """Return the sources that have all of these settings, `DEFAULT` first; `DEFAULT` if none has."""
    ranked = sorted(landmarks.sources(), key=lambda source: source != DEFAULT)
    return [each for each in ranked if set(names) <= set(landmarks.settings_model(each).model_fields)] or [DEFAULT]


def _refuse_foreign(model: type[LandmarkSettings], names: Iterable[str]) -> None:
    for name in sorted(set(names) - set(model.model_fields)):
        source = model.model_fields["source"].default
        owners = [each for each in landmarks.sources() if name in landmarks.settings_model(each).model_fields]
        if owners:
            told = f"{' and '.join(owners)} {'has' if len(owners) == 1 else 'have'} it: use --landmarks {owners[0]}"
        else:
            told = f"it has {', '.join(field for field in model.model_fields if field != 'source') or 'none'}"
        raise ConfigError(f"the landmark source {source} has no setting {name!r}; {told}")


def _of_an_older_header(model: type[LandmarkSettings], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that the source has; of a file, the digest is known, and the name is not."""
    fields = {name: given[name] for name in ("source", "min_face") if name in model.model_fields}
    for name in ("table", "model"):
        field = model.file_field(name)
        if field is not None and given[name] is not None:
            fields[field] = {"name": name, "sha256": given[name]}
    return fields


ChosenSource = Annotated[pydantic.SerializeAsAny[LandmarkSettings], pydantic.BeforeValidator(landmark_settings)]
"""The type of a field that holds a landmark source's settings: values are read by the model of the source they name."""
