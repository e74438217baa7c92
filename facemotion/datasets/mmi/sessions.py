"""What lies on disk of MMI: clips with other files beside them, or frames that somebody extracted from clips."""

import filecmp
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from facemotion.ingestion import lookalikes
from facemotion.ingestion.copies import best_first
from facemotion.ingestion.findings import Exclusion, grouped
from facemotion.ingestion.tree import Tree, TreeFile
from facemotion.suffixes import is_image, is_video

__all__ = [
    "Clip",
    "Copy",
    "FrameSequence",
    "clip_name",
    "clips",
    "frame_sequences",
    "is_content",
    "is_selected",
    "others",
    "sequence_name",
]

_CLIP = re.compile(r"S(\d{3})\s*-\s*(\d{3})\.avi", re.IGNORECASE)
_FLAT_FRAME = re.compile(r"S(\d{3})[_-](\d{3})[_-](\d{1,6})\.(png|jpe?g|bmp)", re.IGNORECASE)  # CK+ has eight digits
_PLAIN_FRAME = re.compile(r"(?:.*\D)?(\d{1,9})\.(png|jpe?g|bmp)", re.IGNORECASE)  # more are dates and the like
_PICTURE = re.compile(r".*\.(png|jpe?g|bmp)", re.IGNORECASE)
_OF_CKPLUS = re.compile(r"S\d{3}_\d{3}_\d{8}\..*", re.IGNORECASE)
_SEQUENCE = re.compile(r"S(\d{3})\s*[-_]\s*(\d{3})", re.IGNORECASE)


@dataclass(frozen=True)
class Copy:
    """A video file, and the other files of its folder.

    Attributes
    ----------
    path : str
        The video, relative to the root.
    beside : dict of str to str
        Paths of the other files by lower-case name.
    metadata : str or None
        The path of the XML that is named as the clip is.
    """

    path: str
    beside: dict[str, str]
    metadata: str | None = None


@dataclass
class Clip:
    """A clip: ``S035_004``, and its copies in the tree.

    Attributes
    ----------
    name : str
        ``S035_004``.
    copies : list of Copy
        At least one, the best first. Those in sessions of a MAHNOB database count only if there is no other.
    lookalike : bool
        Whether its session is one of the MAHNOB databases.
    """

    name: str
    copies: list[Copy]
    lookalike: bool = False

    @property
    def path(self) -> str:
        """Its first copy."""
        return self.copies[0].path


@dataclass
class FrameSequence:
    """Extracted frames of a clip: paths by frame number, and what is to be noted if they are used."""

    name: str
    frames: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def clip_name(name: str) -> str | None:
    """Return ``S035_004`` from a file's name ``S035-004.avi``; None if it is no clip's."""
    match = _CLIP.fullmatch(name)
    return f"S{match[1]}_{match[2]}" if match else None


def is_selected(name: str) -> bool:
    """Tell whether a file is by its name surely one of MMI."""
    return bool(_CLIP.fullmatch(name) or _FLAT_FRAME.fullmatch(name))


def is_content(file: TreeFile) -> bool:
    """Tell whether a file can be metadata of a clip or of a session."""
    return file.name.lower().endswith(".xml")


def sequence_name(text: str) -> str | None:
    """Return ``S035_004`` from ``S035-004``, ``S035_004`` or ``S035 -004``; None if it is no such name."""
    match = _SEQUENCE.fullmatch(text.strip())
    return f"S{match[1]}_{match[2]}" if match else None


def clips(tree: Tree) -> list[Clip]:
    """Return a tree's clips by name; of copies those come first that have metadata beside them, and content."""
    folders: dict[tuple[str, ...], dict[str, str]] = {}
    described: dict[tuple[tuple[str, ...], str], TreeFile] = {}
    for file in tree.files:
        folders.setdefault(file.folders, {})[file.name.lower()] = file.path
        stem, _, suffix = file.name.rpartition(".")
        name = sequence_name(stem) if suffix.lower() == "xml" else None
        if name and (file.size or (file.folders, name) not in described):
            described[file.folders, name] = file
    of_mahnob = {folder for folder, names in folders.items() if lookalikes.is_mahnob(names)}

    def metadata(file: TreeFile) -> TreeFile | None:
        return described.get((file.folders, clip_name(file.name) or ""))

    found: dict[str, Clip] = {}
    for file in best_first(tree.files, complete=lambda file: bool((beside := metadata(file)) and beside.size)):
        name, beside = clip_name(file.name), metadata(file)
        if name is None:
            continue
        copy = Copy(file.path, folders[file.folders], beside.path if beside else None)
        lookalike = beside is None and file.folders in of_mahnob  # whose clips have no XML of their own
        known = found.setdefault(name, Clip(name, [], lookalike))
        if known.lookalike and not lookalike:
            found[name] = Clip(name, [copy])
        elif known.lookalike == lookalike:
            known.copies.append(copy)
    return [found[name] for name in sorted(found)]


