"""CREMA-D: clips found by their names, ``1001_DFA_ANG_XX.flv``, wherever they lie.

A name says actor, sentence, mood and level. Every mood but neutral is expressive; there is no surprise. The face
speaks: which frames are taken is decided in `facemotion.ingestion.speaking`.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from facemotion import manifest
from facemotion.datasets.crema_d.info import CLASSES, CODES, FACTS, INFO, STEMS_DIGEST
from facemotion.datasets.crema_d.options import Options
from facemotion.datasets.crema_d.votes import face_votes
from facemotion.errors import DataError
from facemotion.expressions import NEUTRAL
from facemotion.ingestion import names, verify
from facemotion.ingestion.copies import first_of_each
from facemotion.ingestion.findings import Findings
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.speaking import Clip, readable, rows_of
from facemotion.ingestion.tree import Tree, TreeFile
from facemotion.progress import Progress, silent

__all__ = ["ingest"]

_STEM = r"(\d{4})_([A-Z]{3})_(ANG|DIS|FEA|HAP|NEU|SAD)_(LO|MD|HI|XX|X)"
_CLIP = re.compile(rf"{_STEM}\.(?:flv|mp4|avi|mov|mkv|webm)", re.IGNORECASE)
_SOUND = re.compile(rf"{_STEM}\.(?:wav|mp3|flac|ogg)", re.IGNORECASE)


class Take(NamedTuple):
    """A clip, by what its name says."""

    actor: str
    sentence: str
    code: str
    level: str

    @property
    def name(self) -> str:
        """The clip's name without suffix."""
        return "_".join(self)


def ingest(tree: Tree, options: Options, *, progress: Progress = silent) -> Ingest:
    """Select three moments of each expressive clip of CREMA-D, each with a neutral frame.

    Parameters
    ----------
    tree : Tree
        Any folder that holds the clips under their own names, at any depth.
    options : Options
        Whose labels, and how peaks are found.
    progress : Progress
        Shows the clips.

    Returns
    -------
    Ingest
        Rows named ``1001_DFA_ANG_XX-030``, and ``...-neutral`` for the neutral frame that belongs to it.

    Raises
    ------
    ConfigError
        If votes are asked for and are not there.
    DataError
        If the tree is another one, or holds sound or stubs of Git LFS alone.
    """
    tree, odd = names.set_aside(tree, _CLIP.fullmatch)
    findings = Findings(exclusions=list(odd))
    found = first_of_each(tree.files, lambda file: take_of(file.name), findings)
    if not found:
        raise DataError(_refusal(tree) + names.remark(odd))
    usable = {file.path for file in readable(tree, list(found.values()), findings)}
    takes = {take: file for take, file in found.items() if file.path in usable}
    labels = _labels(tree, takes, options, findings)
    calm = {(take.actor, take.sentence): takes[take].path for take, label in sorted(labels.items()) if label == NEUTRAL}
    clips = [
        Clip(take.name, take.actor, label, takes[take].path, calm.get((take.actor, take.sentence), ""))
        for take, label in sorted(labels.items())
        if label != NEUTRAL
    ]
    rows = rows_of(tree, clips, options.peaks, findings, dataset=INFO.name, progress=progress)
    table = manifest.validate(pd.DataFrame(rows))
    _check(table, found, options, findings)
    findings.note("CREMA-D has no surprise: the classes are anger, disgust, fear, happiness and sadness")
    layout = f"CREMA-D's clips, labels by {options.judged_by}, peaks {options.peaks}"
    return Ingest(batches=[table], layout=layout, classes=CLASSES, findings=findings)


def take_of(name: str) -> Take | None:
    """Return what a file is by its name; None if it is no clip of CREMA-D."""
    match = _CLIP.fullmatch(name)
    return Take(*(part.upper() for part in match.groups())) if match else None


def _refusal(tree: Tree) -> str:
    if sounds := sum(_SOUND.fullmatch(file.name) is not None for file in tree.files):
        return (
            f"{tree.root} holds {sounds} sound files of {INFO.title} and no video, as audio-only mirrors do: faces are "
            "needed; clone the repository with Git LFS and give the folder that holds VideoFlash"
        )
    return (
        f"{tree.root} is not {INFO.title}: none of its {len(tree.files)} files is named like 1001_DFA_ANG_XX.flv; give "
        "the folder that holds VideoFlash"
    )


def _labels(tree: Tree, takes: Mapping[Take, TreeFile], options: Options, findings: Findings) -> dict[Take, str]:
    """Return the label of each clip; of those whose votes disagree with what they are for, tell and leave out."""
    if options.judged_by == "actor":
        return {take: CODES[take.code] for take in takes}
    votes = face_votes(tree)
    labels, left = {}, Counter[str]()
    for take in takes:
        vote = votes.get(take.name)
        if not vote:
            left["no_vote" if vote is None else "tied_votes"] += 1
        elif (vote == NEUTRAL) != (CODES[take.code] == NEUTRAL):
            left["seen_as_neutral" if vote == NEUTRAL else "neutral_seen_otherwise"] += 1
        else:
            labels[take] = vote
    told = {
        "no_vote": "the table has no vote on them",
        "tied_votes": "no expression has the most votes of those who saw the face alone",
        "seen_as_neutral": "they were to show an expression, and most saw none",
        "neutral_seen_otherwise": "they were to be neutral, and most saw an expression",
    }
    for reason, number in sorted(left.items()):
        findings.exclude(f"{number} clips", reason, told[reason])
    return labels


def _check(table: pd.DataFrame, found: Mapping[Take, TreeFile], options: Options, findings: Findings) -> None:
    counts = Counter(CODES[take.code] for take in found)
    findings.check("actors", len({take.actor for take in found}), FACTS.subjects)
    for name in CLASSES:
        findings.check(f"clips, {name}", counts[name], FACTS.release["clips of each other mood"])
    findings.check("clips, neutral", counts[NEUTRAL], FACTS.release["neutral clips"])
    findings.check("clips, all", len(found), FACTS.release["clips"])
    if options.judged_by == "actor":
        findings.add(checks=verify.count_checks(table, INFO, sequences=False))
    if len(found) == FACTS.release["clips"]:
        findings.check("digest of stems of the clips", verify.list_digest(take.name for take in found), STEMS_DIGEST)
