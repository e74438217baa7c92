"""Oulu-CASIA NIR&VIS: sequences from a neutral frame to a peak, in folders named after the expression.

Found below any number of wrapper folders: ``VL/Strong/P001/Anger/000.jpeg``. The paper takes the visible-light camera
under strong light; the last three frames of each sequence are expressive, the first is neutral. Trees of cropped faces
(``VL_Acropped``) are refused: alignment needs the originals.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from facemotion import manifest
from facemotion.datasets.oulu_casia.info import CLASSES, INFO, SUBJECTS
from facemotion.datasets.oulu_casia.options import Options
from facemotion.errors import DataError
from facemotion.expressions import NEUTRAL, named
from facemotion.ingestion import lookalikes, names, verify
from facemotion.ingestion.copies import best_first, second_copies
from facemotion.ingestion.findings import Findings
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree
from facemotion.progress import Progress, silent

__all__ = ["ingest"]

PEAK_FRAMES = 3
_SUBJECT = re.compile(r"P\d{3}", re.IGNORECASE)
_DEPTH = 5
"""Folders that the dataset gives a frame: ``OriginalImg/VL/Strong/P001/Anger``."""
_FRAME = re.compile(r"(\d{3})\.jpe?g", re.IGNORECASE)
_CAMERA = re.compile(r"(VL|NI)(_[A-Z]?cropped)?", re.IGNORECASE)
_CROPPED = re.compile(
    r"([A-Z]_)?Pre[_ -]?Process(ed)?([_ -]?Img)?"
    r"|(?!(.*[_ -])?(not|non|un)[_ -]?cropped)(.*[_ -])?A?cropped([_ -]?(faces|img))?",
    re.IGNORECASE,
)
"""Folders of cropped faces, as copies spell them."""
_ORIGINAL = re.compile(r"([A-Z]_)?Original([_ -]?Img)?", re.IGNORECASE)


def ingest(tree: Tree, options: Options, *, progress: Progress = silent) -> Ingest:
    """Select the paper's frames of Oulu-CASIA.

    Parameters
    ----------
    tree : Tree
        Any folder that holds the original frames, at any depth.
    options : Options
        The camera and the light.
    progress : Progress
        Shows the selection.

    Returns
    -------
    Ingest
        Rows named ``P001_anger_017``: three expressive and one neutral a sequence. The 480 sequences are compared by
        subject and expression; missing ones are named.

    Raises
    ------
    DataError
        If the tree is a look-alike, or holds cropped faces only, or no frames of that camera and light.
    """
    tree, odd = names.set_aside(tree, _FRAME.fullmatch)
    findings = Findings(exclusions=list(odd))
    sequences, prefixes = _sequences(tree, options, names.remark(odd), findings)
    rows: list[dict[str, Any]] = []
    subjects = sorted({subject for subject, _ in sequences})
    if absent := sorted(set(SUBJECTS) - set(subjects)):
        number = f"{len(absent)} of the {len(SUBJECTS)}"
        findings.note(f"{number} subjects have no frames here: {_runs(absent)}")
    if unknown := sorted(set(subjects) - set(SUBJECTS)):
        others = f"{', '.join(unknown)} are none of the dataset's {len(SUBJECTS)} subjects"
        findings.note(f"{others}, and were used all the same")
    for subject in progress(subjects, "selecting sequences"):
        for expression in CLASSES:
            frames = sequences.get((subject, expression), {})
            item = f"{subject}_{expression}"
            if not frames:
                findings.exclude(item, "sequence_missing", "it has no frames")
            elif len(frames) <= PEAK_FRAMES:
                detail = f"it has {len(frames)} frames; a neutral one and {PEAK_FRAMES} at the peak are needed"
                findings.exclude(item, "too_short", detail)
            else:
                rows += _rows(subject, expression, frames)
                findings.note(*_gaps(item, frames))
    if not rows:
        raise DataError(
            f"{tree.root}: every sequence was excluded, the first because {findings.exclusions[len(odd)].detail}"
        )
    table = manifest.validate(pd.DataFrame(rows))
    findings.check("subjects", int(table["subject"].nunique()), len(SUBJECTS))
    findings.add(checks=verify.count_checks(table, INFO))
    return Ingest(
        batches=[table],
        layout=f"original frames, {options.camera}/{options.light}, in {', '.join(sorted(prefixes))}",
        classes=CLASSES,
        findings=findings,
    )


def _sequences(
    tree: Tree, options: Options, remark: str, findings: Findings
) -> tuple[dict[tuple[str, str], dict[int, str]], set[str]]:
    """Return frame number -> path of each (subject, expression), and the folders above the cameras."""
    found: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    prefixes: set[str] = set()
    doubled: list[tuple[str, str]] = []
    cropped = others = 0
    outside = _around(tree)
    for file in best_first(tree.files):
        match = _FRAME.fullmatch(file.name)
        folders = (*outside, *file.folders)[-max(_DEPTH, len(file.folders)) :]
        if match is None or len(folders) < 4 or not _SUBJECT.fullmatch(folders[-2]):
            continue
        above, (light, subject, word) = folders[:-3], folders[-3:]
        expression, camera = _expression(word), _CAMERA.fullmatch(above[-1])
        if expression is None or camera is None:
            continue
        if camera[2] or _is_cropped(above[:-1]):
            cropped += 1
        elif len(file.folders) < 4:
            continue  # the root is a camera's folder or one in it, so that no path says which
        elif (camera[1].upper(), light.capitalize()) != (options.camera, options.light):
            others += 1
        else:
            frames = found[subject.upper(), expression]
            if int(match[1]) in frames:
                doubled.append((file.path, frames[int(match[1])]))
            else:
                frames[int(match[1])] = file.path
                prefixes.add("/".join(file.folders[:-4]) or ".")
    if not found:
        raise DataError(_refusal(tree, options, cropped=cropped, others=others) + remark)
    findings.note(*second_copies(doubled))
    return dict(found), prefixes


def _is_cropped(folders: Sequence[str]) -> bool:
    """Tell whether folders above a camera's say that its faces are cropped: the innermost that says anything does."""
    for folder in reversed(folders):
        if _ORIGINAL.fullmatch(folder):
            return False
        if _CROPPED.fullmatch(folder):
            return True
    return False


