"""MMI: clips from neutral over a peak to neutral, in ``Sessions/<n>/`` with XML beside them, or their extracted frames.

The paper takes three consecutive frames at the middle of each clip, where the peak is; the first frame is neutral. Most
clips lie on their side; dual-view clips show a frontal and a profile face side by side, and which half is frontal
differs between subjects. Both are settled by looking for faces, and stored in ``rotate`` and ``region``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from facemotion import manifest
from facemotion.datasets.mmi import metadata, sessions, summary
from facemotion.datasets.mmi.info import FACTS, INFO
from facemotion.datasets.mmi.option_files import read_labels, read_sides
from facemotion.datasets.mmi.options import Options
from facemotion.datasets.mmi.placement import place
from facemotion.datasets.mmi.recording import Decoded, Recording, decode
from facemotion.errors import DataError
from facemotion.expressions import NEUTRAL
from facemotion.ingestion import lookalikes, names, verify
from facemotion.ingestion.findings import Findings
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree
from facemotion.landmarks import create
from facemotion.progress import Progress, silent

__all__ = ["ingest", "middle_frames"]

_PROFILE_ONLY = {"S021"}


def middle_frames(count: int) -> tuple[int, int, int]:
    """Return the positions of the three frames at the middle of `count`: the paper's peak.

    Examples
    --------
    >>> middle_frames(10)
    (4, 5, 6)
    """
    middle = count // 2
    return middle - 1, middle, middle + 1


def ingest(tree: Tree, options: Options, *, progress: Progress = silent) -> Ingest:
    """Select the paper's frames of MMI.

    Parameters
    ----------
    tree : Tree
        Any folder that holds ``Sessions`` of one or several downloads, or extracted frames.
    options : Options
        Tables of labels and of frontal halves.
    progress : Progress
        Shows the decoding, which reads every labelled clip once.

    Returns
    -------
    Ingest
        Rows named ``S035_004_017``: three expressive and one neutral a clip, ``frame`` counted from 0 in videos.

    Raises
    ------
    ConfigError
        If a table cannot be read.
    DataError
        If the tree is a look-alike, or holds no labelled clip.
    """
    labels = read_labels(options.labels)
    sides = read_sides(options.sides)
    tree, odd = names.set_aside(tree, sessions.is_selected)
    found, sequences = sessions.clips(tree), sessions.frame_sequences(tree)
    if not found and not sequences:
        message = lookalikes.recognise(tree.files) or (
            f"this is not MMI: none of its {len(tree.files)} files is named like S035-004.avi or "
            "S050_003_030.png; give the folder that holds Sessions"
        )
        raise DataError(f"{tree.root}: {message}{names.remark(odd)}")
    own = [clip for clip in found if not clip.lookalike]
    if not own and sequences and options.labels is None:
        message = (
            f"{tree.root} holds frames of {len(sequences)} MMI clips, which carry no labels: give a csv file with the "
            "columns sequence and expression with --labels"
        )
        raise DataError(message)
    findings = Findings(exclusions=[*odd, *sessions.others(tree)])
    labelled = _labelled(tree, found, sequences, labels, findings)
    if not labelled:
        ours = [each.name for each in (*found, *sequences)]
        given = None if options.labels is None else labels
        sentence = lookalikes.recognise(tree.files) or summary.nothing_labelled(ours, given, findings.exclusions)
        raise DataError(f"{tree.root}: {sentence}")
    present = {name for each in (*found, *sequences) for name in (each.name, each.name[:4])}
    findings.note(*summary.unknown_names("labels", labels, present))
    findings.note(*summary.unknown_names("sides", sides, present))
    source = create()
    selected: list[tuple[Recording, Decoded]] = []
    rows: list[dict[str, Any]] = []
    for recording in progress(labelled, "reading clips", total=len(labelled)):
        decoded = _decoded(tree, recording, findings)
        placed = decoded and place(recording, decoded.samples, source, sides, findings)
        if decoded and placed:
            rows += _rows(recording, decoded, *placed)
            selected.append((recording, replace(decoded, samples=[])))
    if not rows:
        ours = {recording.name for recording in labelled}
        first = min(item for item in findings.exclusions if item.item in ours)
        raise DataError(f"{tree.root}: every clip was excluded, the first, {first.item}, because {first.detail}")
    table = manifest.validate(pd.DataFrame(rows))
    findings.note(*summary.unused(selected, sequences))
    findings.note(summary.arithmetic(len(labelled), findings.exclusions, table), *summary.without_rest(table))
    findings.check("subjects", int(table["subject"].nunique()), FACTS.subjects)
    findings.add(checks=[*verify.count_checks(table, INFO), *summary.digest_checks(table)])
    return Ingest(
        batches=[table],
        layout=summary.layout(own, sequences),
        classes=INFO.classes,
        findings=findings,
    )


def _labelled(
    tree: Tree,
    clips: Sequence[sessions.Clip],
    sequences: Sequence[sessions.FrameSequence],
    labels: Mapping[str, str],
    findings: Findings,
) -> list[Recording]:
    """Return what has a label: clips, with the frames that were extracted from them, and frames alone."""
    frames = {sequence.name: sequence for sequence in sequences}
    recordings = []
    for clip in clips:
        recording = metadata.recording(tree, clip, labels, findings)
        beside = None if clip.lookalike else frames.pop(clip.name, None)
        if recording is not None:
            recordings.append(replace(recording, frames=beside.frames) if beside else recording)
    for name, sequence in frames.items():
        if name in labels:
            recordings.append(Recording(name, labels[name], None, frames=sequence.frames))
        else:
            detail = "its extracted frames carry no label, and no table of labels (--labels) names it"
            findings.exclude(name, "no_emotion", detail)
    return recordings


def _decoded(tree: Tree, recording: Recording, findings: Findings) -> Decoded | None:
    """Return a recording's frames; None, and tell why, if they cannot be used."""
    name = recording.name
    if recording.subject in _PROFILE_ONLY:
        return findings.exclude(name, "profile_only", f"{recording.subject} is filmed in profile only")
    if recording.view == 1:
        return findings.exclude(name, "profile_only", "its session says that it shows the profile only")
    return decode(tree.root, recording, findings)


def _rows(
    recording: Recording, decoded: Decoded, rotate: int, region: tuple[float, float, float, float] | None
) -> list[dict[str, Any]]:
    """Return a recording's manifest rows."""
    numbers = list(decoded.sources)
    at_rest = [] if decoded.peak_only else [(0, "neutral", NEUTRAL)]
    chosen = [*at_rest, *((at, "expressive", recording.expression) for at in middle_frames(len(numbers)))]
    return [
        {
            "sample_id": f"{recording.name}_{numbers[position]:03d}",
            "dataset": INFO.name,
            "subject": recording.subject,
            "sequence": recording.name,
            "frame": numbers[position],
            "role": role,
            "expression": expression,
            "source": decoded.sources[numbers[position]],
            "rotate": rotate,
            "region": region,
        }
        for position, role, expression in chosen
    ]
