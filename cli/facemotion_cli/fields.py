"""Options of the command line that are made from the fields of settings models, each described where it is defined."""

import functools
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pydantic
import rich_click as click
from pydantic_core import PydanticUndefined

from facemotion import options
from facemotion.config import FileSetting, Settings
from facemotion.errors import ConfigError

__all__ = ["options_from"]

_PARTS = re.compile(r'\s*(?:"(?:[^"]|"")*"[^,]*|[^,\s][^,]*)')
"""What stands between commas that are in no quotes."""
_PAIR = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^"\s].*?))\s*=\s*([^=]*[^=\s])\s*')


class _Field(NamedTuple):
    """A field of a model: whose it is, its name, its type without None, and what is said of it."""

    owner: str
    name: str
    kind: Any
    metavar: str | None
    help: str


def options_from(
    models: Mapping[str, type[Settings]], into: str, *, leave_out: Sequence[str] = ()
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds an option for each field of settings models.

    Fields of several models with one spelling are one option, whose help says which of them it is for. A field can be a
    whole number, a float, a truth value, a text, a literal, a file (`FileSetting`), a tuple of files, or a mapping of
    texts, which is given as ``KEY=VALUE`` pairs. Its ``json_schema_extra`` can hold ``option``, another spelling than
    its name, and ``metavar``.

    Parameters
    ----------
    models : mapping of str to type
        The models, by what each is the settings of, such as a dataset's name.
    into : str
        The keyword argument that takes the values of the options that were given, by field; which of the models they
        are for is not looked at here.
    leave_out : sequence of str
        Fields that get no option.
    """
    fields: dict[str, list[_Field]] = {}
    for owner, model in models.items():
        for name, field in model.model_fields.items():
            if name in leave_out:
                continue
            fields.setdefault(options.flag(model, name), []).append(_described(owner, model, name, field))

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def taking(*args: Any, **kwargs: Any) -> Any:
            values = {same[0].name: kwargs.pop(_parameter(flag)) for flag, same in fields.items()}
            given = {name: value for name, value in values.items() if value not in (None, ())}
            return function(*args, **{into: given}, **kwargs)

        wrapped: Callable[..., Any] = taking
        for flag, same in reversed(fields.items()):
            wrapped = _option(flag, same)(wrapped)
        return wrapped

    return decorate


def _described(owner: str, model: type[Settings], name: str, field: pydantic.fields.FieldInfo) -> _Field:
    kind = _without_none(field.annotation)
    text = (field.description or "").strip().rstrip(".").replace("`", "")
    if typing.get_origin(kind) is Literal:
        text += f" ({_listed(typing.get_args(kind))})"
    default = field.default
    if default not in (None, PydanticUndefined) and not isinstance(default, bool):
        text += f" [default: {default}]"
    return _Field(owner, name, kind, options.extra(model, name).get("metavar"), text)


def _without_none(kind: Any) -> Any:
    """Return a field's type without None, which stands for an option that was not given."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        (kind,) = (part for part in typing.get_args(kind) if part is not type(None))
    return kind


def _listed(words: Sequence[object]) -> str:
    *first, last = map(str, words)
    return f"{', '.join(first)} or {last}" if first else last


def _parameter(flag: str) -> str:
    return flag.removeprefix("--").replace("-", "_")


def _option(flag: str, same: Sequence[_Field]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option of the fields that one spelling sets, which must be of one kind."""
    if len({(field.name, _shape(field.kind)) for field in same}) > 1:
        raise TypeError(f"{flag} is made from fields that differ in name or kind")
    said: dict[str, list[str]] = {}
    for field in same:
        said.setdefault(field.help, []).append(field.owner)
    text = "; ".join(f"{', '.join(owners)}: {text}" for text, owners in said.items())
    metavar = next((field.metavar for field in same if field.metavar), None)
    return click.option(flag, _parameter(flag), help=text, **_given_as(same[0].kind, flag, metavar))


def _shape(kind: Any) -> Any:
    return str if typing.get_origin(kind) is Literal else kind


def _given_as(kind: Any, flag: str, metavar: str | None) -> dict[str, Any]:
    """Return click's settings of an option by the type of its field."""
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if kind is bool:
        return {"is_flag": True, "default": None}
    if kind in (int, float):
        return {"type": kind, "metavar": metavar or "N"}
    if kind is FileSetting:
        return {"type": _File(flag), "metavar": metavar or "FILE"}
    if origin is tuple and parts and set(parts) == {FileSetting}:
        return {"type": _File(flag), "nargs": len(parts), "metavar": metavar or " ".join(["FILE"] * len(parts))}
    if origin is dict and parts == (str, str):
        read = functools.partial(_pairs, flag=flag)
        return {"multiple": True, "metavar": metavar or "KEY=VALUE", "callback": lambda _, __, values: read(values)}
    if kind is str or origin is Literal:
        return {"metavar": metavar or "NAME"}
    raise TypeError(f"{flag} cannot be made from a field of type {kind}")


class _File(click.ParamType):
    """A file whose content is a setting."""

    name = "file"

    def __init__(self, flag: str) -> None:
        self.flag = flag

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> FileSetting | str:
        """Read the file's digest, or say under the option's name what is wrong with it."""
        if isinstance(value, FileSetting) or Path(value).is_dir():  # of a folder the settings' model knows more
            return value
        try:
            return FileSetting.model_validate(Path(value))
        except pydantic.ValidationError as error:
            raise ConfigError(f"{self.flag}: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from None


def _pairs(values: tuple[str, ...], *, flag: str) -> dict[str, str] | None:
    """Return a mapping from options such as ``--label-map 0=anger,1=fear --label-map 2=-``; None if there are none.

    A folder whose name has commas, quotes or outer blanks stands in double quotes: ``"happy, joyful"=happy``.
    """
    found: dict[str, str] = {}
    for part in (part for value in values for part in _PARTS.findall(value)):
        pair = _PAIR.fullmatch(part)
        if not pair:
            message = (
                f"{part.strip()!r}: expected FOLDER=EXPRESSION, such as 0=anger; a FOLDER with a comma in its name "
                "stands in double quotes, such as '\"a, b\"=anger'"
            )
            raise click.BadParameter(message, param_hint=flag)
        inner, plain, name = pair.groups()
        folder = plain if inner is None else inner.replace('""', '"')
        if found.setdefault(folder, name) != name:
            message = f"folder {folder!r} is both {found[folder]} and {name}"
            raise click.BadParameter(message, param_hint=flag)
    return found or None
