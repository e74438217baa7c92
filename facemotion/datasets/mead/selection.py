"""MEAD: clips found by the folders that they lie in, ``M003/video/front/angry/level_1/001.mp4``.

Names are numbers alone: folders say person, view, mood and level, below whatever else was unpacked around them. Two
folders of one person (``M026-1``, ``M026-2``) are one person. The face speaks: which frames are taken is decided in
`facemotion.ingestion.speaking`; of the sentences see `SLIPPED` and what is unverified in the facts.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from facemotion.datasets.mead.info import CODES, FACTS, INFO, SLIPPED, SUBJECTS
from facemotion.datasets.mead.options import VIEWS, Options
from facemotion.errors import DataError
from facemotion.expressions import NEUTRAL
from facemotion.ingestion.clips import Named, find
from facemotion.ingestion.findings import Findings
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.speaking import Clip, table_of
from facemotion.ingestion.tree import Tree, TreeFile
from facemotion.progress import Progress, silent
from facemotion.suffixes import suffix

__all__ = ["ingest", "take_of"]

_PERSON = re.compile(r"([MW]\d{3})(?:[-_ ].*)?", re.IGNORECASE)
_LEVEL = re.compile(r"level_([123])", re.IGNORECASE)
_CALM_LEVEL = "1"
_ABOVE_ROOT = 2
"""Folders above the root that may say whose clips it holds, as where the root is ``M003/video``."""


class Take(NamedTuple):
    """A clip, by what its folders and its name say."""

    person: str
    view: str
    mood: str
    level: str
    number: str

    @property
    def name(self) -> str:
        """What its samples are named after."""
        return f"{self.person}_{self.view}_{self.mood}_level_{self.level}_{self.number}"


def _strange(files: Sequence[TreeFile]) -> str:
    if packed := _packed(files):
        return f"holds {packed}: unpack video.tar in place"
    if files and all(suffix(file.name) == "parquet" for file in files):
        return f"holds tables (parquet), as mirrors made from {INFO.title} do, and no videos: download video.tar"
    return ""


def _packed(files: Iterable[TreeFile]) -> str:
    """Return how many people's clips are still packed; empty if none are."""
    found = sorted(file.path for file in files if file.name.lower() == "video.tar")
    return f"{len(found)} archives that are not unpacked, the first is {found[0]}" if found else ""


_NAMES = Named(
    title=INFO.title,
    stem=re.compile(r"(\d{3})"),
    example="M003/video/front/angry/level_1/001.mp4",
    folder="give the folder that holds M003 and the others",
    videos="download each person's video.tar",
    strange=_strange,
)


def ingest(tree: Tree, options: Options, *, progress: Progress = silent) -> Ingest:
    """Select three moments of each expressive clip of MEAD, each with a neutral frame.

    Parameters
    ----------
    tree : Tree
        Any folder that holds the people's folders, at any depth; or one person's.
    options : Options
        View, level, and how peaks are found.
    progress : Progress
        Shows the clips.

    Returns
    -------
    Ingest
        Rows named ``M003_front_anger_level_1_001-030``, and ``...-neutral`` for the neutral frame.

    Raises
    ------
    DataError
        If the tree is another one, is not unpacked, holds sound alone, or has no clip of the view and level.
    """
    above = tree.root.resolve().parts[-_ABOVE_ROOT:]
    found, usable, findings = find(tree, _NAMES, lambda file: take_of(file, above))
    seen = {take: file for take, file in usable.items() if take.view == options.view}
    takes = {take: file for take, file in seen.items() if _is_wanted(take, options)}
    if not any(take.mood != NEUTRAL for take in takes):
        views = ", ".join(sorted({take.view for take in found}))
        level = "" if options.level == "all" else f" at level {options.level}"
        raise DataError(
            f"{tree.root} has clips of {INFO.title}, but no expressive one of view {options.view}{level}; it has views "
            f"{views}: see --view and --level"
        )
    clips = [
        Clip(take.name, take.person, take.mood, file.path, _calm(take, takes))
        for take, file in sorted(takes.items())
        if take.mood != NEUTRAL
    ]
    table = table_of(tree, clips, options.peaks, findings, dataset=INFO.name, progress=progress)
    _tell(tree, takes, above, findings)
    _check(takes, options, findings)
    levels = "all levels" if options.level == "all" else f"level {options.level}"
    layout = f"MEAD's clips, view {options.view}, {levels}, peaks {options.peaks}"
    return Ingest(batches=[table], layout=layout, classes=INFO.classes, findings=findings)


def take_of(file: TreeFile, above: Sequence[str] = ()) -> Take | None:
    """Return what a file is by its name and folders; None if it is no clip of MEAD.

    Parameters
    ----------
    file : TreeFile
        Any file.
    above : sequence of str
        Folders around the root, the last one is the root.
    """
    parts, folders = _NAMES.parts(file.name), (*above, *file.folders)
    if parts is None or len(folders) < 4:
        return None
    *around, view, word, folder = folders
    level, mood = _LEVEL.fullmatch(folder), CODES.get(word.lower())
    person = next((match[1].upper() for name in reversed(around) if (match := _PERSON.fullmatch(name))), None)
    if person is None or level is None or mood is None or view.lower() not in VIEWS:
        return None
    return Take(person, view.lower(), mood, level[1], parts[0])


def _is_wanted(take: Take, options: Options) -> bool:
    return take.mood == NEUTRAL or options.level in ("all", take.level)


def _calm(take: Take, takes: Mapping[Take, TreeFile]) -> str:
    """Return the neutral clip of the same person and number; empty if there is none."""
    found = takes.get(take._replace(mood=NEUTRAL, level=_CALM_LEVEL))
    return found.path if found else ""


def _tell(tree: Tree, takes: Iterable[Take], above: Sequence[str], findings: Findings) -> None:
    people = {take.person for take in takes}
    if absent := sorted(set(SUBJECTS) - people):
        findings.note(f"{len(absent)} of the {len(SUBJECTS)} people have no clips here, the first is {absent[0]}")
    if unknown := sorted(people - set(SUBJECTS)):
        findings.note(f"{', '.join(unknown)} are none of the people known to be released, and were used all the same")
    if SLIPPED in people:
        findings.note(f"of {SLIPPED} a clip was lost, so that clips of one number need not say the same words")
    findings.note("clips of one number are taken to say the same words, which is not known of every number")
    unpacked = {file.folders[: file.folders.index("video")] for file in tree.files if "video" in file.folders}
    if packed := _packed(file for file in tree.files if file.folders not in unpacked):
        findings.note(packed)
    lost = [file.path for file in tree.files if _NAMES.parts(file.name) and take_of(file, above) is None]
    if lost:
        findings.note(f"{len(lost)} videos lie in no folder of a person, view, mood and level, as {min(lost)}")


def _check(takes: Iterable[Take], options: Options, findings: Findings) -> None:
    """Count: how many clips each person has is not published."""
    counts = Counter(take.mood for take in takes)
    whole = FACTS.release["people in the released part"]
    findings.check("people", len({take.person for take in takes}), whole)
    for name in (*INFO.classes, NEUTRAL):
        findings.check(f"clips, {name}", counts[name], None)
