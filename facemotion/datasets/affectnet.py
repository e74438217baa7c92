"""AffectNet in its three releases: csv lists with boxes (A), npy items (B) and json items (C).

The paper draws about 3,504 faces of each of seven classes (contempt in, neutral out; our ``basic7``) from the training
list, 24,530 in all, and divides them 9 to 1; it did not publish which. That is the default here, drawn with a seed; the
authors' own lists of file names can be given with ``ids``. ``protocol=official`` takes the dataset's own split.
"""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import numpy as np
import pandas as pd
import pydantic

from facemotion import manifest
from facemotion.config import Settings, make
from facemotion.errors import ConfigError, DataError
from facemotion.expressions import NEUTRAL, label_space
from facemotion.ingestion import affectnet_tables, lookalikes, shipped_landmarks
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

CODES = {
    0: NEUTRAL,
    1: "happiness",
    2: "sadness",
    3: "surprise",
    4: "fear",
    5: "disgust",
    6: "anger",
    7: "contempt",
}
_OTHER = {8: "none", 9: "uncertain", 10: "no-face"}
_TRAINING = dict(zip(CODES.values(), (74874, 134415, 25459, 14090, 6378, 3803, 24882, 3750), strict=True))
_VALIDATION = dict.fromkeys(CODES.values(), 500)
_TEST_SHARE = 10
_ID = re.compile(r"0*(\d+)_(.+)")


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
    sentence = lookalikes.recognise(tree.files)
    if sentence:
        raise DataError(f"{tree.root}: {sentence}")
    table, exclusions, notes, layout = _annotations(tree, progress)
    checks = _counts(table)
    table, more = _usable(table, classes)
    exclusions += more
    if chosen.ids is not None:
        table, more_notes = _listed(table, chosen.ids)
        notes += more_notes
    elif chosen.protocol == "paper":
        table = _drawn(table, classes, chosen)
        checks.append(Check("faces drawn", len(table), min(chosen.faces, len(table))))
    if table.empty:
        raise DataError(f"{tree.root}: no face of {', '.join(classes)} is left; {len(exclusions)} were excluded")
    return Ingest(
        manifest=manifest.validate(_rows(table)),
        layout=layout,
        classes=classes,
        exclusions=exclusions,
        notes=notes,
        checks=checks,
    )


def _annotations(tree: Tree, progress: Progress) -> tuple[pd.DataFrame, list[Exclusion], list[str], str]:
    """Return all annotated faces, with ``source`` and ``name``, what was left out, notes, and the release."""
    lists = affectnet_tables.tables(tree)
    if lists:
        raw = pd.concat([affectnet_tables.read_csv(tree, file, progress=progress) for file in lists], ignore_index=True)
        table, exclusions, notes = _located(tree, raw)
        return table, exclusions, notes, f"release A (csv): {', '.join(file.path for file in lists)}"
    table, exclusions = affectnet_tables.read_items(tree, progress=progress)
    if table.empty and not exclusions:
        message = (
            f"{tree.root} is no release of AffectNet: there is no list such as training.csv (release A) and no "
            "annotations folder with 12_exp.npy (B) or 12.json (C); give the folder that holds pictures and annotations"
        )
        raise DataError(message)
    kind = "B (npy)" if any(file.name.lower().endswith("_exp.npy") for file in tree.files) else "C (json)"
    table["source"] = table["path"]
    table["name"] = table["part"] + "_" + table["path"].map(lambda path: PurePosixPath(str(path)).stem)
    return table, exclusions, [], f"release {kind}"


def _located(tree: Tree, raw: pd.DataFrame) -> tuple[pd.DataFrame, list[Exclusion], list[str]]:
    """Find each row's file: by folder and name, else by stem, since many copies changed suffixes and case."""
    on_disk = {}
    for file in tree.files:
        folder, _, name = file.path.rpartition("/")
        folder = folder.rpartition("/")[2]
        if folder.isdigit():
            on_disk.setdefault(f"{folder}/{name}", file.path)
    table = raw.assign(source=pd.Series([on_disk.get(path) for path in raw["path"]], dtype="str"))
    lost = table["source"].isna()
    if lost.any():
        by_stem = {_stem(path): path for path in reversed(on_disk)}
        found = [on_disk.get(by_stem.get(_stem(str(path)), "")) for path in table["path"][lost]]
        table.loc[lost, "source"] = pd.Series(found, index=table.index[lost], dtype="str")
    other = lost & table["source"].notna()
    missing = table["source"].isna()
    exclusions = [
        Exclusion(path, "image_missing", "its list names it, but it is not on disk")
        for path in sorted(set(table["path"][missing & table["code"].isin(CODES)]))
    ]
    table = table[~missing]
    before = len(table)
    table = table.drop_duplicates(["path", "code", "x", "y", "width", "height"])
    notes = [f"{before - len(table)} rows repeat another to the letter and were counted once"] * (before > len(table))
    notes += [f"{int(other.sum())} pictures were found under another suffix or case"] * bool(other.any())
    return table.assign(name=table["path"].map(affectnet_tables.face_name)), exclusions, notes


def _stem(path: str) -> str:
    """Return a path without suffix, in lower case."""
    return path.rpartition(".")[0].lower()


