"""CREMA-D: clips found by their names, ``1001_DFA_ANG_XX.flv``, wherever they lie.

A name says actor, sentence, mood and level. Every mood but neutral is expressive; there is no surprise. The face
speaks: which frames are taken is decided in `facemotion.ingestion.speaking`.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from facemotion.datasets.crema_d.info import CLASSES, CODES, FACTS, INFO, STEMS_DIGEST
from facemotion.datasets.crema_d.options import Options
from facemotion.datasets.crema_d.votes import face_votes
from facemotion.expressions import NEUTRAL
from facemotion.ingestion import verify
from facemotion.ingestion.clips import Named, find
from facemotion.ingestion.findings import Findings
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.speaking import Clip, table_of
from facemotion.ingestion.tree import Tree, TreeFile
from facemotion.progress import Progress, silent

__all__ = ["ingest"]

_NAMES = Named(
    title=INFO.title,
    stem=re.compile(r"(\d{4})_([A-Z]{3})_(ANG|DIS|FEA|HAP|NEU|SAD)_(LO|MD|HI|XX|X)", re.IGNORECASE),
    example="1001_DFA_ANG_XX.flv",
    folder="give the folder that holds VideoFlash",
    videos="clone the repository with Git LFS",
)


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
    found, takes, findings = find(tree, _NAMES, lambda file: take_of(file.name))
    labels = _labels(tree, takes, options, findings)
    calm = {(take.actor, take.sentence): takes[take].path for take, label in sorted(labels.items()) if label == NEUTRAL}
    clips = [
        Clip(take.name, take.actor, label, takes[take].path, calm.get((take.actor, take.sentence), ""))
        for take, label in sorted(labels.items())
        if label != NEUTRAL
    ]
    table = table_of(tree, clips, options.peaks, findings, dataset=INFO.name, progress=progress)
    _check(table, found, options, findings)
    findings.note("CREMA-D has no surprise: the classes are anger, disgust, fear, happiness and sadness")
    layout = f"CREMA-D's clips, labels by {options.judged_by}, peaks {options.peaks}"
    return Ingest(batches=[table], layout=layout, classes=CLASSES, findings=findings)


def take_of(name: str) -> Take | None:
    """Return what a file is by its name; None if it is no clip of CREMA-D."""
    parts = _NAMES.parts(name)
    return Take(*(part.upper() for part in parts)) if parts else None


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
