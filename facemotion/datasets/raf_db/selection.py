"""RAF-DB, basic set: pictures found by their names, ``train_00001.jpg``, and their codes by the list beside them.

The official split is in the names. Nobody is named, so that there is no other division and neutral pictures are of
other people: no prior is built from them. The Kaggle mirror with numbered folders holds the aligned crops alone.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd

from facemotion import manifest
from facemotion.datasets.raf_db.info import CODES, FACTS, INFO, PARTS
from facemotion.datasets.raf_db.labels import in_folders, is_list, key_of, read_lists
from facemotion.datasets.raf_db.options import Options
from facemotion.errors import DataError
from facemotion.ingestion import lookalikes, names, rows, verify
from facemotion.ingestion.copies import best_first, first_of_each
from facemotion.ingestion.findings import Findings
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree, TreeFile
from facemotion.progress import Progress, silent
from facemotion.suffixes import is_image

__all__ = ["ingest"]

_COMPOUND = re.compile(r"compound|RAF[-_ ]?ML|RAF[-_ ]?AU", re.IGNORECASE)
_MOST = 20
"""Pictures of a kind that are excluded each by name; of more, one exclusion has the number."""

Pictures = dict[tuple[str, bool], TreeFile]


def ingest(tree: Tree, options: Options, *, progress: Progress = silent) -> Ingest:
    """Select RAF-DB's pictures with their split.

    Parameters
    ----------
    tree : Tree
        Any folder that holds the pictures and the list of labels, at any depth.
    options : Options
        Original or aligned pictures.
    progress : Progress
        Shows the selection.

    Returns
    -------
    Ingest
        Rows named ``train_00001``, each its own subject; ``split`` is ``train`` or ``test``.

    Raises
    ------
    DataError
        If the tree is another set, has no labels, no pictures of that kind, or more than were published.
    """
    tree, odd = names.set_aside(tree, lambda name: is_list(name) or key_of(name) is not None)
    findings = Findings(exclusions=list(odd))
    others = [file for file in tree.files if any(map(_COMPOUND.fullmatch, file.folders))]
    aside = set(others)
    files = [file for file in tree.files if file not in aside]
    found: Pictures = first_of_each(files, lambda file: key_of(file.name), findings)
    if not found:
        raise DataError(_refusal(tree, others) + names.remark(odd))
    if others:
        findings.note(f"{len(others)} files of other sets of RAF (compound, RAF-ML, RAF-AU) were not used")
    aligned = options.pictures == "aligned"
    pictures = {name: file for (name, cut), file in found.items() if cut == aligned}
    if not pictures:
        kind, other = ("aligned crops", "original") if aligned else ("original pictures", "aligned")
        raise DataError(f"{tree.root} has no {kind} of {INFO.title}; take the others with --pictures {other}")
    lists = best_first([file for file in files if is_list(file.name)])
    codes = read_lists(tree, lists, findings) if lists else in_folders(found)
    if not codes:
        raise DataError(
            f"{tree.root} holds pictures of {INFO.title} and no labels: unpack EmoLabel/list_patition_label.txt beside "
            "them and give the folder that holds both"
        )
    _tell(findings, "no_label", "no list names it", sorted(set(pictures) - set(codes) - _excluded(findings)))
    _tell(findings, "missing_picture", "a list names it, and it is not there", sorted(set(codes) - set(pictures)))
    selected = [_row(name, codes[name], file) for name, file in sorted(pictures.items()) if name in codes]
    if not selected:
        raise DataError(f"{tree.root}: no picture is named in {lists[0].path if lists else 'a numbered folder'}")
    if len(selected) > FACTS.release["pictures"]:
        raise DataError(
            f"{tree.root} has {len(selected)} labelled pictures, more than the {FACTS.release['pictures']} of "
            f"{INFO.title}: it is an augmented copy; take the original one"
        )
    _strays(files, findings)
    table = manifest.validate(pd.DataFrame(selected))
    _check(table, findings)
    findings.note("RAF-DB names nobody: whether its official split is person-independent is not known")
    where = "the list" if lists else "numbered folders"
    layout = f"RAF-DB basic, {options.pictures} pictures, labels by {where}"
    return Ingest(batches=[table], layout=layout, classes=INFO.classes, findings=findings)


def _refusal(tree: Tree, others: list[TreeFile]) -> str:
    if others:
        return (
            f"{tree.root} holds another set of RAF (compound, RAF-ML or RAF-AU), whose classes are not the seven basic "
            "ones; give the folder basic"
        )
    if lookalikes.is_rafd(tree.files):
        return (
            f"{tree.root} holds RaFD, people who pose in a studio, and not {INFO.title}, whose name resembles it: take "
            "it as --dataset rafd"
        )
    return (
        f"{tree.root} is not {INFO.title}: none of its {len(tree.files)} files is named like train_00001.jpg or "
        "train_00001_aligned.jpg; give the folder basic, with Image and EmoLabel unpacked"
    )


def _excluded(findings: Findings) -> set[str]:
    return {each.item for each in findings.exclusions}


def _tell(findings: Findings, reason: str, detail: str, items: list[str]) -> None:
    if len(items) > _MOST:
        findings.exclude(items[0], reason, f"{detail} ({len(items)} like this)")
    else:
        for item in items:
            findings.exclude(item, reason, detail)


def _strays(files: list[TreeFile], findings: Findings) -> None:
    """Tell of pictures that lie among those of the dataset under other names, as augmentation leaves them."""
    strays = [file.path for file in files if is_image(file.name) and key_of(file.name) is None]
    if strays:
        findings.note(f"{len(strays)} pictures under other names were not used, the first is {min(strays)}")


def _row(name: str, code: int, file: TreeFile) -> dict[str, Any]:
    split = name.partition("_")[0]
    return rows.of_nobody(INFO.name, name, expression=CODES[code], source=file.path, split=split)


def _check(table: pd.DataFrame, findings: Findings) -> None:
    for part, published in PARTS.items():
        counts: Mapping[str, int] = Counter(table["expression"][table["split"] == part])
        for name in INFO.classes:
            findings.check(f"{part}, {name}", counts.get(name, 0), published[name])
        findings.check(f"{part}, all", sum(counts.values()), sum(published.values()))
    if len(table) == FACTS.release["pictures"]:
        digest = verify.list_digest(f"{name}.jpg" for name in table["sample_id"])
        findings.check("digest of names of the pictures", digest, INFO.digests["names of the pictures"])
