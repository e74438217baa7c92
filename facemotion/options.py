"""How a field of a settings model is spelled as an option of the command line, so that messages and commands agree."""

import shlex
import typing
from collections.abc import Mapping
from typing import Any

from facemotion.config import FileSetting, Settings

__all__ = ["as_words", "changed", "extra", "files", "flag", "is_file"]


def extra(model: type[Settings], name: str) -> dict[str, Any]:
    """Return what a field says of its option: ``option``, its spelling, and ``metavar``, what its value is called."""
    found = model.model_fields[name].json_schema_extra
    return dict(found) if isinstance(found, Mapping) else {}


def flag(model: type[Settings], name: str) -> str:
    """Return the option that sets a field: ``--draw-seed``."""
    return str(extra(model, name).get("option") or f"--{name.replace('_', '-')}")


def is_file(value: object) -> bool:
    """Tell whether the value of a field is a file, or several."""
    parts = value if isinstance(value, tuple) and value else (value,)
    return all(isinstance(part, FileSetting) for part in parts)


def files(model: type[Settings]) -> list[str]:
    """Return the fields of a model that are files."""
    return [name for name, field in model.model_fields.items() if FileSetting in _types(field.annotation)]


def _types(annotation: Any) -> list[Any]:
    """Return the types that an annotation is put together from."""
    return [annotation, *(kind for part in typing.get_args(annotation) for kind in _types(part))]


def changed(settings: Settings) -> dict[str, Any]:
    """Return the fields that are not as they are by default, in the model's order."""
    default = {
        name: field.get_default(call_default_factory=True) for name, field in type(settings).model_fields.items()
    }
    return {name: value for name, value in settings if value != default[name]}


def as_words(settings: Settings) -> list[str]:
    """Return the options that make settings, as a shell takes them; ``FILE`` stands for a file."""
    return [" ".join([flag(type(settings), name), *_values(value)]) for name, value in changed(settings).items()]


def _values(value: object) -> list[str]:
    if is_file(value):
        return ["FILE"] * (len(value) if isinstance(value, tuple) else 1)
    if isinstance(value, bool):
        return []
    if isinstance(value, Mapping):
        value = ",".join(f"{key}={part}" for key, part in value.items())
    return [shlex.quote(str(part)) for part in (value if isinstance(value, tuple | list) else (value,))]
