"""FER2013: 48x48 crops as people have them, ``train/happy/Training_1206.jpg``, found by part and class.

The challenge's ``fer2013.csv`` holds pixels as text, not pictures. The name of a picture says its part, its folder the
class: in words, or by FER2013's codes. The crops are taken as given; nobody is named, and there are no neutral faces of
the same people.
"""

import re
from collections import Counter
from typing import Any

import pandas as pd

from facemotion import manifest
from facemotion.datasets.fer2013.info import CODES, FACTS, INFO, PARTS
from facemotion.datasets.fer2013.options import Options
from facemotion.errors import DataError
from facemotion.expressions import named
from facemotion.ingestion import names, rows
from facemotion.ingestion.copies import first_of_each
from facemotion.ingestion.findings import Findings
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree, TreeFile
from facemotion.progress import Progress, silent

__all__ = ["ingest"]

_FILE = re.compile(r"(Training|PublicTest|PrivateTest)_(\d+)\.(?:jpe?g|png)", re.IGNORECASE)
_PARTS = {part.lower(): part for part in PARTS}
_TABLES = {"fer2013.csv", "icml_face_data.csv", "train.csv", "test.csv"}

Key = tuple[str, int, str]
"""Part, number and expression of a picture: numbers start anew in each class."""


def ingest(tree: Tree, options: Options, *, progress: Progress = silent) -> Ingest:
    """Select FER2013's crops.

    Parameters
    ----------
    tree : Tree
        Any folder that holds the pictures in class folders, at any depth.
    options : Options
        What becomes of the validation part.
    progress : Progress
        Not needed: names are all that is read.

    Returns
    -------
    Ingest
        Rows named ``Training_happiness_1206``, each its own subject; ``split`` is ``train`` or ``test``.

    Raises
    ------
    DataError
        If the tree is another one, or holds the challenge's csv file alone.
    """
    tree, odd = names.set_aside(tree, lambda name: _FILE.fullmatch(name))
    findings = Findings(exclusions=list(odd))
    found = first_of_each(tree.files, _key, findings)
    if not found:
        raise DataError(_refusal(tree) + names.remark(odd))
    split = {"Training": "train", "PrivateTest": "test"}
    if options.validation != "leave-out":
        split["PublicTest"] = options.validation
    parts = Counter(part for part, _, _ in found)
    selected = [_row(key, file, split[key[0]]) for key, file in sorted(found.items()) if key[0] in split]
    if not selected:
        raise DataError(f"{tree.root} holds the validation part (PublicTest) alone; take it with --validation test")
    if left := parts["PublicTest"] * ("PublicTest" not in split):
        findings.exclude("PublicTest", "validation", f"its {left} pictures are for choosing models; see --validation")
    classless = sum(_FILE.fullmatch(file.name) is not None and _key(file) is None for file in tree.files)
    if classless:
        findings.note(f"{classless} pictures lie in no folder of a class, and were not used")
    table = manifest.validate(pd.DataFrame(selected))
    for part, number in PARTS.items():
        findings.check(f"pictures, {part}", parts[part], number)
    findings.check("pictures, all", sum(parts.values()), FACTS.release["pictures"])
    findings.note("the 48x48 crops are taken as given: nothing is aligned (landmark source given)")
    return Ingest(batches=[table], layout="FER2013's crops in class folders", classes=INFO.classes, findings=findings)


def _key(file: TreeFile) -> Key | None:
    match = _FILE.fullmatch(file.name)
    if match is None or not file.folders:
        return None
    folder = file.folders[-1]
    expression = CODES.get(int(folder), "") if folder.isdecimal() else named(folder)
    return (_PARTS[match[1].lower()], int(match[2]), expression) if expression in INFO.classes else None


def _refusal(tree: Tree) -> str:
    tables = sorted(file.path for file in tree.files if file.name.lower() in _TABLES)
    if tables:
        return (
            f"{tree.root} holds {tables[0]}, whose pixels are text, and no pictures of {INFO.title}: write them as "
            "pictures in class folders, train/happy/Training_1206.jpg, as the Kaggle dataset msambare/fer2013 has them"
        )
    return (
        f"{tree.root} is not {INFO.title}: none of its {len(tree.files)} files lies as in train/happy/Training_1206.jpg"
    )


def _row(key: Key, file: TreeFile, split: str) -> dict[str, Any]:
    part, number, expression = key
    name = f"{part}_{expression}_{number}"
    return rows.of_nobody(INFO.name, name, expression=expression, source=file.path, split=split)
