"""AffectNet in its three releases: csv lists with boxes (A), npy items (B) and json items (C).

The paper draws about 3,504 faces of each of seven classes (contempt in, neutral out; our ``basic7``) from the training
list, 24,530 in all, and divides them 9 to 1; it did not publish which. That is the default here, drawn with a seed; the
authors' own lists of file names can be given with ``ids``. ``protocol=official`` takes the dataset's own split.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pydantic

from facemotion.config import Settings, make
from facemotion.errors import ConfigError, DataError
from facemotion.expressions import label_space
from facemotion.ingestion import (
    affectnet_items,
    affectnet_pictures,
    affectnet_protocols,
    affectnet_tables,
    lookalikes,
    names,
    shipped_landmarks,
)
from facemotion.ingestion.affectnet_faces import CODES, Counts, Faces
from facemotion.ingestion.affectnet_tables import FaceList
from facemotion.ingestion.result import Check, DatasetInfo, Exclusion, Ingest
from facemotion.ingestion.tree import Tree
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
_INSIDE = " AND ".join(f"ABS({side}) < 1e6" for side in ("x", "y", "width", "height"))
_BAD_BOX = f"NOT COALESCE(width > 0 AND height > 0 AND x + width > 0 AND y + height > 0 AND {_INSIDE}, FALSE)"
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
    _refuse_unused(chosen)
    classes = label_space(chosen.label_space)
    tree, odd = names.set_aside(tree, _PICTURE.fullmatch)
    lists, unread = affectnet_tables.find_lists(tree)
    odd += unread
    if lists:
        needed = {"train"} if chosen.protocol == "paper" and chosen.ids is None else {"train", "val"}
        _refuse_lost(tree, unread, needed - {each.part for each in lists})
        faces, found = _listed_faces(tree, lists, needed, progress)
    else:
        faces, found = _items(tree, progress, names.remark(odd))
    counts = faces.counts()
    checks = _count_checks(counts, found.release)
    exclusions = [*odd, *found.exclusions, *_drop_unusable(faces, counts, classes, boxed=bool(lists))]
    notes = [*found.notes, *found.beside]
    if not len(faces):
        why = f"there are {len(exclusions)} exclusions" if exclusions else "its lists name no face"
        why += "".join(f", the first, {item.item}, because {item.detail}" for item in exclusions[:1])
        why += "".join(f"; {note}" for note in found.beside)
        raise DataError(f"{tree.root}: no face of {', '.join(classes)} is left; {why}")
    try:
        if chosen.ids is not None:
            notes += affectnet_protocols.keep_listed(faces, chosen.ids)
        elif chosen.protocol == "paper":
            affectnet_protocols.draw(faces, classes, number=chosen.faces, seed=chosen.seed)
            checks.append(Check("faces drawn", len(faces), chosen.faces))
    except DataError as error:
        raise DataError(f"{tree.root}: {error}{names.remark(odd)}") from error
    return Ingest(
        batches=faces.select(tree.files, dataset=INFO.name),
        layout=found.layout,
        classes=classes,
        exclusions=exclusions,
        notes=notes,
        checks=checks,
    )


def _refuse_lost(tree: Tree, unread: list[Exclusion], lost: set[str]) -> None:
    """Refuse a tree of whose lists one cannot be read that would be the only one of its part."""
    for item in unread:
        if affectnet_tables.part_of(item.item.rpartition("/")[2]) in lost:
            what = f"{tree.root / item.item} is no list that can be read: {item.detail}"
            raise DataError(f"{what}; mend it, or rename it if it is none")


def _refuse_unused(chosen: Options) -> None:
    """Refuse options of the draw where nothing is drawn."""
    given = sorted(chosen.model_fields_set & {"faces", "seed", "protocol"})
    unused = given if chosen.ids else [name for name in given if name != "protocol"] * (chosen.protocol == "official")
    if unused:
        option = {"faces": "--faces", "seed": "--draw-seed", "protocol": "--protocol"}[unused[0]]
        instead = "--ids names the faces" if chosen.ids else "--protocol official takes all of them"
        raise ConfigError(f"{option} has no effect, since {instead}; leave out one of the two")


@dataclass(frozen=True)
class _Found:
    """Which release lies there, in which lists, what was left out of it, notes, and what lies beside it."""

    release: str
    exclusions: list[Exclusion]
    notes: list[str] = field(default_factory=list)
    lists: str = ""
    beside: list[str] = field(default_factory=list)

    @property
    def layout(self) -> str:
        return f"release {self.release}{self.lists}"


def _items(tree: Tree, progress: Progress, remark: str) -> tuple[Faces, _Found]:
    """Return the annotated faces of release B or C whose picture is there."""
    shown: dict[str, str] = {}
    for file in tree.files:
        if affectnet_items.annotation_key(file.path):
            shown.setdefault(file.path.rpartition(".")[2].lower(), file.path)
    if len(shown) > 1:
        both = f"{shown['npy']} is an item of release B and {shown['json']} of release C"
        raise DataError(f"{tree.root}: {both}; they number other pictures, so give the folder of one of them")
    faces, exclusions, notes = affectnet_items.read_items(tree, progress=progress)
    if not len(faces) and not exclusions:
        sentence = lookalikes.recognise(tree.files) or (
            "this is no release of AffectNet: there is no list such as training.csv (release A) and no annotations "
            "folder with 12_exp.npy (B) or 12.json (C); give the folder that holds pictures and annotations"
        )
        raise DataError(f"{tree.root}: {sentence}{remark}")
    if lost := faces.drop("part = ''"):
        detail = f"{lost} faces lie in no folder that says train or val; give the folder above train_set"
        exclusions.append(Exclusion("no part", "no_part", detail))
    return faces, _Found("C (json)" if "json" in shown else "B (npy)", exclusions, notes)


def _listed_faces(tree: Tree, lists: list[FaceList], needed: set[str], progress: Progress) -> tuple[Faces, _Found]:
    """Return the annotated faces of release A whose picture is there."""
    faces, exclusions, notes = affectnet_pictures.read_lists(tree, lists, needed=needed, progress=progress)
    exclusions += [
        Exclusion(path, "labels_disagree", f"its lists call the same face {' and '.join(map(_called, codes))}")
        for path, codes in faces.contradictions()
    ]
    faces.drop_contradictions()
    beside = []
    if other := next((file.path for file in tree.files if affectnet_items.annotation_key(file.path)), ""):
        beside.append(f"{other} and the like, of release B or C, were not read: the lists of release A were used")
    named = f": {', '.join(each.file.path for each in lists)}"
    return faces, _Found("A (csv)", exclusions, notes, named, beside)


def _called(code: float) -> str:
    return next((name for own, name in CODES.items() if own == code), _OTHER.get(code, f"code {code:g}"))


def _count_checks(counts: Counts, release: str) -> list[Check]:
    checks = []
    for part, published in _PUBLISHED[release].items():
        if any(place == part for place, _ in counts):
            checks += [Check(f"{part}, {name}", counts[part, code], published[name]) for code, name in CODES.items()]
    return checks


def _drop_unusable(faces: Faces, counts: Counts, classes: tuple[str, ...], *, boxed: bool) -> list[Exclusion]:
    """Keep faces of the label space and, where the release has them, with a box; return why others were dropped."""
    found: Counter[float] = Counter()
    unread = 0
    for (_, code), number in counts.items():
        if code is None:
            unread += number
        else:
            found[code] += number
    exclusions = [
        Exclusion(f"code {code:g}", "not_an_expression", f"{number} faces are labelled {_OTHER.get(code, 'unknown')}")
        for code, number in sorted(found.items())
        if code not in CODES
    ]
    if unread:
        detail = f"{unread} faces have no expression code that can be read"
        exclusions.append(Exclusion("no code", "not_an_expression", detail))
    others = {name: found[code] for code, name in CODES.items() if name not in classes}
    exclusions += [
        Exclusion(name, "outside_label_space", f"{number} faces of {name} are not in the label space")
        for name, number in sorted(others.items())
        if number
    ]
    wanted = ", ".join(str(code) for code, name in CODES.items() if name in classes)
    faces.drop(f"code IS NULL OR code NOT IN ({wanted})")
    for face in faces.where(_BAD_BOX) if boxed else ():
        detail = f"its box is {face.x:g}, {face.y:g}, {face.width:g} x {face.height:g}"
        exclusions.append(Exclusion(face.path, "bad_box", detail))
    if boxed:
        faces.drop(_BAD_BOX)
    return exclusions