def frame_sequences(tree: Tree) -> list[FrameSequence]:
    """Return the sequences of extracted frames by name.

    They are ``S050_003_030.png``, or numbered files in a folder ``S050-003`` or ``S050/003``.
    """
    places: dict[str, dict[str, dict[int, TreeFile]]] = {}
    doubled: Counter[str] = Counter()
    unnumbered: dict[str, list[str]] = {}
    for file in best_first(tree.files):
        key = _frame_of(file)
        if key is None:
            continue
        name, number = key
        if number is None:
            unnumbered.setdefault(name, []).append(file.path)
            continue
        frames = places.setdefault(name, {}).setdefault("/".join(file.folders), {})
        doubled[name] += frames.setdefault(number, file) != file
    return [_sequence(tree, name, places[name], doubled[name], unnumbered.get(name, [])) for name in sorted(places)]


def others(tree: Tree) -> list[Exclusion]:
    """Return exclusions for the pictures and videos that are no clips and no frames of clips, as photographs are."""
    found = []
    for file in tree.files:
        if is_image(file.name) and _frame_of(file) is None:
            found.append(Exclusion(file.path, "no_frame", "it is a picture, but by its name no frame of a clip"))
        elif is_video(file.name) and clip_name(file.name) is None:
            found.append(Exclusion(file.path, "no_clip", "it is a video, but not named like S035-004.avi"))
    return grouped(found)


def _sequence(
    tree: Tree, name: str, places: dict[str, dict[int, TreeFile]], doubled: int, unnumbered: list[str]
) -> FrameSequence:
    """Return the frames that are used, of those by folder in the order of `best_first`.

    Numbers can be counted from 0 or 1, so that folders are put together only if they agree in what they share.
    """
    found: dict[int, TreeFile] = {}
    others = []
    for place in sorted(places, key=lambda place: -sum(file.size > 0 for file in places[place].values())):  # stable
        if not _agree(tree, found, places[place]):
            others.append(place or ".")
            continue
        doubled += len(found.keys() & places[place].keys())
        for number, file in places[place].items():
            if number not in found or not found[number].size:
                found[number] = file
    frames = {number: file.path for number, file in found.items()}
    sequence = FrameSequence(name, frames)
    if others:
        sequence.notes.append(f"{name}: its frames in {', '.join(others)} are another extraction and were not used")
    if doubled:
        sequence.notes.append(f"{name}: {doubled} frames lie there twice; one of each was used")
    if unnumbered:
        sequence.notes.append(
            f"{name}: {len(unnumbered)} pictures, the first {unnumbered[0]}, end in no frame number of at most 9 "
            "digits and were not used"
        )
    lacking = max(frames) - min(frames) + 1 - len(frames)
    if lacking:
        sequence.notes.append(f"{name}: {lacking} frames are missing between first and last; those there were counted")
    return sequence


def _agree(tree: Tree, one: Mapping[int, TreeFile], other: Mapping[int, TreeFile]) -> bool:
    """Tell whether the frames that two folders share are the same files, by the first, middle and last of them."""
    shared = [number for number in sorted(one.keys() & other.keys()) if one[number].size and other[number].size]
    compared = {shared[at] for at in (0, len(shared) // 2, -1)} if shared else set()
    pairs = ((one[number], other[number]) for number in compared)
    return all(_same(tree.root / first.path, tree.root / second.path) for first, second in pairs)


def _same(one: Path, other: Path) -> bool:
    try:
        return filecmp.cmp(one, other, shallow=False)
    except OSError:
        return False


def _frame_of(file: TreeFile) -> tuple[str, int | None] | None:
    """Return the sequence and number of an extracted frame; the number is None if it has none that can be one."""
    if match := _FLAT_FRAME.fullmatch(file.name):
        return f"S{match[1]}_{match[2]}", int(match[3])
    name = _folder_name(file.folders)
    if name is None or not _PICTURE.fullmatch(file.name) or _OF_CKPLUS.fullmatch(file.name):
        return None
    match = _PLAIN_FRAME.fullmatch(file.name)
    return name, int(match[1]) if match else None


def _folder_name(folders: Sequence[str]) -> str | None:
    """Return the sequence that a folder above a file names, or two that follow each other; the innermost first."""
    for place in range(len(folders) - 1, -1, -1):
        own = sequence_name(folders[place].removesuffix(".avi"))
        pair = sequence_name("-".join(folders[place - 1 : place + 1])) if place else None
        if own or pair:
            return own or pair
    return None
