"""FERPlus's votes: ``fer2013new.csv``, or ``label.csv`` in the folder of each part, and the rules that make a class."""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from facemotion.datasets.ferplus.info import COLUMNS
from facemotion.ingestion.copies import best_first
from facemotion.ingestion.findings import Findings
from facemotion.ingestion.tree import Tree, TreeFile

__all__ = ["Voted", "is_content", "majority", "part_of", "plurality", "read_votes"]

_PARTS = {"fer2013train": "Training", "fer2013valid": "PublicTest", "fer2013test": "PrivateTest"}
_USAGES = {usage.lower(): usage for usage in _PARTS.values()}
_NAME = re.compile(r"fer\d{7}\.png", re.IGNORECASE)


class Voted(NamedTuple):
    """The votes on one picture: its part, and how many voted for each of `COLUMNS`."""

    part: str
    votes: tuple[int, ...]


def is_content(file: TreeFile) -> bool:
    """Tell whether a file is a table of votes."""
    name = file.name.lower()
    return name == "fer2013new.csv" or (name == "label.csv" and part_of(file) is not None)


def part_of(file: TreeFile) -> str | None:
    """Return the part in whose folder a file lies, by FER2013's own word; None if in none."""
    return next((_PARTS[folder.lower()] for folder in reversed(file.folders) if folder.lower() in _PARTS), None)


def read_votes(tree: Tree, findings: Findings) -> dict[str, Voted]:
    """Read all tables of votes; where one picture has several, ``fer2013new.csv`` counts.

    Returns
    -------
    dict of str to Voted
        By the picture's name, ``fer0000000.png``.
    """
    found: dict[str, Voted] = {}
    tables = best_first([file for file in tree.files if is_content(file)])
    for file in sorted(tables, key=lambda file: file.name.lower() == "label.csv"):
        odd = []
        try:
            with (tree.root / file.path).open(encoding="utf-8-sig", errors="replace", newline="") as text:
                for line, name, voted in _rows(text, part_of(file)):
                    if voted is None:
                        odd.append(line)
                    elif name:
                        found.setdefault(name, voted)
        except (OSError, csv.Error) as error:
            why = getattr(error, "strerror", None) or str(error)
            findings.exclude(file.path, "label_unreadable", f"the table cannot be read to its end: {why}")
        if odd:
            findings.note(f"{file.path}: {len(odd)} lines hold no votes, the first is line {odd[0]}")
    return found


def _rows(text: Iterator[str], part: str | None) -> Iterator[tuple[int, str, Voted | None]]:
    """Yield line, name (empty for a picture without a face) and votes, None if the line has none."""
    for number, cells in enumerate(csv.reader(text), start=1):
        cells = [cell.strip() for cell in cells]
        if not any(cells) or (number == 1 and cells[0].lower() == "usage"):
            continue
        usage = _USAGES.get(cells[0].lower())
        name = cells[1] if usage and len(cells) > 1 else cells[0]
        try:
            votes = tuple(int(cell) for cell in cells[-len(COLUMNS) :])
        except ValueError:
            votes = ()
        where = usage or part
        good = len(cells) == len(COLUMNS) + 2 and len(votes) == len(COLUMNS) and min(votes) >= 0 and where is not None
        if not good or not (name == "" or _NAME.fullmatch(name)):
            yield number, "", None
        else:
            yield number, name.lower(), Voted(str(where), votes)


def majority(votes: Sequence[int]) -> str:
    """Return the class by the authors' majority rule; empty if there is none.

    Single votes are dropped as outliers; the most frequent answer wins if it has more than half of what is left.

    Examples
    --------
    >>> majority([4, 0, 0, 1, 3, 2, 0, 0, 0, 0]), majority([6, 1, 1, 1, 1, 0, 0, 0, 0, 0])
    ('', 'neutral')
    """
    kept = [number if number > 1 else 0 for number in votes]
    most = max(kept)
    return _class_of(kept.index(most)) if 2 * most > sum(kept) else ""


def plurality(votes: Sequence[int]) -> str:
    """Return the most frequent answer; empty if several are, or if it is no class.

    Examples
    --------
    >>> plurality([4, 0, 0, 1, 3, 2, 0, 0, 0, 0]), plurality([4, 4, 2, 0, 0, 0, 0, 0, 0, 0])
    ('neutral', '')
    """
    most = max(votes)
    return _class_of(list(votes).index(most)) if list(votes).count(most) == 1 else ""


def _class_of(place: int) -> str:
    return COLUMNS[place] if place < len(COLUMNS) - 2 else ""
