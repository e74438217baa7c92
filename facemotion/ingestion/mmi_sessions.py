"""What lies on disk of MMI: clips with the XML beside them, or frames that somebody extracted from clips.

Root elements, namespaces and encodings of MMI's XML are not documented, so elements are found by their local name
anywhere in a file, and bytes are left to the parser. Entities and document types are refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from facemotion.errors import ConfigError
from facemotion.expressions import canonical
from facemotion.ingestion import lookalikes
from facemotion.ingestion.copies import best_first
from facemotion.ingestion.tree import Tree, TreeFile

__all__ = ["USED", "Clip", "FrameSequence", "clips", "frame_sequences", "read_emotion", "read_view", "sequence_name"]

_CLIP = re.compile(r"S(\d{3})\s*-\s*(\d{3})\.avi", re.IGNORECASE)
_FLAT_FRAME = re.compile(r"S(\d{3})[_-](\d{3})[_-](\d{1,6})\.(png|jpe?g|bmp)", re.IGNORECASE)  # CK+ has eight digits
_PLAIN_FRAME = re.compile(r"(?:.*\D)?(\d+)\.(png|jpe?g|bmp)", re.IGNORECASE)
USED = (_CLIP, _FLAT_FRAME)
"""Names of files that are surely of MMI."""
_SEQUENCE = re.compile(r"S(\d{3})\s*[-_]\s*(\d{3})", re.IGNORECASE)
_MOST_XML = 1 << 20


@dataclass
class Clip:
    """A video: ``S035_004``, its path, and what its session says.

    Attributes
    ----------
    name, subject, path : str
        Ours; ours; POSIX path relative to the root.
    beside : dict of str to str
        The other files of its folder, paths by lower-case name.
    lookalike : bool
        Whether its session is one of the MAHNOB databases.
    """

    name: str
    subject: str
    path: str
    beside: dict[str, str] = field(default_factory=dict)
    lookalike: bool = False


@dataclass
class FrameSequence:
    """Extracted frames of a clip: paths by frame number."""

    name: str
    subject: str
    frames: dict[int, str] = field(default_factory=dict)


def sequence_name(text: str) -> str | None:
    """Return ``S035_004`` from ``S035-004``, ``S035_004`` or ``S035 -004``; None if it is no such name."""
    match = _SEQUENCE.fullmatch(text.strip())
    return f"S{match[1]}_{match[2]}" if match else None


def clips(tree: Tree) -> tuple[list[Clip], list[str]]:
    """Return a tree's clips by name, and notes on those that lie there twice."""
    folders: dict[tuple[str, ...], dict[str, str]] = {}
    for file in tree.files:
        folders.setdefault(file.folders, {})[file.name.lower()] = file.path
    found: dict[str, Clip] = {}
    notes = []
    for file in best_first(
        tree.files, complete=lambda file: f"{Path(file.name).stem.lower()}.xml" in folders[file.folders]
    ):
        match = _CLIP.fullmatch(file.name)
        if match is None:
            continue
        beside = folders[file.folders]
        name = f"S{match[1]}_{match[2]}"
        clip = Clip(name, f"S{match[1]}", file.path, beside, lookalikes.is_mahnob(beside))
        if name in found and not (found[name].lookalike and not clip.lookalike):
            if not clip.lookalike:
                notes.append(f"{file.path} is a second copy of {found[name].path} and was not used")
            continue
        found[name] = clip
    return [found[name] for name in sorted(found)], notes


def frame_sequences(tree: Tree) -> tuple[list[FrameSequence], list[str]]:
    """Return the sequences of extracted frames, and notes on frames that lie there twice or are missing.

    They are ``S050_003_030.png``, or numbered files in a folder ``S050-003``.
    """
    found: dict[str, FrameSequence] = {}
    doubled: dict[str, int] = {}
    for file in best_first(tree.files):
        key = _frame_of(file)
        if key is not None:
            subject, name, number = key
            frames = found.setdefault(name, FrameSequence(name, subject)).frames
            if frames.setdefault(number, file.path) != file.path:
                doubled[name] = doubled.get(name, 0) + 1
    notes = [
        f"{name}: {number} frames lie there twice; one of each was used" for name, number in sorted(doubled.items())
    ]
    for name, sequence in sorted(found.items()):
        lacking = max(sequence.frames) - min(sequence.frames) + 1 - len(sequence.frames)
        if lacking:
            notes.append(f"{name}: {lacking} frames are missing between first and last; those there were counted")
    return [found[name] for name in sorted(found)], notes


def _frame_of(file: TreeFile) -> tuple[str, str, int] | None:
    if match := _FLAT_FRAME.fullmatch(file.name):
        return f"S{match[1]}", f"S{match[1]}_{match[2]}", int(match[3])
    name = sequence_name(file.folders[-1]) if file.folders else None
    match = _PLAIN_FRAME.fullmatch(file.name)
    return (name[:4], name, int(match[1])) if name and match else None


def read_emotion(tree: Tree, clip: Clip) -> int | None:
    """Return the code in the clip's ``Metatag`` named Emotion; None if there is no such tag.

    Raises
    ------
    ValueError
        If the file cannot be read or the tag holds no whole number; the message is the reason.
    """
    stem = Path(clip.path).stem.lower()
    path = clip.beside.get(f"{stem}.xml")
    if path is None:
        return None
    for tag, attributes in _elements(tree, path):
        if tag == "metatag" and attributes.get("name", "").strip().lower() == "emotion":
            value = attributes.get("value", "").strip()
            if not re.fullmatch(r"\d+", value):
                raise ValueError(f"{path}: its Emotion is {value!r}, where a whole number was expected")
            return int(value)
    return None


def read_view(tree: Tree, clip: Clip) -> int | None:
    """Return the session's view (0 frontal, 1 profile, 2 both), or None if nothing says it.

    Where clips were moved together, the one ``session.xml`` among them is of another session, unless it names the clip.

    Raises
    ------
    ValueError
        If the file cannot be read; the message is the reason.
    """
    path = clip.beside.get("session.xml")
    if path is None:
        return None
    alone = sum(_CLIP.fullmatch(name) is not None for name in clip.beside) == 1
    views = [
        attributes.get("view", "").strip()
        for tag, attributes in _elements(tree, path)
        if tag == "track" and (alone or sequence_name(Path(attributes.get("filename", "")).stem) == clip.name)
    ]
    known = sorted({int(view) for view in views if view in ("0", "1", "2")})
    return known[-1] if known else None  # tracks of one session that differ are the two halves of a dual view


def label_of_folder(clip: Clip) -> str | None:
    """Return the expression that a folder above the clip is named after; None if none is."""
    for part in reversed(Path(clip.path).parts[:-1]):
        try:
            return canonical(part)
        except ConfigError:
            continue
    return None


def _elements(tree: Tree, path: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield local name and attributes of a file's elements, all names in lower case."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        data = (tree.root / path).read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > _MOST_XML:
        raise ValueError(f"{path} has {len(data)} bytes, too many for MMI's metadata")
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise ValueError(f"{path} is no XML that can be read: {error}") from error
    for element in root.iter():
        local = str(element.tag).rpartition("}")[2].lower()
        yield local, {name.rpartition("}")[2].lower(): value for name, value in element.attrib.items()}
