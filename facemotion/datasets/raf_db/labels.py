"""RAF-DB's labels: the list, ``train_00001.jpg 5``, the mirror's csv files, or the mirror's numbered folders."""

import re
from collections.abc import Iterable, Mapping

from facemotion.datasets.raf_db.info import CODES
from facemotion.errors import DataError
from facemotion.ingestion.findings import Findings
from facemotion.ingestion.tree import Tree, TreeFile

__all__ = ["in_folders", "is_content", "is_list", "key_of", "read_lists"]

_NAME = re.compile(r"(train_\d{5}|test_\d{4})(_aligned)?\.(?:jpe?g|png)", re.IGNORECASE)
_LIST = re.compile(r"list_(?:patition|partition)_label\.txt|(?:train|test)_labels\.csv", re.IGNORECASE)
"""The archive's own name lacks two letters; its README spells the word as it is."""
_LINE = re.compile(r'"?((?:train_\d{5}|test_\d{4})(?:_aligned)?)\.(?:jpe?g|png)"?[\s,;]+"?(\d+)"?', re.IGNORECASE)
_POINTS = re.compile(r"(train_\d{5}|test_\d{4})_manu_attri\.txt", re.IGNORECASE)


def is_content(file: TreeFile) -> bool:
    """Tell whether a file is a list of labels or holds manual points."""
    return is_list(file.name) or points_key(file.name) is not None


def is_list(name: str) -> bool:
    """Tell whether a file is a list of labels."""
    return bool(_LIST.fullmatch(name))


def key_of(name: str) -> tuple[str, bool] | None:
    """Return the name of a picture, ``train_00001``, and whether it is the aligned one; None if it is neither."""
    match = _NAME.fullmatch(name)
    return (match[1].lower(), match[2] is not None) if match else None


def points_key(name: str) -> str | None:
    """Return the picture whose manual points a file holds; None if it holds none."""
    match = _POINTS.fullmatch(name)
    return match[1].lower() if match else None


def read_lists(tree: Tree, lists: Iterable[TreeFile], findings: Findings) -> dict[str, int]:
    """Read lists of labels.

    Parameters
    ----------
    tree : Tree
        The dataset.
    lists : iterable of TreeFile
        Its lists, copies among them.
    findings : Findings
        Is told of pictures whose labels differ, and of lines and lists that cannot be read.

    Returns
    -------
    dict of str to int
        The code of each picture, ``train_00001``.

    Raises
    ------
    DataError
        If the codes are those of the compound set.
    """
    codes: dict[str, int] = {}
    differ: set[str] = set()
    for file in lists:
        try:
            lines = tree.read_text(file.path).splitlines()
        except OSError as error:
            findings.exclude(file.path, "label_unreadable", f"the list cannot be read: {error.strerror}")
            continue
        odd = []
        for number, line in enumerate(lines, start=1):
            match = _LINE.fullmatch(line.strip())
            if match is None:
                if line.strip() and not (number == 1 and "label" in line.lower()):
                    odd.append(number)
                continue
            name, code = match[1].lower().removesuffix("_aligned"), int(match[2])
            if code > len(CODES):
                raise DataError(
                    f"{tree.root}: {file.path} has the code {code} in line {number}, as only the compound set has (11 "
                    "classes); give the folder basic of RAF-DB"
                )
            if codes.setdefault(name, code) != code:
                differ.add(name)
        if odd:
            findings.note(f"{file.path}: {len(odd)} lines are no picture with a code, the first is line {odd[0]}")
    for name in sorted(differ):
        findings.exclude(name, "labels_disagree", "the lists give it several codes")
        del codes[name]
    for name in sorted(name for name, code in codes.items() if code not in CODES):
        findings.exclude(name, "label_unknown", f"its code is {codes.pop(name)}; expected 1 to {len(CODES)}")
    return codes


def in_folders(files: Mapping[tuple[str, bool], TreeFile]) -> dict[str, int]:
    """Return the code of each picture that lies in a folder named after one, as in ``train/5``."""
    return {
        name: int(file.folders[-1])
        for (name, _), file in files.items()
        if file.folders and file.folders[-1].isdecimal() and int(file.folders[-1]) in CODES
    }
