"""CK+ (the Extended Cohn-Kanade Dataset): labelled sequences from a neutral frame to a peak.

Frames and labels are found by their file names anywhere under the root, so that every way of unpacking works: the
canonical ``cohn-kanade-images/S005/001/`` and ``Emotion/S005/001/``, an extra level, renamed or merged folders, all
frames in one folder. The paper's selection: the last three frames of each labelled sequence; frame 1 is neutral.
"""

import reprlib
from collections.abc import Mapping
from typing import Any

import pandas as pd

from facemotion import manifest
from facemotion.config import Settings, make
from facemotion.errors import DataError
from facemotion.expressions import EXPRESSIONS, NEUTRAL
from facemotion.ingestion import ckplus_sequences, lookalikes, names, shipped_landmarks, verify
from facemotion.ingestion.ckplus_sequences import OnDisk, Sequences
from facemotion.ingestion.result import Check, DatasetInfo, Exclusion, Ingest
from facemotion.ingestion.tree import Tree
from facemotion.progress import Progress, silent

__all__ = ["INFO", "ingest", "landmarks", "select"]

landmarks = shipped_landmarks.of_ckplus

INFO = DatasetInfo(
    name="ckplus",
    title="CK+ (Extended Cohn-Kanade)",
    label_space="basic7",
    licence="Signed agreement per user, research only; images may not be redistributed.",
    access="Request form of the Affect Analysis Group, University of Pittsburgh (jeffcohn.net, Resources).",
    sequences=dict(zip(EXPRESSIONS, (45, 18, 59, 25, 69, 28, 83), strict=True)),
    images=dict(zip(EXPRESSIONS, (135, 54, 177, 75, 207, 84, 249), strict=True)),
    digests={
        "image names": "283bfbf9b73558b6cc0c9dcc322bf108355d9ec83ccf98df8d6984aadd1781ea",
        "sequences": "1cc6b7eef1c5b1a4429fd8147b1f00b15b893c85031b4be91a8216801acaff3e",
        "labels": "221969c9b774f25677c4879d6ec8880d8d1ee73b65ef2e09c7dd77e93ba325e6",
        "last frames of all sequences": "6522a57731f5fa1e8e3c23ecf26313634f17b0f498b457c8110732d6cfb8580f",
    },
)

SUBJECTS = 118
SEQUENCES_IN_ALL = 593
PEAK_FRAMES = 3

_CODES = dict(enumerate(EXPRESSIONS, start=1))  # the official map: 1 anger, 2 contempt, ... 7 surprise


def ingest(tree: Tree, options: Mapping[str, Any], *, progress: Progress = silent) -> Ingest:
    """Select the paper's frames of CK+.

    Parameters
    ----------
    tree : Tree
        Any folder that holds both the frames and the emotion labels, at any depth.
    options : mapping
        CK+ has none.
    progress : Progress
        Shows the reading of labels.

    Returns
    -------
    Ingest
        Rows named ``S005_001_00000011``: three expressive and one neutral a labelled sequence.

    Raises
    ------
    ConfigError
        If there are options.
    DataError
        If the tree is a look-alike, or lacks frames or labels.
    """
    make(Settings, options, where=INFO.name)
    result = select(tree, dataset=INFO.name, progress=progress)
    sequences, _ = ckplus_sequences.sequences(tree.files)
    checks = [
        Check("sequences, with and without label", len(sequences), SEQUENCES_IN_ALL),
        Check("subjects with a label", int(result.manifest["subject"].nunique()), SUBJECTS),
        *verify.count_checks(result.manifest, INFO),
    ]
    return Ingest(
        batches=result.batches,
        layout=result.layout,
        classes=INFO.classes,
        exclusions=result.exclusions,
        notes=result.notes,
        checks=checks + _digest_checks(result.manifest, sequences),
    )


def select(tree: Tree, *, dataset: str, progress: Progress = silent) -> Ingest:
    """Select frames from a tree in CK+'s layout; no comparison with published counts.

    Parameters
    ----------
    tree : Tree
        The tree; its label files are read.
    dataset : str
        The name to write into the manifest.
    progress : Progress
        Shows the reading of labels.

    Raises
    ------
    DataError
        If the tree is a look-alike, or lacks frames or labels.
    """
    tree, odd = names.set_aside(tree, ckplus_sequences.is_used)
    sequences, notes = ckplus_sequences.sequences(tree.files)
    labelled = {key: sequence for key, sequence in sequences.items() if sequence.labels}
    framed = any(sequence.frames for sequence in sequences.values())
    lost = not framed or (not labelled and lookalikes.is_ck48(tree.files))
    sentence = lookalikes.recognise(tree.files) if lost else None
    if sentence:
        raise DataError(f"{tree.root}: {sentence}")
    if not framed:
        message = (
            f"{tree.root} is not {INFO.title}: none of its {len(tree.files)} files is named like "
            "S005_001_00000001.png; give the folder that holds cohn-kanade-images and Emotion"
        )
        raise DataError(message + names.remark(odd))
    if not labelled:
        message = (
            f"{tree.root} holds frames of {INFO.title} but no emotion label such as S005_001_00000011_emotion.txt; "
            "unpack Emotion_labels.zip beside cohn-kanade-images and give the folder that holds both"
        )
        raise DataError(message + names.remark(odd))
    rows: list[dict[str, Any]] = []
    exclusions: list[Exclusion] = []
    for (subject, session), sequence in progress(sorted(labelled.items()), "reading labels"):
        found = _label(tree, f"{subject}_{session}", sequence, notes)
        if isinstance(found, Exclusion):
            exclusions.append(found)
        else:
            expression, last = found
            rows += _rows(subject, session, sequence, expression, last, notes, dataset)
    if not rows:
        if lookalikes.is_ck48(tree.files):
            raise DataError(f"{tree.root}: {lookalikes.recognise(tree.files)}")
        first = exclusions[0]
        message = f"{tree.root}: every labelled sequence was excluded, the first, {first.item}, because {first.detail}"
        raise DataError(message)
    return Ingest(
        batches=[manifest.validate(pd.DataFrame(rows))],
        layout=ckplus_sequences.layout(tree.files),
        classes=INFO.classes,
        exclusions=odd + exclusions,
        notes=notes,
    )


