"""AffectNet in its three releases: csv lists with boxes (A), npy items (B) and json items (C).

The paper draws about 3,504 faces of each of seven classes (contempt in, neutral out; our ``basic7``) from the training
list, 24,530 in all, and divides them 9 to 1; it did not publish which. That is the default here, drawn with a seed; the
authors' own lists of file names can be given with ``ids``. ``protocol=official`` takes the dataset's own split.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import pydantic

from facemotion.config import Settings, make
from facemotion.errors import DataError
from facemotion.expressions import label_space
from facemotion.ingestion import (
    affectnet_items,
    affectnet_protocols,
    affectnet_tables,
    lookalikes,
    names,
    shipped_landmarks,
)
from facemotion.ingestion.affectnet_faces import CODES, Faces
from facemotion.ingestion.result import Check, DatasetInfo, Exclusion, Ingest
from facemotion.ingestion.tree import Finder, Tree, TreeFile
from facemotion.progress import Progress, silent

__all__ = ["CODES", "FILE_OPTIONS", "INFO", "Options", "ingest", "landmarks"]

landmarks = shipped_landmarks.of_affectnet

INFO = DatasetInfo(
    name="affectnet",
    title="AffectNet",
    label_space="basic7",
    licence="Research only, requested by a lab's head with a signed agreement; nothing may be redistributed.",
    access="Request form on the AffectNet page of Mohammad Mahoor's lab, University of Denver.",
    has_neutral=False,
)

FILE_OPTIONS = ("ids",)
"""Options that are files: artefacts keep the digest of their content, not their paths."""

_OTHER: Mapping[float, str] = {8: "none", 9: "uncertain", 10: "no-face"}
_TRAINING = dict(zip(CODES.values(), (74874, 134415, 25459, 14090, 6378, 3803, 24882, 3750), strict=True))
_VALIDATION = dict.fromkeys(CODES.values(), 500)
_PUBLISHED = {
    "A (csv)": {"train": _TRAINING, "val": _VALIDATION},
    "B (npy)": {"train": _TRAINING, "val": {**_VALIDATION, "contempt": 499}},
    "C (json)": {"train": _TRAINING, "val": _VALIDATION},
}
"""Faces of each expression by release and part."""
_KNOWN = f"code IN ({', '.join(map(str, CODES))})"
_BAD_BOX = "x IS NOT NULL AND NOT COALESCE(width > 0 AND height > 0 AND x + width > 0 AND y + height > 0, FALSE)"
_PICTURE = re.compile(r".+\.(jpe?g|png|bmp|tiff?)", re.IGNORECASE)


class Options(Settings):
    """What can be chosen of AffectNet."""

    label_space: Literal["basic7", "affectnet7", "affectnet8"] = "basic7"
    """``basic7``: the paper's seven, contempt in and neutral out; ``affectnet7``: everyone else's, the other way."""
    protocol: Literal["paper", "official"] = "paper"
    faces: int = pydantic.Field(default=24530, ge=20)
    """Faces that the paper's protocol draws in all, evenly over the classes."""
    seed: int = pydantic.Field(default=0, ge=0)
    ids: tuple[str, str] | None = None
    """Files of names for training and test, one ``0689_<hash>.jpg`` a line; they replace the draw."""


def ingest(tree: Tree, options: Mapping[str, Any], *, progress: Progress = silent) -> Ingest:
    """Select faces of AffectNet.

    Parameters
    ----------
    tree : Tree
        Any folder that holds one release.
    options : mapping
        Fields of `Options`.
    progress : Progress
        Shows the reading of lists or items.

    Returns
    -------
    Ingest
        Rows named ``0689_<hash>`` (release A) or ``train_12`` (B, C); several faces of one file get ``+1``, ``+2``.
        The subject is the file: AffectNet names no people. ``region`` is the box where the release has one.

    Raises
    ------
    ConfigError
        If an option is wrong.
    DataError
        If the tree is a look-alike, or no release of AffectNet.
    """
    chosen = make(Options, options, where="affectnet")
    classes = label_space(chosen.label_space)
    tree, odd = names.set_aside(tree, _PICTURE)
    lists = affectnet_tables.tables(tree)
    faces, found = _listed_faces(tree, lists, progress) if lists else _items(tree, progress, names.remark(odd))
    checks = _counts(faces, found.release)
    exclusions = [*odd, *found.exclusions, *_drop_unusable(faces, classes)]
    notes = found.notes
    if chosen.ids is not None:
        notes += affectnet_protocols.keep_listed(faces, chosen.ids)
    elif chosen.protocol == "paper":
        affectnet_protocols.draw(faces, classes, number=chosen.faces, seed=chosen.seed)
        checks.append(Check("faces drawn", len(faces), chosen.faces))
    if not len(faces):
        why = "".join(f", the first, {item.item}, because {item.detail}" for item in exclusions[:1])
        message = f"no face of {', '.join(classes)} is left; there are {len(exclusions)} exclusions{why}"
        raise DataError(f"{tree.root}: {message}")
    return Ingest(
        batches=faces.select(tree.files, dataset=INFO.name),
        layout=found.layout,
        classes=classes,
        exclusions=exclusions,
        notes=notes,
        checks=checks,
    )


