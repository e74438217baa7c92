"""Oulu-CASIA NIR&VIS: sequences from a neutral frame to a peak, in folders named after the expression.

Found below any number of wrapper folders: ``VL/Strong/P001/Anger/000.jpeg``. The paper takes the visible-light camera
under strong light; the last three frames of each sequence are expressive, the first is neutral. Trees of cropped faces
(``VL_Acropped``) are refused: alignment needs the originals.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd

from facemotion import manifest
from facemotion.config import Settings, make
from facemotion.errors import ConfigError, DataError
from facemotion.expressions import LABEL_SPACES, NEUTRAL, canonical
from facemotion.ingestion import lookalikes, verify
from facemotion.ingestion.result import Check, DatasetInfo, Exclusion, Ingest
from facemotion.ingestion.tree import Tree
from facemotion.progress import Progress, silent

__all__ = ["INFO", "Options", "ingest"]

_CLASSES = LABEL_SPACES["basic6"]
INFO = DatasetInfo(
    name="oulu-casia",
    title="Oulu-CASIA NIR&VIS",
    label_space="basic6",
    licence="Agreement with the University of Oulu, research only; images may not be redistributed.",
    access="Request to the Center for Machine Vision and Signal Analysis, University of Oulu.",
    sequences=dict.fromkeys(_CLASSES, 80),
    images=dict.fromkeys(_CLASSES, 240),
)

SUBJECTS = 80
PEAK_FRAMES = 3
_ALL = tuple(f"P{number:03d}" for number in range(1, SUBJECTS + 1))
_SUBJECT = re.compile(r"P\d{3}", re.IGNORECASE)
_FRAME = re.compile(r"(\d{3})\.jpe?g", re.IGNORECASE)
_CAMERA = re.compile(r"(VL|NI)(_Acropped)?", re.IGNORECASE)


class Options(Settings):
    """What can be chosen of Oulu-CASIA."""

    camera: Literal["VL", "NI"] = "VL"
    """Visible light (the paper's VIS), or near infrared."""
    light: Literal["Strong", "Weak", "Dark"] = "Strong"


def ingest(tree: Tree, options: Mapping[str, Any], *, progress: Progress = silent) -> Ingest:
    """Select the paper's frames of Oulu-CASIA.

    Parameters
    ----------
    tree : Tree
        Any folder that holds the original frames, at any depth.
    options : mapping
        Fields of `Options`.
    progress : Progress
        Shows the selection.

    Returns
    -------
    Ingest
        Rows named ``P001_anger_017``: three expressive and one neutral a sequence. The 480 sequences are compared by
        subject and expression; missing ones are named.

    Raises
    ------
    ConfigError
        If an option is wrong.
    DataError
        If the tree is a look-alike, or holds cropped faces only, or no frames of that camera and light.
    """
    chosen = make(Options, options, where="oulu-casia")
    sentence = lookalikes.recognise(tree.files)
    if sentence:
        raise DataError(f"{tree.root}: {sentence}")
    sequences, prefixes, notes = _sequences(tree, chosen)
    exclusions, rows = [], []
    subjects = sorted({subject for subject, _ in sequences})
    absent = sorted(set(_ALL) - set(subjects))
    if absent:
        notes.append(f"{len(absent)} of the {SUBJECTS} subjects have no frames here: {_runs(absent)}")
    for subject in progress(subjects, "selecting sequences"):
        for expression in _CLASSES:
            frames = sequences.get((subject, expression), {})
            item = f"{subject}_{expression}"
            if not frames:
                exclusions.append(Exclusion(item, "sequence_missing", "it has no frames"))
            elif len(frames) <= PEAK_FRAMES:
                detail = f"it has {len(frames)} frames; a neutral one and {PEAK_FRAMES} at the peak are needed"
                exclusions.append(Exclusion(item, "too_short", detail))
            else:
                rows += _rows(subject, expression, frames)
    if not rows:
        raise DataError(f"{tree.root}: every sequence was excluded, the first because {exclusions[0].detail}")
    table = manifest.validate(pd.DataFrame(rows))
    return Ingest(
        manifest=table,
        layout=f"original frames, {chosen.camera}/{chosen.light}, in {', '.join(sorted(prefixes))}",
        classes=_CLASSES,
        exclusions=exclusions,
        notes=notes,
        checks=[
            Check("subjects", int(table["subject"].nunique()), SUBJECTS),
            *verify.count_checks(table, INFO),
        ],
    )


def _sequences(tree: Tree, options: Options) -> tuple[dict[tuple[str, str], dict[int, str]], set[str], list[str]]:
    """Return frame number -> path of each (subject, expression), the folders above the cameras, and notes."""
    found: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    prefixes: set[str] = set()
    notes: list[str] = []
    cropped = others = 0
    for file in sorted(tree.files, key=lambda file: (len(file.folders), file.path)):
        match = _FRAME.fullmatch(file.name)
        if match is None or len(file.folders) < 3 or not _SUBJECT.fullmatch(file.folders[-2]):
            continue
        above, (light, subject, word) = file.folders[:-3], file.folders[-3:]
        expression, camera = _expression(word), _CAMERA.fullmatch(above[-1]) if above else None
        if expression is None or camera is None:
            continue
        if camera[2]:
            cropped += 1
        elif (camera[1].upper(), light.capitalize()) != (options.camera, options.light):
            others += 1
        else:
            frames = found[subject.upper(), expression]
            if int(match[1]) in frames:
                notes.append(f"{file.path} is a second copy of {frames[int(match[1])]} and was not used")
            else:
                frames[int(match[1])] = file.path
                prefixes.add("/".join(above[:-1]) or ".")
    if found:
        return dict(found), prefixes, notes
    if cropped:
        message = (
            f"{tree.root} holds cropped faces of {INFO.title} only (VL_Acropped): they were cut by another aligner and "
            "have no room around the face, so they cannot be aligned as the originals are; give the folder OriginalImg"
        )
        raise DataError(message)
    if others:
        message = (
            f"{tree.root} has frames of {INFO.title}, but none of camera {options.camera} in {options.light} light"
        )
        raise DataError(f"{message}; see --camera and --light")
    message = (
        f"{tree.root} is not {INFO.title}: none of its {len(tree.files)} files lies as in "
        "VL/Strong/P001/Anger/000.jpeg; give the folder that holds VL, at any depth"
    )
    raise DataError(message)


def _expression(word: str) -> str | None:
    try:
        name = canonical(word)
    except ConfigError:
        return None
    return name if name in _CLASSES else None


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
