"""RAVDESS: clips found by their names, ``01-01-05-02-01-01-12.mp4``, wherever they lie.

A name says modality, channel, mood, intensity, statement, repetition and actor. Modality 01 has sound and 02 has none:
they are one take, of which one file is used, so that none is counted twice. The face speaks: which frames are taken is
decided in `facemotion.ingestion.speaking`.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from facemotion.datasets.ravdess.info import CALM, CHANNELS, CLASSES, CODES, FACTS, INFO, SUBJECTS
from facemotion.datasets.ravdess.options import Options
from facemotion.errors import DataError
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
    stem=re.compile(r"(0[123])-(0[12])-(0[1-8])-(0[12])-(0[12])-(0[12])-(\d{2})"),
    example="02-01-05-02-01-01-12.mp4",
    folder="give the folder that holds Actor_01",
    videos="download Video_Speech_Actor_01.zip and so on from Zenodo, record 1188976,",
)
_SOUND_ALONE = "03"


class Take(NamedTuple):
    """A take, by what its names say; the modality is not part of it."""

    channel: str
    mood: str
    intensity: str
    statement: str
    repetition: str
    actor: str

    @property
    def name(self) -> str:
        """The names without modality and suffix."""
        return "-".join(self)


def ingest(tree: Tree, options: Options, *, progress: Progress = silent) -> Ingest:
    """Select three moments of each expressive clip of RAVDESS, each with a neutral frame.

    Parameters
    ----------
    tree : Tree
        Any folder that holds the clips under their own names, at any depth.
    options : Options
        Speech or song, what becomes of calm, and how peaks are found.
    progress : Progress
        Shows the clips.

    Returns
    -------
    Ingest
        Rows named ``01-05-02-01-01-12-030`` (without modality), and ``...-neutral`` for the neutral frame.

    Raises
    ------
    DataError
        If the tree is another one, holds sound alone, or no clip of the channel.
    """
    files, usable, findings = find(tree, _NAMES, _modal)
    channel = CHANNELS[options.channel]
    takes = {take: file for take, file in _one_a_take(usable).items() if take.channel == channel}
    if not takes:
        raise DataError(f"{tree.root} has clips of {INFO.title}, but none of {options.channel}; see --channel")
    if any(take.mood == CALM for take in takes) and options.calm == "leave-out":
        number = sum(take.mood == CALM for take in takes)
        findings.exclude(f"{number} clips", "calm", "calm is no basic expression; see --calm")
    clips = [
        Clip(take.name, take.actor, CODES[take.mood], file.path, _calm(take, takes, options))
        for take, file in sorted(takes.items())
        if CODES.get(take.mood, NEUTRAL) != NEUTRAL
    ]
    table = table_of(tree, clips, options.peaks, findings, dataset=INFO.name, progress=progress)
    _check(table, takes, files, options, findings)
    if lacking := [name for name in CLASSES if name not in set(table["expression"])]:
        findings.note(f"no clip here shows {' or '.join(lacking)}: in priors and training the class stays empty")
    layout = f"RAVDESS's clips of {options.channel}, peaks {options.peaks}"
    return Ingest(batches=[table], layout=layout, classes=CLASSES, findings=findings)


def _modal(file: TreeFile) -> tuple[str, Take] | None:
    """Return modality and take of a video; sound alone is none."""
    parts = _NAMES.parts(file.name)
    return (parts[0], Take(*parts[1:])) if parts and parts[0] != _SOUND_ALONE else None


def _one_a_take(files: Mapping[tuple[str, Take], TreeFile]) -> dict[Take, TreeFile]:
    """Return one file of each take: the one without sound if it is there, since it is the smaller one."""
    return {take: file for (_, take), file in sorted(files.items())}


def _calm(take: Take, takes: Mapping[Take, TreeFile], options: Options) -> str:
    """Return the neutral clip of the same statement, of the same repetition if it is there; else empty."""
    moods = ("01", CALM) if options.calm == "neutral" else ("01",)
    others = {"01": "02", "02": "01"}
    for mood in moods:
        for repetition in (take.repetition, others[take.repetition]):
            wanted = take._replace(mood=mood, intensity="01", repetition=repetition)
            if wanted in takes:
                return takes[wanted].path
    return ""


def _check(
    table: pd.DataFrame,
    takes: Mapping[Take, TreeFile],
    files: Mapping[tuple[str, Take], TreeFile],
    options: Options,
    findings: Findings,
) -> None:
    actors = {take.actor for take in takes}
    if absent := sorted(set(SUBJECTS) - actors):
        findings.note(f"{len(absent)} of the {len(SUBJECTS)} actors have no clips here, the first is {absent[0]}")
    modal = Counter(modality for modality, take in files if take in takes)
    if modal["01"] and modal["02"]:
        findings.note("takes lie here with and without sound, and each counts once")
    if options.channel != "speech":
        return
    counts = Counter(CODES.get(take.mood, "calm") for take in takes)
    findings.check("actors", len(actors), FACTS.subjects)
    for name in (*CLASSES, "calm"):
        findings.check(f"takes, {name}", counts[name], FACTS.release["takes of speech of each other mood"])
    findings.check("takes, neutral", counts[NEUTRAL], FACTS.release["neutral takes of speech"])
    findings.check("takes, all", len(takes), FACTS.release["takes of speech"])
    findings.add(checks=verify.count_checks(table, INFO, sequences=False))
