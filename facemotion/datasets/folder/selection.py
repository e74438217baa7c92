"""Any tree of pictures in folders named after expressions, for datasets that facemotion does not know.

``[train|val|test/]<label>/[<subject>/]...``; `class_folders` finds out which folder is which.
Folders named in words (``happy``) are understood; numbers mean another class in every dataset, so they need a label
map. The folder below the label is the subject; without one, every picture is its own subject, and folds are not
person-independent.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from facemotion import manifest
from facemotion.datasets.folder import class_folders
from facemotion.datasets.folder.class_folders import Labels, Places, label_map, listed
from facemotion.datasets.folder.info import INFO
from facemotion.datasets.folder.options import Options
from facemotion.errors import ConfigError, DataError
from facemotion.expressions import NEUTRAL, canonical, label_space, named
from facemotion.ingestion import lookalikes, names, verify
from facemotion.ingestion.findings import Exclusion, Findings, grouped
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree, TreeFile
from facemotion.names import same_name
from facemotion.progress import Progress, silent
from facemotion.suffixes import is_image, is_video

__all__ = ["ingest"]

LEFT_OUT = "-"
"""In a label map: leave this folder out."""
_LEFT_OUT_BY_MAP = "a folder that the label map leaves out"
_NO_VIDEO = "pictures are taken here, no videos; extract its frames"
_EXPECTED = "pictures are expected in <label>/<subject>/"


def ingest(tree: Tree, options: Options, *, progress: Progress = silent) -> Ingest:
    """Select all pictures of a tree of class folders.

    Parameters
    ----------
    tree : Tree
        The folder that holds the class folders, or the folders of its splits.
    options : Options
        The label space, and what folders show.
    progress : Progress
        Shows the selection.

    Returns
    -------
    Ingest
        Rows named by their path below what wraps the tree; ``frame`` is the last number in a file's name, or 0;
        ``sequence`` is the folder that a picture lies in, ``split`` the folder of its split.

    Raises
    ------
    ConfigError
        If the label map names an unknown expression or a folder that is not there.
    DataError
        If there are no pictures in class folders, or the folders are numbered and there is no map.
    """
    classes = label_space(options.label_space)
    tree, odd = names.set_aside(tree, is_image)
    found = [file for file in tree.files if is_image(file.name)]
    labels = {
        folder: _expression(given, word)
        for given, word in options.label_map.items()
        for folder in _spellings(given, found)
    }
    if lookalikes.is_ck48(found):
        raise DataError(f"{tree.root}: {lookalikes.recognise(found)}")
    places = class_folders.find_places(found, labels)
    pictures, strays, outside = _divided(found, places, labels)
    if not pictures:
        message = lookalikes.recognise(tree.files) or (
            f"this is not a tree of class folders: none of its {len(tree.files)} files is a picture in a folder; give "
            "the folder that holds one folder per expression"
        )
        raise DataError(f"{tree.root}: {message}{names.remark(odd)}")
    folders = sorted({file.folders[places.label] for file in (*pictures, *strays) if places.in_class(file)})
    unknown = sorted(set(labels) - set(folders) - set(outside))
    if unknown:
        raise ConfigError(f"the label map names {unknown[0]!r}; the class folders are {listed(folders)}")
    known = _known(tree, pictures, folders, places.label, labels)
    rows, selected = [], []
    for file in progress(pictures, "selecting pictures"):
        folder = file.folders[places.label]
        label = known[folder]
        if label is None or label not in (*classes, NEUTRAL):
            outside[folder] += 1
        else:
            rows.append(_row(file, places, label, classes))
            selected.append(file)
    if not rows:
        raise DataError(f"{tree.root}: no picture of {', '.join(classes)} is left; check the label map")
    table = manifest.validate(pd.DataFrame(rows))
    findings = Findings(exclusions=list(odd), notes=_notes(selected, places))
    for file, (reason, detail) in strays.items():
        findings.exclude(file.path, reason, detail)
    videos = (Exclusion(file.path, "video", _NO_VIDEO) for file in tree.files if is_video(file.name))
    findings.add(exclusions=grouped(videos))
    for folder, number in sorted(outside.items()):
        shown = known[folder] or _LEFT_OUT_BY_MAP
        findings.exclude(folder, "outside_label_space", f"{number} pictures of {shown}")
    findings.check("subjects", int(table["subject"].nunique()), None)
    findings.add(checks=verify.count_checks(table, replace(INFO, label_space=options.label_space)))
    return Ingest(
        batches=[table],
        layout=_layout(folders, known, pictures, places),
        classes=classes,
        findings=findings,
    )


def _divided(
    files: Sequence[TreeFile], places: Places, labels: Labels
) -> tuple[list[TreeFile], dict[TreeFile, tuple[str, str]], Counter[str]]:
    """Return pictures in class folders, strays with reason and detail, and how many a folder above leaves out."""
    pictures, strays, outside = [], {}, Counter[str]()
    for file in files:
        if folder := places.left_out_above(file, labels):
            outside[folder] += 1
        elif why := places.why_stray(file, labels):
            strays[file] = why
        else:
            pictures.append(file)
    return pictures, strays, outside


def _spellings(folder: str, files: Sequence[TreeFile]) -> list[str]:
    """Return how a folder that a label map names is written on disk; as the map has it if there is none."""
    there = {each for file in files for each in file.folders}
    return sorted(each for each in there if same_name(each, folder)) or [folder]


def _expression(folder: str, word: str) -> str | None:
    try:
        return None if word == LEFT_OUT else canonical(word)
    except ConfigError as error:
        raise ConfigError(f"label map, folder {folder!r}: {error}") from None


def _known(
    tree: Tree, pictures: Sequence[TreeFile], folders: Sequence[str], place: int, labels: Labels
) -> dict[str, str | None]:
    """Return the expression of every class folder; None for those left out."""
    known = {**{folder: named(folder) for folder in folders}, **labels}
    unnamed = [folder for folder in folders if known[folder] == ""]
    sentence = lookalikes.recognise(tree.files) if unnamed == folders and not labels else None
    if sentence:
        raise DataError(f"{tree.root}: {sentence}")
    splits = [folder for folder in unnamed if class_folders.split_named(folder)]
    if splits:
        others = [folder for folder in folders if folder not in splits and known[folder] is not None]
        raise DataError(f"{tree.root}: {class_folders.split_advice(pictures, place, splits, others)}")
    if unnamed:
        raise DataError(f"{tree.root}: {_advice(pictures, place, unnamed, partly=unnamed != folders)}")
    return known


def _advice(files: Sequence[TreeFile], place: int, unnamed: Sequence[str], *, partly: bool) -> str:
    """Return what is wrong with folders that are not named after expressions (`partly`: others are), and what to do."""
    deepest = 0 if partly else max(len(file.folders) for file in files)
    for below in range(place + 1, deepest):
        pairs = {(_above(file, place, below), file.folders[below]) for file in files if len(file.folders) > below}
        found = sorted(pair for pair in pairs if named(pair[1]))
        # An abbreviation counts beside others only: anything can be called `an`.
        if len(found) == len(pairs) or any(len(folder.strip()) > 2 for _, folder in found):
            above, classes = (sorted(set(each)) for each in zip(*found, strict=True))
            return (
                f"class folders ({listed(classes)}) lie below other folders ({listed(above)}), but {_EXPECTED}: if "
                f"those are subjects, move them into the folders of the expressions, as {found[0][1]}/{found[0][0]}; "
                "if they are parts or copies of a dataset, give one of them with --root"
            )
    numbered = all(re.fullmatch(r"\d+", folder) for folder in unnamed)
    meaning = "numbered, and the same number means another class in every dataset"
    what = f"class folders {listed(unnamed)} are {meaning if numbered else 'not named after expressions'}"
    if not partly and not numbered:
        return (
            f"{what}, nor is any folder below them, but {_EXPECTED}, such as happy/ann/: sort them so, by the list of "
            "labels if the dataset has one; if these are class folders, say what each shows with --label-map "
            "FOLDER=EXPRESSION,..."
        )
    return (
        f"{what}; say what each is with --label-map, such as {label_map(unnamed[:1], 'anger')}, or "
        f"{label_map(unnamed[:1])} to leave it out"
    )


def _above(file: TreeFile, place: int, below: int) -> str:
    """Return the folder above one of a class that can be a subject's."""
    folders = file.folders[place:below]
    return next((folder for folder in reversed(folders) if not class_folders.split_named(folder)), folders[0])


