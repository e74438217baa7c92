"""FERPlus: the crops ``fer0000000.png`` with the class that ten votes make of each, in the official split.

The crops are taken as given; nobody is named, and there are no neutral faces of the same people. Which rule makes a
class of votes decides how many pictures there are, so that it is written into ``ingest.json``.
"""

import re
from collections import Counter
from collections.abc import Mapping

import pandas as pd

from facemotion import manifest
from facemotion.datasets.ferplus.info import FACTS, INFO, MAJORITY, NAMED, PLURALITY
from facemotion.datasets.ferplus.options import Options
from facemotion.datasets.ferplus.votes import Voted, is_content, majority, plurality, read_votes
from facemotion.errors import DataError
from facemotion.expressions import label_space
from facemotion.ingestion import names, rows
from facemotion.ingestion.copies import first_of_each
from facemotion.ingestion.findings import Findings
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree
from facemotion.progress import Progress, silent

__all__ = ["ingest"]

_FILE = re.compile(r"fer\d{7}\.png", re.IGNORECASE)
_RULES = {
    "majority": (majority, MAJORITY, "the authors' majority: single votes dropped, more than half of the rest"),
    "plurality": (plurality, PLURALITY, "plurality: the one most frequent answer"),
}


def ingest(tree: Tree, options: Options, *, progress: Progress = silent) -> Ingest:
    """Select FERPlus's crops.

    Parameters
    ----------
    tree : Tree
        Any folder that holds the pictures and a table of votes, at any depth.
    options : Options
        Classes, rule, and what becomes of the validation part.
    progress : Progress
        Not needed: the tables are small.

    Returns
    -------
    Ingest
        Rows named ``fer0000000``, each its own subject; ``split`` is ``train`` or ``test``.

    Raises
    ------
    DataError
        If the tree is another one, or lacks pictures or votes.
    """
    tree, odd = names.set_aside(tree, lambda name: _FILE.fullmatch(name) or name.lower().endswith(".csv"))
    findings = Findings(exclusions=list(odd))
    found = first_of_each(tree.files, lambda file: file.name.lower() if _FILE.fullmatch(file.name) else None, findings)
    votes = read_votes(tree, findings)
    if not found or not votes:
        raise DataError(_refusal(tree, pictures=len(found)) + names.remark(odd))
    rule, published, words = _RULES[options.rule]
    classes = label_space(options.label_space)
    split = {"Training": "train", "PrivateTest": "test"}
    if options.validation != "leave-out":
        split["PublicTest"] = options.validation
    selected, counted, left, seven = [], Counter[str](), Counter[str](), 0
    for name, voted in sorted(votes.items()):
        expression = rule(voted.votes)
        counted[voted.part] += bool(expression)
        seven += voted.part == "PrivateTest" and expression not in ("", "contempt")
        if not expression:
            left["no_majority"] += 1
        elif name not in found:
            left["missing_picture"] += 1
        elif expression not in classes:
            left["other_class"] += 1
        elif voted.part not in split:
            left["validation"] += 1
        else:
            shown = {"expression": expression, "source": found[name].path, "split": split[voted.part]}
            selected.append(rows.of_nobody(INFO.name, name.removesuffix(".png"), **shown))
    _tell(findings, left, words, options)
    if unvoted := sorted(set(found) - set(votes)):
        findings.exclude(found[unvoted[0]].path, "no_label", f"no table has votes on it ({len(unvoted)} like this)")
    if not selected:
        raise DataError(f"{tree.root}: no picture is left: {dict(left)}; are pictures and votes of one copy?")
    _check(votes, counted, published, findings)
    if options.rule == "majority":
        findings.check("test, seven classes with a majority", seven, FACTS.release[_SEVEN])
    findings.note("the 48x48 crops are taken as given: nothing is aligned (landmark source given)")
    return Ingest(
        batches=[manifest.validate(pd.DataFrame(selected))],
        layout=f"FERPlus's crops, rule of the votes: {words}",
        classes=classes,
        findings=findings,
    )


_SEVEN = "test pictures of seven classes, majority rule"


def _refusal(tree: Tree, *, pictures: int) -> str:
    if pictures:
        return (
            f"{tree.root} holds pictures named as in {INFO.title} and no votes: put fer2013new.csv beside them, or the "
            "label.csv of each part into its folder"
        )
    if any(is_content(file) for file in tree.files):
        return (
            f"{tree.root} holds the votes of {INFO.title} and no pictures such as fer0000000.png: write them from "
            "fer2013.csv with the script generate_training_data.py that comes with the votes"
        )
    return (
        f"{tree.root} is not {INFO.title}: none of its {len(tree.files)} files is named like fer0000000.png, and there "
        "is no fer2013new.csv; give the folder that holds FER2013Train"
    )


def _tell(findings: Findings, left: Mapping[str, int], words: str, options: Options) -> None:
    """Tell how many pictures were left out for each reason."""
    sentences = {
        "no_majority": f"they have no class by this rule ({words})",
        "missing_picture": "a table has votes on them, and they are not there",
        "other_class": f"their class is none of {options.label_space}",
        "validation": "the validation part is for choosing models; see --validation",
    }
    for reason, number in sorted(left.items()):
        findings.exclude(f"{number} pictures", reason, sentences[reason])


def _check(
    votes: Mapping[str, Voted], counted: Mapping[str, int], published: Mapping[str, int], findings: Findings
) -> None:
    """Compare numbers by part; the shipped ``label.csv`` files have a few pictures less than the table."""
    named = Counter(voted.part for voted in votes.values())
    for part, numbers in NAMED.items():
        found = named[part]
        findings.check(f"voted on, {part}", found, found if found in numbers else numbers[0])
    for part, number in published.items():
        findings.check(f"with a class, {part}", counted.get(part, 0), number)
