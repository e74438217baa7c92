"""The tables that a user may give beside MMI: labels of frames that carry none, and frontal halves of dual views."""

import csv
import io
import re
from pathlib import Path

from facemotion.config import FileSetting
from facemotion.datasets.mmi.info import CLASSES, CODES
from facemotion.datasets.mmi.sessions import sequence_name
from facemotion.errors import ConfigError
from facemotion.expressions import canonical

__all__ = ["read_labels", "read_sides"]

_CODE = re.compile(r"0*([1-6])(\.0*)?")  # as spreadsheets and data frames write it too
_NAME = re.compile(r"S\d{3}(_\d{3})?")


def read_labels(given: FileSetting | None) -> dict[str, str]:
    """Return expressions by sequence from a csv file with the columns ``sequence`` and ``expression``.

    Parameters
    ----------
    given : FileSetting or None
        The file; None gives an empty mapping. Expressions are names, aliases or MMI's codes 1 to 6.

    Raises
    ------
    ConfigError
        If it cannot be read, or a line holds something else.
    """
    labels = {}
    path, rows = _table(given, ("sequence", "expression"), "labels")
    for number, row in rows:
        name = sequence_name(row["sequence"])
        if name is None:
            raise ConfigError(f"{path}, line {number}: {row['sequence']!r} is no sequence such as S035_004")
        try:
            expression = _expression(row["expression"].strip())
        except ConfigError as error:
            raise ConfigError(f"{path}, line {number}: {error}") from None
        if labels.setdefault(name, expression) != expression:
            raise ConfigError(f"{path}, line {number}: {name} is {expression} here and {labels[name]} above")
    return labels


def _expression(text: str) -> str:
    if code := _CODE.fullmatch(text):
        return CODES[int(code[1])]
    known = ", ".join(f"{code} {word}" for code, word in CODES.items())
    try:
        expression = canonical(text)
    except ConfigError:
        shown = f"{text[:40]!r}" + " and so on" * (len(text) > 40)
        raise ConfigError(f"unknown expression {shown}; MMI's are {known}, by number or name") from None
    if expression not in CLASSES:
        raise ConfigError(f"MMI has no {expression}; its expressions are {known}")
    return expression


def read_sides(given: FileSetting | None) -> dict[str, str]:
    """Return the frontal half by subject or sequence from a csv file with the columns ``name`` and ``side``.

    Parameters
    ----------
    given : FileSetting or None
        The file; None gives an empty mapping. A side is ``left`` or ``right``, as seen in the picture.

    Raises
    ------
    ConfigError
        If it cannot be read, or a line holds something else.
    """
    sides = {}
    path, rows = _table(given, ("name", "side"), "sides")
    for number, row in rows:
        side = row["side"].strip().lower()
        if side not in ("left", "right"):
            raise ConfigError(f"{path}, line {number}: side is {row['side']!r}; expected left or right, as seen")
        name = sequence_name(row["name"]) or row["name"].strip().upper()
        if not _NAME.fullmatch(name):
            raise ConfigError(
                f"{path}, line {number}: {row['name']!r} is no subject or sequence such as S001, S001_100"
            )
        if sides.setdefault(name, side) != side:
            raise ConfigError(f"{path}, line {number}: {name} is {side} here and {sides[name]} above")
    return sides


def _table(
    given: FileSetting | None, columns: tuple[str, ...], what: str
) -> tuple[Path | None, list[tuple[int, dict[str, str]]]]:
    """Return a csv file's path, and its rows with their line numbers."""
    if given is None:
        return None, []
    path = given.opened(f"--{what}")
    try:
        reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")), skipinitialspace=True)
        names = [name.strip().lower() for name in reader.fieldnames or ()]
        reader.fieldnames = names
        rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"--{what}: {path} cannot be read: {error}") from error
    if not set(columns) <= set(names):
        message = (
            f"--{what}: {path} needs the columns {' and '.join(columns)} in its first line, separated by a comma; "
            f"it has {', '.join(map(repr, names)) or 'none'}"
        )
        raise ConfigError(message)
    read = ((number, {name: row[name] or "" for name in columns}) for number, row in rows)
    return path, [(number, row) for number, row in read if any(value.strip() for value in row.values())]