@dataclass(frozen=True)
class _Found:
    """Which release lies there, in which lists, what was left out of it, and notes."""

    release: str
    exclusions: list[Exclusion]
    notes: list[str] = field(default_factory=list)
    lists: str = ""

    @property
    def layout(self) -> str:
        return f"release {self.release}{self.lists}"


def _items(tree: Tree, progress: Progress, remark: str) -> tuple[Faces, _Found]:
    """Return the annotated faces of release B or C whose picture is there."""
    faces, exclusions = affectnet_items.read_items(tree, progress=progress)
    if not len(faces) and not exclusions:
        sentence = lookalikes.recognise(tree.files) or (
            "this is no release of AffectNet: there is no list such as training.csv (release A) and no annotations "
            "folder with 12_exp.npy (B) or 12.json (C); give the folder that holds pictures and annotations"
        )
        raise DataError(f"{tree.root}: {sentence}{remark}")
    kind = "B (npy)" if any(file.name.lower().endswith("_exp.npy") for file in tree.files) else "C (json)"
    return faces, _Found(kind, exclusions)


def _listed_faces(tree: Tree, lists: list[TreeFile], progress: Progress) -> tuple[Faces, _Found]:
    """Return the annotated faces of release A whose picture is there."""
    pictures = _Pictures(tree.files)
    faces = Faces(
        face for file in lists for face in affectnet_tables.read_csv(tree, file, pictures.find, progress=progress)
    )
    lost = {face.path for face in faces.where(f"file < 0 AND {_KNOWN}")}
    exclusions = [Exclusion(path, "image_missing", "its list names it, but it is not on disk") for path in sorted(lost)]
    faces.drop("file < 0")
    notes = []
    if repeated := faces.drop_repeated():
        notes.append(f"{repeated} rows repeat another to the letter and were counted once")
    if pictures.renamed:
        notes.append(f"{pictures.renamed} pictures were found under another suffix or case")
    named = f": {', '.join(file.path for file in lists)}"
    return faces, _Found("A (csv)", exclusions, notes, named)


class _Pictures:
    """Finds a picture by folder and name, else by their stem, since many copies changed suffixes and case.

    Attributes
    ----------
    renamed : int
        How often a picture was found by its stem alone.
    """

    def __init__(self, files: Sequence[TreeFile]) -> None:
        self.renamed = 0
        self._files, self._by_path = files, Finder(files, affectnet_tables.listed_path)

    @cached_property
    def _by_stem(self) -> Finder:
        def key(path: str) -> str | None:
            own = affectnet_tables.listed_path(path)
            return _stem(own) if own else None

        return Finder(self._files, key)

    def find(self, path: str) -> int:
        """Return the place of a picture from its path in a list, -1 if there is none."""
        place = self._by_path.find(path)
        if place < 0:
            place = self._by_stem.find(_stem(path))
            self.renamed += place >= 0
        return place


def _stem(path: str) -> str:
    """Return a path without suffix, in lower case."""
    return path.rpartition(".")[0].lower()


def _counts(faces: Faces, release: str) -> list[Check]:
    found, checks = faces.counts(), []
    for part, published in _PUBLISHED[release].items():
        if any(place == part for place, _ in found):
            checks += [Check(f"{part}, {name}", found[part, code], published[name]) for code, name in CODES.items()]
    return checks


def _drop_unusable(faces: Faces, classes: tuple[str, ...]) -> list[Exclusion]:
    """Keep faces of the label space whose box is one; return why the others were dropped."""
    counts: Counter[float] = Counter()
    unread = 0
    for (_, code), number in faces.counts().items():
        if code is None:
            unread += number
        else:
            counts[code] += number
    exclusions = [
        Exclusion(f"code {code:g}", "not_an_expression", f"{number} faces are labelled {_OTHER.get(code, 'unknown')}")
        for code, number in sorted(counts.items())
        if code not in CODES
    ]
    if unread:
        detail = f"{unread} faces have no expression code that can be read"
        exclusions.append(Exclusion("no code", "not_an_expression", detail))
    others = {name: counts[code] for code, name in CODES.items() if name not in classes}
    exclusions += [
        Exclusion(name, "outside_label_space", f"{number} faces of {name} are not in the label space")
        for name, number in sorted(others.items())
        if number
    ]
    wanted = ", ".join(str(code) for code, name in CODES.items() if name in classes)
    faces.drop(f"code IS NULL OR code NOT IN ({wanted})")
    for face in faces.where(_BAD_BOX):
        left, top, width, height = (math.nan if side is None else side for side in face[4:8])
        detail = f"its box is {left:g}, {top:g}, {width:g} x {height:g}"
        exclusions.append(Exclusion(face.path, "bad_box", detail))
    faces.drop(_BAD_BOX)
    return exclusions
