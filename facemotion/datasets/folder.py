"""Any tree of pictures in folders named after expressions, for datasets that facemotion does not know.

``[train|val|test/]<label>/[<subject>/]...``: the folder of the label comes first, or second below folders named after a
split. Folders named in words (``happy``) are understood; numbers mean another class in every dataset, so they need a
label map. The folder below the label is the subject; without one, every picture is its own subject, and folds are not
person-independent.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd
import pydantic

from facemotion import manifest
from facemotion.config import Settings, make
from facemotion.errors import ConfigError, DataError
from facemotion.expressions import NEUTRAL, canonical, label_space
from facemotion.ingestion import lookalikes, verify
from facemotion.ingestion.result import Check, DatasetInfo, Exclusion, Ingest
from facemotion.ingestion.tree import Tree, TreeFile
from facemotion.progress import Progress, silent

__all__ = ["INFO", "Options", "ingest"]

INFO = DatasetInfo(
    name="folder",
    title="pictures in folders named after expressions",
    label_space="basic7",
    licence="That of the pictures.",
    access="Your own.",
)

LEFT_OUT = "-"
"""In a label map: leave this folder out."""
_PICTURE = re.compile(r".+\.(png|jpe?g|bmp|tiff?|webp)", re.IGNORECASE)
_SPLITS = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}


class Options(Settings):
    """What can be chosen of a folder."""

    label_map: dict[str, str] = pydantic.Field(default_factory=dict)
    """Expression by folder; ``-`` leaves a folder out."""
    label_space: Literal["basic6", "basic7", "affectnet7", "affectnet8"] = "basic7"
    """The classes. Without neutral among them, neutral pictures are the subjects' faces at rest, for priors."""


def ingest(tree: Tree, options: Mapping[str, Any], *, progress: Progress = silent) -> Ingest:
    """Select all pictures of a tree of class folders.

    Parameters
    ----------
    tree : Tree
        The folder that holds the class folders, or the folders of its splits.
    options : mapping
        Fields of `Options`.
    progress : Progress
        Shows the selection.

    Returns
    -------
    Ingest
        Rows named by their path; ``frame`` is the last number in a file's name, or 0; ``sequence`` is the folder that
        a picture lies in, ``split`` the folder of its split.

    Raises
    ------
    ConfigError
        If an option is wrong, or the map names a folder that is not there.
    DataError
        If there are no pictures in class folders, or the folders are numbered and there is no map.
    """
    chosen = make(Options, options, where=INFO.name)
    classes = label_space(chosen.label_space)
    labels = {folder: _expression(folder, word) for folder, word in chosen.label_map.items()}
    sentence = lookalikes.recognise(tree.files)
    if sentence:
        raise DataError(f"{tree.root}: {sentence}")
    pictures = [file for file in tree.files if _PICTURE.fullmatch(file.name) and file.folders]
    if not pictures:
        message = (
            f"{tree.root} is not a tree of class folders: none of its {len(tree.files)} files is a picture in a "
            "folder; give the folder that holds one folder per expression"
        )
        raise DataError(message)
    depth = int(all(file.folders[0].lower() in _SPLITS and len(file.folders) > 1 for file in pictures))
    folders = sorted({file.folders[depth] for file in pictures})
    unknown = sorted(set(labels) - set(folders))
    if unknown:
        raise ConfigError(f"the label map names {unknown[0]!r}; the class folders are {', '.join(folders)}")
    known = _known(tree, folders, labels)
    rows, outside = [], Counter()
    for file in progress(pictures, "selecting pictures"):
        label = known[file.folders[depth]]
        if label is None or label not in (*classes, NEUTRAL):
            outside[file.folders[depth]] += 1
        else:
            rows.append(_row(file, depth, label, classes))
    if not rows:
        raise DataError(f"{tree.root}: no picture of {', '.join(classes)} is left; check the label map")
    table = manifest.validate(pd.DataFrame(rows))
    return Ingest(
        manifest=table,
        layout="class folders " + ", ".join(f"{folder} ({known[folder] or 'left out'})" for folder in folders),
        classes=classes,
        exclusions=[
            Exclusion(folder, "outside_label_space", f"{number} pictures of {known[folder] or 'folders left out'}")
            for folder, number in sorted(outside.items())
        ],
        notes=_notes(pictures, depth),
        checks=[Check("subjects", int(table["subject"].nunique()), None), *verify.count_checks(table, _info(classes))],
    )


def _expression(folder: str, word: str) -> str | None:
    try:
        return None if word == LEFT_OUT else canonical(word)
    except ConfigError as error:
        raise ConfigError(f"label map, folder {folder!r}: {error}") from None


def _known(tree: Tree, folders: list[str], labels: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return the expression of every class folder; None for those left out."""
    known = dict(labels)
    unnamed = []
    for folder in folders:
        if folder not in known:
            try:
                known[folder] = canonical(folder)
            except ConfigError:
                unnamed.append(folder)
    if unnamed:
        numbered = all(re.fullmatch(r"\d+", folder) for folder in unnamed)
        meaning = "numbered, and the same number means another class in every dataset"
        why = meaning if numbered else "not named after expressions"
        shown = ", ".join(unnamed[:8]) + ", ..." * (len(unnamed) > 8)
        message = (
            f"{tree.root}: class folders {shown} are {why}; say what each is with --label-map, such as "
            f"--label-map {unnamed[0]}=anger, or {unnamed[0]}={LEFT_OUT} to leave it out"
        )
        raise DataError(message)
    return known


def _row(file: TreeFile, depth: int, label: str, classes: tuple[str, ...]) -> dict[str, Any]:
    below = file.folders[depth + 1 :]
    at_rest = label == NEUTRAL and NEUTRAL not in classes
    digits = re.findall(r"\d+", file.name)
    return {
        "sample_id": file.path,
        "dataset": INFO.name,
        "subject": below[0] if below else file.path,
        "sequence": "/".join(file.folders) if below else file.path,
        "frame": int(digits[-1][-9:]) if digits else 0,
        "role": "neutral" if at_rest else "expressive",
        "expression": label,
        "source": file.path,
        "split": _SPLITS[file.folders[0].lower()] if depth else "",
    }


def _notes(pictures: list[TreeFile], depth: int) -> list[str]:
    flat = sum(len(file.folders) == depth + 1 for file in pictures)
    if not flat:
        return []
    sentence = (
        f"{flat} of {len(pictures)} pictures lie in no subject's folder: each counts as a subject of its own, so that "
        "folds are NOT person-independent and no prior can pair them with a face at rest"
    )
    return [sentence]


def _info(classes: tuple[str, ...]) -> DatasetInfo:
    name = next(name for name in ("basic6", "basic7", "affectnet7", "affectnet8") if label_space(name) == classes)
    return DatasetInfo(**{**vars(INFO), "label_space": name})
