"""Reading the items of AffectNet's releases B and C: an npy or json file of labels beside each picture."""

import json
import math
import reprlib
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import PurePosixPath

from facemotion.datasets.affectnet import paths
from facemotion.datasets.affectnet.faces import AnnotatedFace, AnnotatedFaces
from facemotion.datasets.affectnet.lists import as_number
from facemotion.datasets.affectnet.npy import read_npy
from facemotion.ingestion.copies import second_copies
from facemotion.ingestion.findings import Exclusion, Findings
from facemotion.ingestion.tree import Finder, Tree
from facemotion.progress import Progress, silent

__all__ = ["read_items"]

_NO_BOX = (math.nan,) * 4


def read_items(tree: Tree, findings: Findings, *, progress: Progress = silent) -> AnnotatedFaces:
    """Read the annotations of release B or C: one npy or json file per item, beside its image.

    Items whose annotation cannot be read or has a copy that disagrees, whose image is missing, or that have an image
    and no annotation are left out; which files are second copies and were not used, or were used in place of damaged
    ones, is noted.

    Parameters
    ----------
    tree : Tree
        The dataset.
    findings : Findings
        Is told what was left out, and of copies.
    progress : Progress
        Shows the reading.

    Returns
    -------
    AnnotatedFaces
        Items with an expression code and an image; no box.
    """
    images, annotations = Finder(tree.files, paths.image_key), Finder(tree.files, paths.annotation_key)
    annotated: set[str] = set()
    instead: dict[str, str] = {}
    faces = AnnotatedFaces(_annotated(tree, images, annotations, annotated, instead, findings, progress))
    for place, file in enumerate(tree.files):
        key = paths.image_key(file.path)
        if key and key.rpartition("/")[0] in annotated and annotations.find(key) < 0 and images.find(key) == place:
            item = str(PurePosixPath(file.path).parent.with_name(file.name.rpartition(".")[0]))
            detail = f"{file.path} has no annotation beside it, in annotations/"
            findings.exclude(item, "label_missing", detail)
    doubled = (pair for pair in chain(images.doubled(), annotations.doubled()) if pair[0] not in instead)
    findings.note(*second_copies(doubled), *instead.values())
    return faces


def _annotated(
    tree: Tree,
    images: Finder,
    annotations: Finder,
    annotated: set[str],
    instead: dict[str, str],
    findings: Findings,
    progress: Progress,
) -> Iterator[AnnotatedFace]:
    """Yield the faces of items.

    Parts with annotations are added to `annotated`, and copies of an annotation that were used in place of a damaged
    one to `instead`, with a note.
    """
    by_machine: Counter[str] = Counter()
    for number, file in enumerate(progress(tree.files, "reading annotation files")):
        key = paths.item_key(file.path)
        if key is None:
            continue
        place = file.folders[:-1]
        if machine := paths.by_machine(place):
            by_machine["/".join(place[: place.index(machine) + 1])] += 1
            continue
        part, _, stem = key.rpartition("/")
        item = "/".join((*place, stem))
        annotated.add(part)
        copies = annotations.copies(key)
        if copies[0] != number:
            continue  # a second copy, which is read with the first
        image = images.find(key)
        if image < 0:
            findings.exclude(item, "image_missing", f"{file.path} has no picture beside it, in images/")
            continue
        code = _agreed(tree, [tree.files[copy].path for copy in copies], item, instead)
        if isinstance(code, Exclusion):
            findings.add(exclusions=[code])
            continue
        path = tree.files[image].path
        yield AnnotatedFace(image, path, paths.item_name(path), code, *_NO_BOX, part=paths.part_above(place))
    for folder, number in by_machine.items():
        findings.exclude(folder, "no_human_label", f"{number} items in it were labelled by no person")


def _agreed(tree: Tree, copies: Sequence[str], item: str, instead: dict[str, str]) -> float | Exclusion:
    """Return the code that the copies of an annotation agree on, as far as they can be read."""
    codes: dict[str, float] = {}
    faults = []
    for path in copies:
        try:
            codes[path] = _code((tree.root / path).read_bytes(), npy=path.lower().endswith(".npy"))
        except (ValueError, OSError) as error:
            faults.append(f"{path}: {error.strerror if isinstance(error, OSError) else error}")
    if not codes:
        return Exclusion(item, "label_unreadable", faults[0])
    if len(set(codes.values())) > 1:
        said = ", ".join(f"{path} says {code:g}" for path, code in codes.items())
        return Exclusion(item, "labels_disagree", f"{said}; remove all but the right one")
    chosen = next(iter(codes))
    if chosen != copies[0]:
        instead[chosen] = f"{faults[0]}; {chosen} was used instead"
    return codes[chosen]


def _code(data: bytes, *, npy: bool) -> float:
    """Return the expression code of an item; numbers and strings of numbers are both found in the wild."""
    if npy:
        values = read_npy(data)
        if values.size != 1:
            raise ValueError(f"holds {values.size} values, where one expression code was expected")
        try:
            value = values.reshape(()).item()
        except Exception as error:  # a string of bytes that are no text raises a SystemError
            raise ValueError("holds a damaged value, where an expression code was expected") from error
    else:
        value = _human_label(data)
    code = as_number(str(value))
    if not code.is_integer():
        raise ValueError(f"holds {reprlib.repr(value)}, where an expression code was expected")
    return code


def _human_label(data: bytes) -> object:
    if not data:
        raise ValueError("the file is empty (0 bytes)")
    try:
        content = json.loads(data)
    except json.JSONDecodeError:
        raise
    except ValueError as error:
        raise ValueError("cannot be read as json: it holds a number of thousands of digits") from error
    except RecursionError as error:
        raise ValueError("cannot be read as json: it is nested too deep") from error
    if not isinstance(content, dict) or "human-label" not in content:
        raise ValueError("has no human-label")
    return content["human-label"]