def _row(file: TreeFile, places: Places, label: str, classes: tuple[str, ...]) -> dict[str, Any]:
    below = file.folders[places.subject :]
    path = "/".join((*file.folders[places.top :], file.name))
    at_rest = label == NEUTRAL and NEUTRAL not in classes
    digits = re.findall(r"\d+", file.name)
    return {
        "sample_id": path,
        "dataset": INFO.name,
        "subject": below[0] if below else path,
        "sequence": path.rpartition("/")[0] if below else path,
        "frame": int(digits[-1][-9:]) if digits else 0,
        "role": "neutral" if at_rest else "expressive",
        "expression": label,
        "source": file.path,
        "split": places.split_of(file),
    }


def _layout(folders: Sequence[str], known: Labels, pictures: Sequence[TreeFile], places: Places) -> str:
    """Return what was made of the folders: ``class folders happy (happiness); splits Training (train)``."""
    found = "class folders " + ", ".join(f"{folder} ({known[folder] or 'left out'})" for folder in folders)
    if places.split is None:
        return found
    splits = {file.folders[places.split]: places.split_of(file) for file in pictures if places.split_of(file)}
    return f"{found}; splits {', '.join(f'{folder} ({split})' for folder, split in sorted(splits.items()))}"


def _notes(pictures: Sequence[TreeFile], places: Places) -> list[str]:
    notes = []
    subjects = {file.folders[places.subject] for file in pictures if len(file.folders) > places.subject}
    if doubtful := sorted(filter(class_folders.split_named, subjects)):
        notes.append(
            f"the folders {', '.join(doubtful)} in class folders are named after splits, but count as subjects here; "
            "if they are splits, put them above the class folders"
        )
    if alike := sorted(own for own in subjects if len(own) > 2 and named(own)):
        notes.append(
            f"the folders {listed(alike)} in class folders are named after expressions, but count as subjects here; if "
            "they are class folders, give the folder that holds them with --root"
        )
    if flat := sum(len(file.folders) <= places.subject for file in pictures):
        notes.append(
            f"{flat} of {len(pictures)} pictures lie in no subject's folder: each counts as a subject of its own, so "
            "that folds are NOT person-independent and no prior can pair them with a face at rest"
        )
    return notes
