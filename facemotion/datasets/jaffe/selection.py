"""JAFFE: 213 pictures of ten women, found by their names, ``KA.AN1.39.tiff``, wherever they lie.

A name says person, expression, which of her pictures of it, and a running number. The default folds leave one person
out each: ten folds of ten subjects. What 60 raters saw in a picture (``README_FIRST.txt``) is not its label here.
"""

import re
from typing import Any, NamedTuple

import pandas as pd

from facemotion import manifest
from facemotion.config import Settings
from facemotion.datasets.jaffe.info import CODES, FACTS, INFO, NEUTRALS, SUBJECTS
from facemotion.errors import DataError
from facemotion.ingestion import lookalikes, names, rows, verify
from facemotion.ingestion.copies import first_of_each
from facemotion.ingestion.findings import Findings
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree, TreeFile
from facemotion.progress import Progress, silent

__all__ = ["ingest"]

_FILE = re.compile(
    r"(KA|KL|KM|KR|MK|NA|NM|TM|UY|YM)\.(AN|DI|FE|HA|NE|SA|SU)(\d)\.(\d+)(?:\.tiff?)?\.(?:tiff?|jpe?g|bmp|png)",
    re.IGNORECASE,
)
"""People convert the TIFF files, also into ``.tiff.bmp``."""


class Picture(NamedTuple):
    """A picture, by what its name says."""

    subject: str
    code: str
    take: int
    number: int

    @property
    def name(self) -> str:
        """The name that the dataset gives it, without suffix."""
        return f"{self.subject}.{self.code}{self.take}.{self.number}"


def ingest(tree: Tree, options: Settings, *, progress: Progress = silent) -> Ingest:
    """Select all pictures of JAFFE.

    Parameters
    ----------
    tree : Tree
        Any folder that holds the pictures under their own names, at any depth.
    options : Settings
        JAFFE has none.
    progress : Progress
        Not needed: names are all that is read.

    Returns
    -------
    Ingest
        Rows named ``KA.AN1.39``; the sequence is the person.

    Raises
    ------
    DataError
        If the tree is another one.
    """
    tree, odd = names.set_aside(tree, lambda name: picture_of(name) is not None)
    findings = Findings(exclusions=list(odd))
    found = first_of_each(tree.files, lambda file: picture_of(file.name), findings)
    if not found:
        renamed = "; class folders of renamed pictures do not say who is shown: take them as --dataset folder"
        raise DataError(
            f"{tree.root} is not {INFO.title}: none of its {len(tree.files)} files is named like KA.AN1.39.tiff"
            f"{renamed if lookalikes.all_in_class_folders(tree.files) else '; unpack jaffe.zip and give its folder'}"
            f"{names.remark(odd)}"
        )
    table = manifest.validate(pd.DataFrame([_row(picture, file) for picture, file in sorted(found.items())]))
    subjects = set(table["subject"])
    for subject in sorted(set(SUBJECTS) - subjects):
        findings.note(f"{subject} has no pictures here")
    calm = table["role"] == "neutral"
    for subject in sorted(subjects - set(table["subject"][calm])):
        findings.note(f"{subject} has no neutral picture, so she takes no part in a prior")
    findings.check("subjects", len(subjects), FACTS.subjects)
    findings.add(checks=verify.count_checks(table, INFO, sequences=False))
    findings.check("neutral pictures", int(calm.sum()), NEUTRALS)
    if len(table) == FACTS.release["pictures"]:
        findings.check("digest of pictures", verify.list_digest(table["sample_id"]), INFO.digests["pictures"])
    return Ingest(batches=[table], layout="JAFFE's names", classes=INFO.classes, findings=findings)


def picture_of(name: str) -> Picture | None:
    """Return what a file is by its name; None if it is no picture of JAFFE."""
    match = _FILE.fullmatch(name)
    return Picture(match[1].upper(), match[2].upper(), int(match[3]), int(match[4])) if match else None


def _row(picture: Picture, file: TreeFile) -> dict[str, Any]:
    return rows.posed(
        INFO.name,
        picture.name,
        subject=picture.subject,
        sequence=picture.subject,
        expression=CODES[picture.code],
        source=file.path,
        frame=picture.number,
    )
