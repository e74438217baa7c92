"""KDEF: the pictures of one view, found by their names, ``AF01ANS.JPG``, wherever they lie.

A name says session (A or B), sex, person, expression and angle. A person is sex and number: AF01 and BF01 are one
woman in two sessions, so that folders are no subjects. Each session has its own neutral picture.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from facemotion import manifest, media
from facemotion.datasets.kdef.info import BLACK, CLASSES, CODES, FACTS, INFO, MISNAMED, STRAIGHT_DIGEST, SUBJECTS
from facemotion.datasets.kdef.options import VIEWS, Options
from facemotion.errors import DataError
from facemotion.ingestion import lookalikes, names, rows, verify
from facemotion.ingestion.copies import first_of_each
from facemotion.ingestion.findings import Findings
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree, TreeFile
from facemotion.progress import Progress, silent

__all__ = ["ingest"]

_NAME = re.compile(r"([AB])([FM])(\d{2})(AF|AN|DI|HA|NE|SA|SU)(FL|HL|S|HR|FR)", re.IGNORECASE)
_FILE = re.compile(r"(.+)\.jpe?g", re.IGNORECASE)
_MORPHS = re.compile(r"kdef[-_ ]?dyn|kdef[-_ ]?cropped", re.IGNORECASE)
_DARK = 24
"""Brightest 1 % of a picture's values, of 255, up to which it counts as black."""


class Shot(NamedTuple):
    """A picture, by what its name says."""

    session: str
    subject: str
    code: str
    angle: str

    @property
    def name(self) -> str:
        """The name that the dataset gives it."""
        return f"{self.session}{self.subject}{self.code}{self.angle}"


def ingest(tree: Tree, options: Options, *, progress: Progress = silent) -> Ingest:
    """Select KDEF's pictures of one view.

    Parameters
    ----------
    tree : Tree
        Any folder that holds the pictures under their own names, at any depth.
    options : Options
        The view.
    progress : Progress
        Shows the search for black pictures.

    Returns
    -------
    Ingest
        Rows named ``AF01ANS``; the sequence is person and session, ``F01_A``.

    Raises
    ------
    DataError
        If the tree is another one, a mirror in class folders, or has no picture of that view.
    """
    tree, odd = names.set_aside(tree, lambda name: shot_of(name) is not None)
    findings = Findings(exclusions=list(odd))
    found = first_of_each(tree.files, lambda file: shot_of(file.name), findings)
    _refuse(tree, found, names.remark(odd))
    angle = VIEWS[options.view]
    wanted = {shot: file for shot, file in sorted(found.items()) if shot.angle == angle}
    if not wanted:
        views = ", ".join(sorted({shot.angle for shot in found}))
        raise DataError(f"{tree.root} has pictures of {INFO.title}, but none of view {options.view}, only {views}")
    for wrong, right in MISNAMED.items():
        for file in found.values():
            if file.name.upper().startswith(f"{wrong}."):
                findings.note(f"{file.path} is {right} under a name that lacks its codes")
    selected = []
    for shot, file in progress(wanted.items(), "looking for black pictures", total=len(wanted)):
        if _is_black(tree, file):
            told = "as is known of it" if shot.name in BLACK else "which is not known of it: is the copy damaged?"
            findings.exclude(file.path, "black", f"it shows nothing, {told}")
        else:
            selected.append(_row(shot, file))
    if not selected:
        raise DataError(f"{tree.root}: every picture of view {options.view} is black; unpack KDEF_and_AKDEF.zip again")
    table = manifest.validate(pd.DataFrame(selected))
    _lacking(table, findings)
    _check(table, found, options, findings)
    return Ingest(batches=[table], layout=f"KDEF layout, view {options.view}", classes=CLASSES, findings=findings)


def shot_of(name: str) -> Shot | None:
    """Return what a file is by its name; None if it is no picture of KDEF."""
    match = _FILE.fullmatch(name)
    stem = match[1].upper() if match else ""
    match = _NAME.fullmatch(MISNAMED.get(stem, stem))
    return Shot(match[1], match[2] + match[3], match[4], match[5]) if match else None


def _refuse(tree: Tree, found: Mapping[Shot, TreeFile], remark: str) -> None:
    if not found:
        if lookalikes.all_in_class_folders(tree.files):
            raise DataError(
                f"{tree.root} is not {INFO.title} as its authors give it, but a mirror in class folders whose names no "
                "longer say who is shown and from where: without persons there are no folds and no neutral faces; "
                "download KDEF_and_AKDEF.zip, or take it as --dataset folder"
            )
        raise DataError(
            f"{tree.root} is not {INFO.title}: none of its {len(tree.files)} files is named like AF01ANS.JPG; "
            f"unpack KDEF_and_AKDEF.zip and give its folder{remark}"
        )
    for file in found.values():
        if morphs := next((folder for folder in file.folders if _MORPHS.search(folder)), None):
            raise DataError(
                f"{tree.root}: {morphs} holds morphs or cut pictures made from KDEF, not the photographs; give the "
                "folder KDEF of KDEF_and_AKDEF.zip"
            )


def _is_black(tree: Tree, file: TreeFile) -> bool:
    """Tell whether a picture is dark all over; one that cannot be decoded is alignment's to tell."""
    try:
        image = media.read_image(tree.root / file.path)
    except media.Unreadable:
        return False
    return float(np.percentile(image, 99)) <= _DARK


def _row(shot: Shot, file: TreeFile) -> dict[str, Any]:
    return rows.posed(
        INFO.name,
        shot.name,
        subject=shot.subject,
        sequence=f"{shot.subject}_{shot.session}",
        expression=CODES[shot.code],
        source=file.path,
    )


def _lacking(table: pd.DataFrame, findings: Findings) -> None:
    """Tell which people are not there, which were not expected, and which sessions have no neutral face."""
    subjects = set(table["subject"])
    if absent := sorted(set(SUBJECTS) - subjects):
        findings.note(f"{len(absent)} of the {len(SUBJECTS)} people have no pictures here, the first {absent[0]}")
    if unknown := sorted(subjects - set(SUBJECTS)):
        findings.note(f"{', '.join(unknown)} are none of the dataset's people, and were used all the same")
    calm = set(table["sequence"][table["role"] == "neutral"])
    for sequence in sorted(set(table["sequence"]) - calm):
        findings.note(f"{sequence}: it has no neutral face")


def _check(table: pd.DataFrame, found: Mapping[Shot, TreeFile], options: Options, findings: Findings) -> None:
    findings.check("subjects", int(table["subject"].nunique()), FACTS.subjects)
    findings.check("pictures of all views", len(found), FACTS.release["pictures"])
    if options.view == "straight":
        findings.add(checks=verify.count_checks(table, INFO, sequences=False))
        if len(table) == FACTS.release["pictures of one view"]:
            digest = verify.list_digest(f"{name}.JPG" for name in table["sample_id"])
            findings.check("digest of names of the straight views", digest, STRAIGHT_DIGEST)