def _around(tree: Tree) -> tuple[str, ...]:
    """Return the names above the tree that may be the dataset's own, the root's last.

    ``--root VL_Acropped`` leaves what tells cropped faces out of the paths in the tree. With these names a path reaches
    up to the folder that holds the camera's, and no further: above it, ``cropped`` is a name that the user chose.
    """
    return tree.root.resolve().parts[1:][-_DEPTH:]


def _refusal(tree: Tree, options: Options, *, cropped: int, others: int) -> str:
    """Return why nothing was found: other frames of the dataset, a look-alike, or something else."""
    if others:
        return (
            f"{tree.root} has frames of {INFO.title}, but none of camera {options.camera} in {options.light} light; "
            "see --camera and --light"
        )
    if cropped:
        return (
            f"{tree.root} holds cropped faces of {INFO.title} only (VL_Acropped): they were cut by another aligner and "
            "have no room around the face, so they cannot be aligned as the originals are; give the folder OriginalImg"
        )
    sentence = lookalikes.recognise(tree.files)
    if sentence:
        return f"{tree.root}: {sentence}"
    return (
        f"{tree.root} is not {INFO.title}: none of its {len(tree.files)} files lies as in "
        "VL/Strong/P001/Anger/000.jpeg; give the folder that holds VL, at any depth"
    )


def _gaps(item: str, frames: Mapping[int, str]) -> list[str]:
    """Return notes on a sequence that does not begin at its first frame, or lacks some."""
    first, last = min(frames), max(frames)
    lacking = last - first + 1 - len(frames)
    notes = [f"{item}: it begins at frame {first}, which was taken as neutral"] * (first > 1)
    return notes + [f"{item}: {lacking} frames are missing between first and last"] * (lacking > 0)


def _expression(word: str) -> str | None:
    name = named(word)
    return name if name in CLASSES else None


def _runs(names: Sequence[str]) -> str:
    """Return subjects as in ``P003, P007 to P080``."""
    starts = [name for place, name in enumerate(names) if not place or int(name[1:]) != int(names[place - 1][1:]) + 1]
    ends = [name for place, name in enumerate(names) if name == names[-1] or names[place + 1] in starts]
    return ", ".join(a if a == b else f"{a} to {b}" for a, b in zip(starts, ends, strict=True))


def _rows(subject: str, expression: str, frames: Mapping[int, str]) -> list[dict[str, Any]]:
    numbers = sorted(frames)
    chosen = [
        (numbers[0], "neutral", NEUTRAL),
        *((number, "expressive", expression) for number in numbers[-PEAK_FRAMES:]),
    ]
    return [
        {
            "sample_id": f"{subject}_{expression}_{number:03d}",
            "dataset": INFO.name,
            "subject": subject,
            "sequence": f"{subject}_{expression}",
            "frame": number,
            "role": role,
            "expression": label,
            "source": frames[number],
        }
        for number, role, label in chosen
    ]
