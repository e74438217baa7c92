"""What lies on disk of CK+: frames and labels by sequence, found by their names, wherever people unpacked them."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from facemotion.ingestion import lookalikes
from facemotion.ingestion.copies import best_first, second_copies
from facemotion.ingestion.findings import Findings
from facemotion.ingestion.tree import TreeFile

__all__ = ["OnDisk", "Sequences", "is_content", "is_selected", "landmark_sample", "layout", "sequences"]

_FRAME = re.compile(r"(S\d{3})_(\d{3})_(\d{8})\.png", re.IGNORECASE)
_LABEL = re.compile(r"(S\d{3})_(\d{3})_(\d{8})_emotion\.txt", re.IGNORECASE)
_LANDMARKS = re.compile(r"S0*(\d+)_(\d{3})_(\d{8})_landmarks\.txt", re.IGNORECASE)


@dataclass
class OnDisk:
    """What is on disk of one sequence: frame number -> path, and label files as (last frame, path)."""

    frames: dict[int, str] = field(default_factory=dict)
    labels: list[tuple[int, str]] = field(default_factory=list)


Sequences = dict[tuple[str, str], OnDisk]
"""By subject and session: ``("S005", "001")``."""


def is_selected(name: str) -> bool:
    """Tell whether a file is by its name a frame or a label."""
    return bool(_FRAME.fullmatch(name) or _LABEL.fullmatch(name))


def is_content(file: TreeFile) -> bool:
    """Tell whether a file is read as a label or as landmarks."""
    return bool(_LABEL.fullmatch(file.name) or _LANDMARKS.fullmatch(file.name))


def landmark_sample(name: str) -> str | None:
    """Return the frame that a file's landmarks are of, ``S005_001_00000011``; None if it holds none."""
    match = _LANDMARKS.fullmatch(name)
    return f"S{int(match[1]):03d}_{match[2]}_{match[3]}" if match else None


def sequences(files: Sequence[TreeFile], findings: Findings) -> Sequences:
    """Return a tree's sequences.

    Of frames that lie there twice one with content wins, then the shallowest, then the first in the alphabet. Frames
    in folders named after expressions, as in CK+48, count only where there are no others.

    Parameters
    ----------
    files : sequence of TreeFile
        All files of the tree, in any order.
    findings : Findings
        Is told what was odd.
    """
    found: Sequences = defaultdict(OnDisk)
    doubled: list[tuple[str, str]] = []
    for file in _without_crops(best_first(files), findings):
        if match := _FRAME.fullmatch(file.name):
            subject, session, number = match.groups()
            frames = found[subject.upper(), session].frames
            if int(number) in frames:
                doubled.append((file.path, frames[int(number)]))
                continue
            frames[int(number)] = file.path
        elif match := _LABEL.fullmatch(file.name):
            subject, session, number = match.groups()
            found[subject.upper(), session].labels.append((int(number), file.path))
        else:
            continue
        folders = [part.upper() for part in file.folders if re.fullmatch(r"S\d{3}", part, re.IGNORECASE)]
        if folders and folders[-1] != subject.upper():
            findings.note(f"{file.path} lies in the folder of {folders[-1]}; its name, {subject}, was believed")
    findings.note(*second_copies(doubled))
    return dict(found)


def layout(files: Sequence[TreeFile]) -> str:
    """Return where frames and labels lie, in words, without the folders of subjects and sessions."""

    def parents(pattern: re.Pattern[str]) -> str:
        folders = {
            "/".join(part for part in file.folders if not re.fullmatch(r"S\d{3}|\d{3}", part, re.IGNORECASE))
            for file in _without_crops(files, Findings())
            if pattern.fullmatch(file.name)
        }
        return ", ".join(sorted(folder or "." for folder in folders))

    return f"CK+ layout, frames in {parents(_FRAME)}, labels in {parents(_LABEL)}"


def _without_crops(files: Sequence[TreeFile], findings: Findings) -> list[TreeFile]:
    """Leave out frames in class folders where there are others: they are CK+48, cut to 48x48 pixels."""
    frames = {file for file in files if _FRAME.fullmatch(file.name)}
    crops = {file for file in frames if file.folders and lookalikes.is_class_folder(file.folders[-1])}
    if not crops or len(crops) == len(frames):
        return list(files)
    folder = min("/".join(file.folders[:-1]) or "." for file in crops)
    findings.note(f"{len(crops)} frames in class folders of {folder} were not used: that is how CK+48 lies, in crops")
    return [file for file in files if file not in crops]
