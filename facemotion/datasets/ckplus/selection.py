"""CK+ (the Extended Cohn-Kanade Dataset): labelled sequences from a neutral frame to a peak.

Frames and labels are found by their file names anywhere under the root, so that every way of unpacking works: the
canonical ``cohn-kanade-images/S005/001/`` and ``Emotion/S005/001/``, an extra level, renamed or merged folders, all
frames in one folder. The paper's selection: the last three frames of each labelled sequence; frame 1 is neutral.
"""

import reprlib
from typing import Any

import pandas as pd

from facemotion import manifest
from facemotion.config import Settings
from facemotion.datasets.ckplus.info import CODES, FACTS, INFO, PEAK_FRAMES
from facemotion.datasets.ckplus.sequences import OnDisk, Sequences, is_selected, layout, sequences
from facemotion.errors import DataError
from facemotion.expressions import NEUTRAL
from facemotion.ingestion import lookalikes, names, verify
from facemotion.ingestion.findings import Findings
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree
from facemotion.progress import Progress, silent

__all__ = ["ingest", "select"]


def ingest(tree: Tree, options: Settings, *, progress: Progress = silent) -> Ingest:
    """Select the paper's frames of CK+.

    Parameters
    ----------
    tree : Tree
        Any folder that holds both the frames and the emotion labels, at any depth.
    options : Settings
        CK+ has none.
    progress : Progress
        Shows the reading of labels.

    Returns
    -------
    Ingest
        Rows named ``S005_001_00000011``: three expressive and one neutral a labelled sequence.

    Raises
    ------
    DataError
        If the tree is a look-alike, or lacks frames or labels.
    """
    result = select(tree, dataset=INFO.name, progress=progress)
    found, table = sequences(tree.files, Findings()), result.manifest
    in_all = FACTS.release["sequences"]
    result.findings.check("sequences, with and without label", len(found), in_all)
    result.findings.check("subjects with a label", int(table["subject"].nunique()), FACTS.subjects)
    result.findings.add(checks=verify.count_checks(table, INFO))
    _check_digests(table, found, result.findings)
    return result


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
    tree, odd = names.set_aside(tree, is_selected)
    findings = Findings(exclusions=list(odd))
    found = sequences(tree.files, findings)
    labelled = {key: sequence for key, sequence in found.items() if sequence.labels}
    framed = any(sequence.frames for sequence in found.values())
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
    for (subject, session), sequence in progress(sorted(labelled.items()), "reading labels"):
        name = f"{subject}_{session}"
        label = _label(tree, name, sequence, findings)
        if label is None:
            continue
        for number, role, expression in _frames(name, sequence, *label, findings):
            rows.append(
                {
                    "sample_id": f"{name}_{number:08d}",
                    "dataset": dataset,
                    "subject": subject,
                    "sequence": name,
                    "frame": number,
                    "role": role,
                    "expression": expression,
                    "source": sequence.frames[number],
                }
            )
    if not rows:
        if lookalikes.is_ck48(tree.files):
            raise DataError(f"{tree.root}: {lookalikes.recognise(tree.files)}")
        first = findings.exclusions[len(odd)]
        message = f"{tree.root}: every labelled sequence was excluded, the first, {first.item}, because {first.detail}"
        raise DataError(message)
    return Ingest(
        batches=[manifest.validate(pd.DataFrame(rows))],
        layout=layout(tree.files),
        classes=INFO.classes,
        findings=findings,
    )


def _label(tree: Tree, name: str, sequence: OnDisk, findings: Findings) -> tuple[str, int] | None:
    """Return (expression, number of the last frame); None, and tell why, if the sequence cannot be used."""
    found, unread = set(), []
    for last, path in sequence.labels:
        try:
            found.add((_code(tree.read_text(path)), last))
        except OSError as error:  # its own text holds an absolute path
            unread.append(f"{path} cannot be read: {error.strerror}")
        except ValueError as error:
            unread.append(f"{path}: {error}")
    if not found:
        return findings.exclude(name, "label_unreadable", unread[0])
    if len(found) > 1:
        paths = " and ".join(path for _, path in sequence.labels)
        return findings.exclude(name, "labels_disagree", f"{paths} differ")
    findings.note(*(f"{why}; another copy of the label was used" for why in unread))
    code, last = found.pop()
    if last not in sequence.frames:
        have = f"the frames end at {max(sequence.frames)}" if sequence.frames else "no frame of it is there"
        detail = f"its label names frame {last}, which is missing ({have}); the peak is not on disk"
        return findings.exclude(name, "label_frame_missing", detail)
    usable = [number for number in sequence.frames if number <= last]
    if len(usable) <= PEAK_FRAMES:
        detail = f"it has {len(usable)} frames; a neutral one and {PEAK_FRAMES} at the peak are needed"
        return findings.exclude(name, "too_short", detail)
    return CODES[code], last


def _code(text: str) -> int:
    tokens = text.split()
    try:
        value = float(tokens[0]) if tokens else float("nan")
    except ValueError:
        value = float("nan")
    if value not in CODES:
        shown = reprlib.repr(tokens[0]) if tokens else "nothing"
        raise ValueError(
            f"holds {shown}, where a code from 1 (anger) to 7 (surprise), such as 3.0000000e+00, was expected"
        )
    return int(value)


def _frames(name: str, sequence: OnDisk, expression: str, last: int, findings: Findings) -> list[tuple[int, str, str]]:
    """Return number, role and expression of the frames that are selected; tell what is odd about the sequence."""
    numbers = sorted(number for number in sequence.frames if number <= last)
    if max(sequence.frames) > last:
        findings.note(f"{name}: frames after the labelled {last} (up to {max(sequence.frames)}) were not used")
    if lacking := numbers[-1] - numbers[0] + 1 - len(numbers):
        findings.note(f"{name}: {lacking} frames are missing between first and last")
    chosen = [(number, "expressive", expression) for number in numbers[-PEAK_FRAMES:]]
    if numbers[0] == 1:
        return [*chosen, (1, "neutral", NEUTRAL)]
    findings.note(f"{name}: frame 1 is missing, so the sequence has no neutral face")
    return chosen


def _check_digests(table: pd.DataFrame, on_disk: Sequences, findings: Findings) -> None:
    """Compare list digests, where the selection is large enough to be the real CK+."""
    expressive = table[table["role"] == "expressive"]
    if len(expressive) != sum(INFO.images.values()):
        return
    codes = {expression: code for code, expression in CODES.items()}
    labels = expressive.drop_duplicates("sequence")
    found = {
        "image names": [f"{sample}.png" for sample in expressive["sample_id"]],
        "sequences": labels["sequence"],
        "labels": [f"{row.sequence}\t{codes[str(row.expression)]}" for row in labels.itertuples()],
        "last frames of all sequences": [
            f"{subject}_{session}\t{max(sequence.frames)}"
            for (subject, session), sequence in on_disk.items()
            if sequence.frames
        ],
    }
    for what, expected in INFO.digests.items():
        findings.check(f"digest of {what}", verify.list_digest(found[what]), expected)
