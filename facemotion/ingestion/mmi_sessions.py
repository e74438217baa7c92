"""What lies on disk of MMI: clips with other files beside them, or frames that somebody extracted from clips."""

import re
from dataclasses import dataclass, field

from facemotion.ingestion import lookalikes
from facemotion.ingestion.copies import best_first
from facemotion.ingestion.tree import Tree, TreeFile

__all__ = [
    "USED",
    "Clip",
    "Copy",
    "FrameSequence",
    "clips",
    "frame_sequences",
    "is_clip",
    "metadata_name",
    "sequence_name",
]

_CLIP = re.compile(r"S(\d{3})\s*-\s*(\d{3})\.avi", re.IGNORECASE)
_FLAT_FRAME = re.compile(r"S(\d{3})[_-](\d{3})[_-](\d{1,6})\.(png|jpe?g|bmp)", re.IGNORECASE)  # CK+ has eight digits
_PLAIN_FRAME = re.compile(r"(?:.*\D)?(\d{1,9})\.(png|jpe?g|bmp)", re.IGNORECASE)  # more are dates and the like
_PICTURE = re.compile(r".*\.(png|jpe?g|bmp)", re.IGNORECASE)
USED = (_CLIP, _FLAT_FRAME)
"""Names of files that are surely of MMI."""
_SEQUENCE = re.compile(r"S(\d{3})\s*[-_]\s*(\d{3})", re.IGNORECASE)


@dataclass(frozen=True)
class Copy:
    """A video file, and the other files of its folder: paths relative to the root, the latter by lower-case name."""

    path: str
    beside: dict[str, str]


@dataclass
class Clip:
    """A clip: ``S035_004``, and its copies in the tree.

    Attributes
    ----------
    name, subject : str
        ``S035_004`` and ``S035``.
    copies : list of Copy
        At least one, the best first. Those in sessions of a MAHNOB database count only if there is no other.
    lookalike : bool
        Whether its session is one of the MAHNOB databases.
    """

    name: str
    subject: str
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
    subject: str
    frames: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def is_clip(name: str) -> bool:
    """Tell whether a file is named as a clip of MMI is."""
    return _CLIP.fullmatch(name) is not None


def metadata_name(name: str) -> str:
    """Return the lower-case name of the file that tells of a clip, beside it."""
    return f"{name.rpartition('.')[0].lower()}.xml"


def sequence_name(text: str) -> str | None:
    """Return ``S035_004`` from ``S035-004``, ``S035_004`` or ``S035 -004``; None if it is no such name."""
    match = _SEQUENCE.fullmatch(text.strip())
    return f"S{match[1]}_{match[2]}" if match else None


def clips(tree: Tree) -> list[Clip]:
    """Return a tree's clips by name; of copies those come first that have metadata beside them, and content."""
    folders: dict[tuple[str, ...], dict[str, str]] = {}
    full: set[tuple[tuple[str, ...], str]] = set()
    for file in tree.files:
        folders.setdefault(file.folders, {})[file.name.lower()] = file.path
        if file.size:
            full.add((file.folders, file.name.lower()))
    of_mahnob = {folder for folder, names in folders.items() if lookalikes.is_mahnob(names)}

    found: dict[str, Clip] = {}
    for file in best_first(tree.files, complete=lambda file: (file.folders, metadata_name(file.name)) in full):
        match = _CLIP.fullmatch(file.name)
        if match is None:
            continue
        copy, lookalike = Copy(file.path, folders[file.folders]), file.folders in of_mahnob
        name = f"S{match[1]}_{match[2]}"
        known = found.setdefault(name, Clip(name, name[:4], [], lookalike))
        if known.lookalike and not lookalike:
            found[name] = Clip(name, known.subject, [copy])
        elif known.lookalike == lookalike:
            known.copies.append(copy)
    return [found[name] for name in sorted(found)]


def frame_sequences(tree: Tree) -> list[FrameSequence]:
    """Return the sequences of extracted frames by name.

    They are ``S050_003_030.png``, or numbered files in a folder ``S050-003``.
    """
    found: dict[str, FrameSequence] = {}
    doubled: dict[str, int] = {}
    unnumbered: dict[str, list[str]] = {}
    for file in best_first(tree.files):
        key = _frame_of(file)
        if key is None:
            continue
        name, number = key
        if number is None:
            unnumbered.setdefault(name, []).append(file.path)
            continue
        frames = found.setdefault(name, FrameSequence(name, name[:4])).frames
        if frames.setdefault(number, file.path) != file.path:
            doubled[name] = doubled.get(name, 0) + 1
    for name, sequence in found.items():
        if name in doubled:
            sequence.notes.append(f"{name}: {doubled[name]} frames lie there twice; one of each was used")
        if odd := unnumbered.get(name):
            sequence.notes.append(
                f"{name}: {len(odd)} pictures, the first {odd[0]}, end in no frame number of at most 9 digits and "
                "were not used"
            )
        lacking = max(sequence.frames) - min(sequence.frames) + 1 - len(sequence.frames)
        if lacking:
            sequence.notes.append(
                f"{name}: {lacking} frames are missing between first and last; those there were counted"
            )
    return [found[name] for name in sorted(found)]


def _frame_of(file: TreeFile) -> tuple[str, int | None] | None:
    """Return the sequence and number of an extracted frame; the number is None if it has none that can be one."""
    if match := _FLAT_FRAME.fullmatch(file.name):
        return f"S{match[1]}_{match[2]}", int(match[3])
    name = sequence_name(file.folders[-1]) if file.folders else None
    if name is None or not _PICTURE.fullmatch(file.name):
        return None
    match = _PLAIN_FRAME.fullmatch(file.name)
    return name, int(match[1]) if match else None
