"""RaFD: the pictures of one camera and gaze, found by their names, wherever they lie.

A name, ``Rafd090_01_Caucasian_female_angry_frontal.jpg``, says camera, person, group, sex, expression and gaze. The
number is the person. All pictures of a person are of one session; the three directions of gaze are one pose, of which
one counts.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pandas as pd

from facemotion import manifest
from facemotion.datasets.rafd.info import CODES, FACTS, GROUPS, INFO
from facemotion.datasets.rafd.options import Options
from facemotion.errors import DataError
from facemotion.ingestion import lookalikes, names, rows, verify
from facemotion.ingestion.copies import first_of_each
from facemotion.ingestion.findings import Findings
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree, TreeFile
from facemotion.progress import Progress, silent
from facemotion.suffixes import is_image

__all__ = ["ingest", "shot_of"]

_STEM = re.compile(
    r"Rafd(000|045|090|135|180)_(\d{2})_(Caucasian|Moroccan|Kid)_(female|male)_"
    rf"({'|'.join(CODES)})_(frontal|left|right)",
    re.IGNORECASE,
)
_CHILDREN = "Kid"


class Shot(NamedTuple):
    """A picture, by what its name says."""

    camera: str
    subject: str
    group: str
    sex: str
    word: str
    gaze: str

    @property
    def name(self) -> str:
        """The name that the dataset gives it, without suffix."""
        return f"Rafd{'_'.join(self)}"


def ingest(tree: Tree, options: Options, *, progress: Progress = silent) -> Ingest:
    """Select RaFD's pictures of one camera and gaze.

    Parameters
    ----------
    tree : Tree
        Any folder that holds the pictures under their own names, at any depth; also in class folders.
    options : Options
        Camera, gaze, and who.
    progress : Progress
        Not needed: names are all that is read.

    Returns
    -------
    Ingest
        Rows named ``Rafd090_01_Caucasian_female_angry_frontal``; the sequence is the person.

    Raises
    ------
    DataError
        If the tree is another one, a mirror whose names are lost, or has no picture of that choice.
    """
    tree, odd = names.set_aside(tree, shot_of)
    findings = Findings(exclusions=list(odd))
    found = first_of_each(tree.files, lambda file: shot_of(file.name), findings)
    if not found:
        raise DataError(_refusal(tree) + names.remark(odd))
    wanted = {shot: file for shot, file in sorted(found.items()) if _is_wanted(shot, options)}
    if not wanted:
        raise DataError(_nothing(tree, found, options))
    table = manifest.validate(
        pd.DataFrame(
            rows.posed(
                INFO.name,
                shot.name,
                subject=shot.subject,
                sequence=shot.subject,
                expression=CODES[shot.word],
                source=file.path,
            )
            for shot, file in wanted.items()
        )
    )
    _contradictions(found, findings)
    calm = set(table["subject"][table["role"] == "neutral"])
    for subject in sorted(set(table["subject"]) - calm):
        findings.note(f"{subject} has no neutral picture of this camera and gaze, so takes no part in a prior")
    _check(table, found, options, findings)
    layout = f"RaFD's names, camera {options.camera}, gaze {options.gaze}, {options.people} of the people"
    return Ingest(batches=[table], layout=layout, classes=INFO.classes, findings=findings)


def shot_of(name: str) -> Shot | None:
    """Return what a file is by its name; None if it is no picture of RaFD."""
    match = _STEM.fullmatch(name.rpartition(".")[0]) if is_image(name) else None
    if match is None:
        return None
    camera, subject, group, sex, word, gaze = match.groups()
    return Shot(camera, subject, group.capitalize(), sex.lower(), word.lower(), gaze.lower())


def _is_wanted(shot: Shot, options: Options) -> bool:
    of_age = options.people == "all" or (shot.group == _CHILDREN) == (options.people == "children")
    return of_age and shot.camera == options.camera and shot.gaze == options.gaze


def _refusal(tree: Tree) -> str:
    if lookalikes.is_raf_db(tree.files):
        return (
            f"{tree.root} holds RAF-DB, faces from the web, and not {INFO.title}, whose name resembles it: take it as "
            "--dataset raf-db"
        )
    if lookalikes.all_in_class_folders(tree.files):
        return (
            f"{tree.root} is not {INFO.title} as its authors give it, but a mirror in class folders whose names no "
            "longer say who is shown: without people there are no folds and no neutral faces; take it as --dataset "
            "folder, or ask the authors for the pictures"
        )
    return (
        f"{tree.root} is not {INFO.title}: none of its {len(tree.files)} files is named like "
        "Rafd090_01_Caucasian_female_angry_frontal.jpg; unpack the archive and give its folder"
    )


def _nothing(tree: Tree, found: Iterable[Shot], options: Options) -> str:
    cameras = ", ".join(sorted({shot.camera for shot in found}))
    gazes = ", ".join(sorted({shot.gaze for shot in found}))
    groups = ", ".join(sorted({shot.group for shot in found}))
    return (
        f"{tree.root} has pictures of {INFO.title}, but none of camera {options.camera}, gaze {options.gaze} and "
        f"people {options.people}; it has cameras {cameras}, gazes {gazes} and groups {groups}"
    )


def _contradictions(found: Iterable[Shot], findings: Findings) -> None:
    """Tell which numbers stand for two people, as far as names tell."""
    called: dict[str, set[str]] = defaultdict(set)
    for shot in found:
        called[shot.subject].add(f"{shot.group} {shot.sex}")
    for subject, kinds in sorted(called.items()):
        if len(kinds) > 1:
            findings.note(f"{subject} is called {' and '.join(sorted(kinds))}: one person was assumed")


def _check(table: pd.DataFrame, found: Mapping[Shot, TreeFile], options: Options, findings: Findings) -> None:
    people = GROUPS[options.people]
    findings.check("people", int(table["subject"].nunique()), people)
    if options.people == "all":
        findings.add(checks=verify.count_checks(table, INFO, sequences=False))
    else:
        shown = Counter(table["expression"])
        for name in INFO.classes:
            findings.check(f"images, {name}", shown[name], people)
    findings.check("neutral pictures", int((table["role"] == "neutral").sum()), people)
    findings.check("pictures of all cameras and gazes", len(found), FACTS.release["pictures"])
