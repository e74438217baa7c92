"""AffectNet in its three releases: csv lists with boxes (A), npy items (B) and json items (C).

The paper draws about 3,504 faces of each of seven classes (contempt in, neutral out; our ``basic7``) from the training
list, 24,530 in all, and divides them 9 to 1; it did not publish which. That is the default here, drawn with a seed; the
authors' own lists of file names can be given with ``ids``. ``protocol=official`` takes the dataset's own split.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pydantic

from facemotion import manifest
from facemotion.config import Settings, make
from facemotion.errors import DataError
from facemotion.expressions import label_space
from facemotion.ingestion import affectnet_protocols, affectnet_tables, lookalikes, names, shipped_landmarks
from facemotion.ingestion.affectnet_tables import CODES, strings
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

_OTHER = {8: "none", 9: "uncertain", 10: "no-face"}
_TRAINING = dict(zip(CODES.values(), (74874, 134415, 25459, 14090, 6378, 3803, 24882, 3750), strict=True))
_VALIDATION = dict.fromkeys(CODES.values(), 500)
_PUBLISHED = {
    "A (csv)": {"train": _TRAINING, "val": _VALIDATION},
    "B (npy)": {"train": _TRAINING, "val": {**_VALIDATION, "contempt": 499}},
    "C (json)": {"train": _TRAINING, "val": _VALIDATION},
}
"""Faces of each expression by release and part."""
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
    table, found = _listed_faces(tree, lists, progress) if lists else _items(tree, progress, names.remark(odd))
    checks = _counts(table, found.release)
    table, unusable = _usable(tree, table, classes)
    exclusions, notes = [*odd, *found.exclusions, *unusable], found.notes
    table = _named(tree, table, affectnet_tables.face_name if lists else affectnet_tables.item_name)
    if chosen.ids is not None:
        table, more_notes = affectnet_protocols.listed(table, chosen.ids)
        notes += more_notes
    elif chosen.protocol == "paper":
        table = affectnet_protocols.drawn(table, classes, faces=chosen.faces, seed=chosen.seed)
        checks.append(Check("faces drawn", len(table), chosen.faces))
    if table.empty:
        why = "".join(f", the first, {item.item}, because {item.detail}" for item in exclusions[:1])
        message = f"no face of {', '.join(classes)} is left; there are {len(exclusions)} exclusions{why}"
        raise DataError(f"{tree.root}: {message}")
    return Ingest(
        manifest=manifest.validate(_rows(tree, table)),
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


def _items(tree: Tree, progress: Progress, remark: str) -> tuple[pd.DataFrame, _Found]:
    """Return the annotated faces of release B or C whose picture is there."""
    table, exclusions = affectnet_tables.read_items(tree, progress=progress)
    if table.empty and not exclusions:
        sentence = lookalikes.recognise(tree.files) or (
            "this is no release of AffectNet: there is no list such as training.csv (release A) and no annotations "
            "folder with 12_exp.npy (B) or 12.json (C); give the folder that holds pictures and annotations"
        )
        raise DataError(f"{tree.root}: {sentence}{remark}")
    kind = "B (npy)" if any(file.name.lower().endswith("_exp.npy") for file in tree.files) else "C (json)"
    return table, _Found(kind, exclusions)


def _listed_faces(tree: Tree, lists: list[TreeFile], progress: Progress) -> tuple[pd.DataFrame, _Found]:
    """Return the annotated faces of release A whose picture is there.

    A picture is found by folder and name, else by their stem, since many copies changed suffixes and case.
    """
    pictures = Finder(tree.files, affectnet_tables.listed_path)
    read = (affectnet_tables.read_csv(tree, file, pictures, progress=progress) for file in lists)
    table = pd.concat(read, ignore_index=True)
    lost = table["file"] < 0
    if lost.any():
        by_stem = Finder(tree.files, lambda path: _stem(own) if (own := affectnet_tables.listed_path(path)) else None)
        table.loc[lost, "file"] = np.array([by_stem.find(_stem(path)) for path in table["path"][lost]], np.int32)
    missing = table["file"] < 0
    other = lost & ~missing
    exclusions = [
        Exclusion(path, "image_missing", "its list names it, but it is not on disk")
        for path in sorted(set(table["path"][missing & table["code"].isin(CODES)]))
    ]
    table = table[~missing]
    several = table[table["file"].duplicated(keep=False)]  # no other row can repeat one
    repeated = several.index[several.duplicated(["file", "path", "code", "x", "y", "width", "height"])]
    notes = [f"{len(repeated)} rows repeat another to the letter and were counted once"] * bool(len(repeated))
    notes += [f"{int(other.sum())} pictures were found under another suffix or case"] * bool(other.any())
    named = f": {', '.join(file.path for file in lists)}"
    return table.drop(index=repeated), _Found("A (csv)", exclusions, notes, named)


def _stem(path: str) -> str:
    """Return a path without suffix, in lower case."""
    return path.rpartition(".")[0].lower()


def _counts(table: pd.DataFrame, release: str) -> list[Check]:
    checks = []
    for part, published in _PUBLISHED[release].items():
        found = Counter(table["code"][table["part"] == part])
        if found:
            checks += [Check(f"{part}, {CODES[code]}", found[code], published[CODES[code]]) for code in CODES]
    return checks


def _usable(tree: Tree, table: pd.DataFrame, classes: tuple[str, ...]) -> tuple[pd.DataFrame, list[Exclusion]]:
    """Keep faces of the label space whose box is one."""
    odd = table["code"][~table["code"].isin(CODES)]
    exclusions = [
        Exclusion(f"code {code:g}", "not_an_expression", f"{number} faces are labelled {_OTHER.get(code, 'unknown')}")
        for code, number in sorted(Counter(odd.dropna()).items())
    ]
    if odd.isna().any():
        detail = f"{odd.isna().sum()} faces have no expression code that can be read"
        exclusions.append(Exclusion("no code", "not_an_expression", detail))
    others = {name: int((table["code"] == code).sum()) for code, name in CODES.items() if name not in classes}
    exclusions += [
        Exclusion(name, "outside_label_space", f"{number} faces of {name} are not in the label space")
        for name, number in sorted(others.items())
        if number
    ]
    table = table[table["code"].isin([code for code, name in CODES.items() if name in classes])]
    boxed = table["x"].notna()
    bad = boxed & ~((table["width"] > 0) & (table["height"] > 0) & (table["x"] + table["width"] > 0))
    bad |= boxed & ~(table["y"] + table["height"] > 0)
    for row in table[bad].to_dict("records"):
        path = row["path"] or affectnet_tables.listed_path(tree.files[row["file"]].path)
        detail = f"its box is {row['x']:g}, {row['y']:g}, {row['width']:g} x {row['height']:g}"
        exclusions.append(Exclusion(str(path), "bad_box", detail))
    return table[~bad], exclusions


def _named(tree: Tree, table: pd.DataFrame, name: Callable[[str], str]) -> pd.DataFrame:
    """Name each face by its path, as listed or else as on disk, and sort by names and boxes."""
    pairs = zip(table["file"], table["path"], strict=True)
    found = strings(name(path or tree.files[file].path) for file, path in pairs)
    table = table.assign(name=found.set_axis(table.index))
    keys = pa.table({key: table[key] for key in ("name", "x", "y", "width", "height")})
    by = [(key, "ascending") for key in keys.column_names]
    order = pc.sort_indices(keys, sort_keys=by)  # type: ignore[attr-defined]
    return table.iloc[order.to_numpy()].reset_index(drop=True)


def _rows(tree: Tree, table: pd.DataFrame) -> pd.DataFrame:
    """Return the manifest's rows of a table in which faces of the same name follow each other."""
    run = (table["name"] != table["name"].shift()).cumsum()
    doubled = run.duplicated(keep=False)
    sample = table["name"].copy()
    if doubled.any():
        sample[doubled] += "+" + (run[doubled].groupby(run[doubled]).cumcount() + 1).astype(str)
    left, top = table["x"].clip(lower=0), table["y"].clip(lower=0)
    width = table["width"] - (left - table["x"])
    height = table["height"] - (top - table["y"])
    boxes = pa.array(np.stack([left, top, width, height], axis=1).ravel())
    regions = pa.FixedSizeListArray.from_arrays(boxes, 4, mask=pa.array(left.isna()))
    return pd.DataFrame(
        {
            "sample_id": sample,
            "dataset": INFO.name,
            "subject": table["name"],
            "sequence": table["name"],
            "frame": 0,
            "role": "expressive",  # a neutral face of AffectNet is a class of its own, not somebody's face at rest
            "expression": table["code"].astype(int).map(CODES),
            "source": strings(tree.files[file].path for file in table["file"]),
            "region": pd.Series(regions, dtype=pd.ArrowDtype(regions.type)),
            "split": table["part"],
        }
    )