def _label(tree: Tree, name: str, sequence: OnDisk, notes: list[str]) -> tuple[str, int] | Exclusion:
    """Return (expression, number of the last frame), or why the sequence cannot be used."""
    found, unread = set(), []
    for last, path in sequence.labels:
        try:
            found.add((_code(tree.read_text(path)), last))
        except OSError as error:  # its own text holds an absolute path
            unread.append(f"{path} cannot be read: {error.strerror}")
        except ValueError as error:
            unread.append(f"{path}: {error}")
    if not found:
        return Exclusion(name, "label_unreadable", unread[0])
    if len(found) > 1:
        paths = " and ".join(path for _, path in sequence.labels)
        return Exclusion(name, "labels_disagree", f"{paths} differ")
    notes += [f"{why}; another copy of the label was used" for why in unread]
    code, last = found.pop()
    if last not in sequence.frames:
        have = f"the frames end at {max(sequence.frames)}" if sequence.frames else "no frame of it is there"
        detail = f"its label names frame {last}, which is missing ({have}); the peak is not on disk"
        return Exclusion(name, "label_frame_missing", detail)
    usable = [number for number in sequence.frames if number <= last]
    if len(usable) <= PEAK_FRAMES:
        detail = f"it has {len(usable)} frames; a neutral one and {PEAK_FRAMES} at the peak are needed"
        return Exclusion(name, "too_short", detail)
    return _CODES[code], last


def _code(text: str) -> int:
    tokens = text.split()
    try:
        value = float(tokens[0]) if tokens else float("nan")
    except ValueError:
        value = float("nan")
    if value not in _CODES:
        shown = reprlib.repr(tokens[0]) if tokens else "nothing"
        raise ValueError(
            f"holds {shown}, where a code from 1 (anger) to 7 (surprise), such as 3.0000000e+00, was expected"
        )
    return int(value)


def _rows(
    subject: str, session: str, sequence: OnDisk, expression: str, last: int, notes: list[str], dataset: str
) -> list[dict[str, Any]]:
    name = f"{subject}_{session}"
    numbers = sorted(number for number in sequence.frames if number <= last)
    if max(sequence.frames) > last:
        notes.append(f"{name}: frames after the labelled {last} (up to {max(sequence.frames)}) were not used")
    if numbers[-1] - numbers[0] + 1 != len(numbers):
        notes.append(f"{name}: {numbers[-1] - numbers[0] + 1 - len(numbers)} frames are missing between first and last")
    chosen = [(number, "expressive", expression) for number in numbers[-PEAK_FRAMES:]]
    if numbers[0] == 1:
        chosen.append((1, "neutral", NEUTRAL))
    else:
        notes.append(f"{name}: frame 1 is missing, so the sequence has no neutral face")
    return [
        {
            "sample_id": f"{name}_{number:08d}",
            "dataset": dataset,
            "subject": subject,
            "sequence": name,
            "frame": number,
            "role": role,
            "expression": label,
            "source": sequence.frames[number],
        }
        for number, role, label in chosen
    ]


def _digest_checks(table: pd.DataFrame, sequences: Sequences) -> list[Check]:
    """Compare list digests, where the selection is large enough to be the real CK+."""
    expressive = table[table["role"] == "expressive"]
    if len(expressive) != sum(INFO.images.values()):
        return []
    codes = {expression: code for code, expression in _CODES.items()}
    labels = expressive.drop_duplicates("sequence")
    found = {
        "image names": [f"{sample}.png" for sample in expressive["sample_id"]],
        "sequences": labels["sequence"],
        "labels": [f"{row.sequence}\t{codes[str(row.expression)]}" for row in labels.itertuples()],
        "last frames of all sequences": [
            f"{subject}_{session}\t{max(sequence.frames)}"
            for (subject, session), sequence in sequences.items()
            if sequence.frames
        ],
    }
    return [Check(f"digest of {what}", verify.list_digest(found[what]), INFO.digests[what]) for what in INFO.digests]