def _counts(table: pd.DataFrame) -> list[Check]:
    checks = []
    for part, published in (("train", _TRAINING), ("val", _VALIDATION)):
        found = Counter(table["code"][table["part"] == part])
        if found:
            checks += [Check(f"{part}, {CODES[code]}", found[code], published[CODES[code]]) for code in CODES]
    return checks


def _usable(table: pd.DataFrame, classes: tuple[str, ...]) -> tuple[pd.DataFrame, list[Exclusion]]:
    """Keep faces of the label space whose box is one."""
    odd = table["code"][~table["code"].isin(CODES)]
    exclusions = [
        Exclusion(f"code {code:g}", "not_an_expression", f"{number} faces are labelled {_OTHER.get(code, 'unknown')}")
        for code, number in sorted(Counter(odd.dropna()).items())
    ]
    if odd.isna().any():
        detail = f"{odd.isna().sum()} faces have no expression code that can be read"
        exclusions.append(Exclusion("no code", "not_an_expression", detail))
    table = table[table["code"].isin(CODES)].assign(expression=lambda rows: rows["code"].astype(int).map(CODES))
    others = Counter(table["expression"][~table["expression"].isin(classes)])
    exclusions += [
        Exclusion(name, "outside_label_space", f"{number} faces of {name} are not in the label space")
        for name, number in sorted(others.items())
    ]
    table = table[table["expression"].isin(classes)]
    boxed = table["x"].notna()
    bad = boxed & ~((table["width"] > 0) & (table["height"] > 0) & (table["x"] + table["width"] > 0))
    bad |= boxed & ~(table["y"] + table["height"] > 0)
    exclusions += [
        Exclusion(str(row.path), "bad_box", f"its box is {row.x:g}, {row.y:g}, {row.width:g} x {row.height:g}")
        for row in table[bad].itertuples()
    ]
    return table[~bad].sort_values(["name", "x", "y", "width", "height"], ignore_index=True), exclusions


def _drawn(table: pd.DataFrame, classes: tuple[str, ...], options: Options) -> pd.DataFrame:
    """Draw the paper's protocol: even classes from the training part, nine tenths of them for training."""
    rng = np.random.default_rng([options.seed, 0x0AFF])
    pool = table[table["part"] == "train"].reset_index(drop=True)
    share, rest = divmod(options.faces, len(classes))
    picked = []
    for place, name in enumerate(classes):
        own = np.flatnonzero(pool["expression"] == name)
        picked.append(rng.permutation(own)[: share + (place < rest)])
    chosen = pool.iloc[np.sort(np.concatenate(picked))].reset_index(drop=True)
    files = np.array(sorted(set(chosen["name"])))  # faces of one file stay on one side
    train = set(rng.permutation(files)[: len(files) - len(files) // _TEST_SHARE])
    return chosen.assign(part=np.where(chosen["name"].isin(train), "train", "test"))


def _listed(table: pd.DataFrame, paths: tuple[str, str]) -> tuple[pd.DataFrame, list[str]]:
    """Take the faces that two lists of the authors' form name."""
    parts, notes = [], []
    for part, path in zip(("train", "test"), paths, strict=True):
        try:
            lines = [line.strip() for line in Path(path).read_text(encoding="utf-8").splitlines() if line.strip()]
        except OSError as error:
            raise ConfigError(f"the list of {part} names, {path}, cannot be read: {error.strerror}") from error
        matches = [_ID.fullmatch(line.rpartition(".")[0] or line) for line in lines]
        if not lines or not all(matches):
            raise ConfigError(f"{path} is no list of names such as 0689_<hash>.jpg, one a line")
        wanted = {f"{int(match[1]):04d}_{match[2]}" for match in matches if match}
        found = table[table["name"].isin(wanted)].drop_duplicates("name")
        lacking = len(wanted) - len(found)
        notes += [f"{lacking} of {len(wanted)} {part} names are not among the usable faces"] * bool(lacking)
        parts.append(found.assign(part=part))
    both = set(parts[0]["name"]) & set(parts[1]["name"])
    if both:
        raise ConfigError(f"{min(both)} is in both lists; a face can be in one part only")
    return pd.concat(parts, ignore_index=True), notes


def _rows(table: pd.DataFrame) -> pd.DataFrame:
    place = table.groupby("name").cumcount()
    doubled = table["name"].duplicated(keep=False)
    left, top = table["x"].clip(lower=0), table["y"].clip(lower=0)
    width = table["width"] - (left - table["x"])
    height = table["height"] - (top - table["y"])
    boxes = np.stack([left, top, width, height], axis=1)
    return pd.DataFrame(
        {
            "sample_id": table["name"] + np.where(doubled, "+" + (place + 1).astype(str), ""),
            "dataset": INFO.name,
            "subject": table["name"],
            "sequence": table["name"],
            "frame": 0,
            "role": "expressive",  # a neutral face of AffectNet is a class of its own, not somebody's face at rest
            "expression": table["expression"],
            "source": table["source"],
            "region": [None if np.isnan(box[0]) else box.tolist() for box in boxes],
            "split": table["part"],
        }
    )
