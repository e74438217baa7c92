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
from facemotion.config import Settings, make
from facemotion.errors import DataError
from facemotion.expressions import NEUTRAL
from facemotion.ingestion import lookalikes, mmi_metadata, mmi_sessions, mmi_summary, names, verify
from facemotion.ingestion.mmi_placement import place
from facemotion.ingestion.mmi_recording import Decoded, Recording, decode
from facemotion.ingestion.mmi_tables import CLASSES, read_labels, read_sides
from facemotion.ingestion.result import Check, DatasetInfo, Exclusion, Ingest
from facemotion.ingestion.tree import Tree
from facemotion.landmarks import create
from facemotion.progress import Progress, silent

__all__ = ["FILE_OPTIONS", "INFO", "Options", "ingest", "middle_frames"]

INFO = DatasetInfo(
    name="mmi",
    title="MMI Facial Expression Database",
    label_space="basic6",
    licence="End-user licence agreement per user, research only; videos stay with the licensee.",
    access="Account on the MMI Facial Expression Database site, Imperial College London and University of Twente.",
    sequences=dict(zip(CLASSES, (33, 32, 28, 42, 32, 41), strict=True)),
    images=dict(zip(CLASSES, (99, 96, 84, 126, 96, 123), strict=True)),
    digests={
        "image names": "bc9f42d65cbc3d627447a9b3aae5bd56884574aa94655da7dfb05fbf796cbcb5",
        "sequences": "7be49fa49036e6c641b762ba2e265da94ff7a1c93fc8273676e8b26606b62a37",
        "labels": "d3d408c04e66b34f65e56d9a70c947b4432bdf90022c22392c862a9373a0244c",
    },
)
FILE_OPTIONS = ("labels", "sides")
"""Options that are files: artefacts keep the digest of their content, not their paths."""

SUBJECTS = 31
_PROFILE_ONLY = {"S021"}


class Options(Settings):
    """What can be chosen of MMI."""

    labels: str | None = None
    """A csv file with the columns ``sequence`` and ``expression``, for extracted frames or clips without XML."""
    sides: str | None = None
    """A csv file with the columns ``name`` (a subject or sequence) and ``side`` (left or right): the frontal half."""


def middle_frames(count: int) -> tuple[int, int, int]:
    """Return the positions of the three frames at the middle of `count`: the paper's peak.

    Examples
    --------
    >>> middle_frames(10)
    (4, 5, 6)
    """
    middle = count // 2
    return middle - 1, middle, middle + 1


def ingest(tree: Tree, options: Mapping[str, Any], *, progress: Progress = silent) -> Ingest:
    """Select the paper's frames of MMI.

    Parameters
    ----------
    tree : Tree
        Any folder that holds ``Sessions`` of one or several downloads, or extracted frames.
    options : mapping
        Fields of `Options`.
    progress : Progress
        Shows the decoding, which reads every labelled clip once.

    Returns
    -------
    Ingest
        Rows named ``S035_004_017``: three expressive and one neutral a clip, ``frame`` counted from 0 in videos.

    Raises
    ------
    ConfigError
        If an option is wrong or its file cannot be read.
    DataError
        If the tree is a look-alike, or holds no labelled clip.
    """
    chosen = make(Options, options, where=INFO.name)
    labels = read_labels(chosen.labels)
    sides = read_sides(chosen.sides)
    tree, odd = names.set_aside(tree, mmi_sessions.is_used)
    found, sequences = mmi_sessions.clips(tree), mmi_sessions.frame_sequences(tree)
    if not found and not sequences:
        message = lookalikes.recognise(tree.files) or (
            f"this is not MMI: none of its {len(tree.files)} files is named like S035-004.avi or "
            "S050_003_030.png; give the folder that holds Sessions"
        )
        raise DataError(f"{tree.root}: {message}{names.remark(odd)}")
    own = [clip for clip in found if not clip.lookalike]
    if not own and sequences and chosen.labels is None:
        message = (
            f"{tree.root} holds frames of {len(sequences)} MMI clips, which carry no labels: give a csv file with the "
            "columns sequence and expression with --labels"
        )
        raise DataError(message)
    exclusions: list[Exclusion] = list(odd)
    notes: list[str] = []
    labelled = _labelled(tree, found, sequences, labels, exclusions, notes)
    if not labelled:
        ours = [each.name for each in (*found, *sequences)]
        given = None if chosen.labels is None else labels
        sentence = lookalikes.recognise(tree.files) or mmi_summary.nothing_labelled(ours, given, exclusions)
        raise DataError(f"{tree.root}: {sentence}")
    present = {name for each in (*found, *sequences) for name in (each.name, each.name[:4])}
    notes += mmi_summary.unknown_names("labels", labels, present)
    notes += mmi_summary.unknown_names("sides", sides, present)
    source = create()
    used: list[tuple[Recording, Decoded]] = []
    rows: list[dict[str, Any]] = []
    for recording in progress(labelled, "reading clips", total=len(labelled)):
        result = _usable(tree, recording, notes)
        if isinstance(result, Exclusion):
            exclusions.append(result)
            continue
        placed = place(recording, result.samples, source, sides, notes)
        if isinstance(placed, Exclusion):
            exclusions.append(placed)
            continue
        rows += _rows(recording, result, *placed)
        used.append((recording, replace(result, samples=[])))
    if not rows:
        first = min(item for item in exclusions if item.item in {recording.name for recording in labelled})
        raise DataError(f"{tree.root}: every clip was excluded, the first, {first.item}, because {first.detail}")
    table = manifest.validate(pd.DataFrame(rows))
    notes += mmi_summary.unused(used, sequences)
    notes += [mmi_summary.arithmetic(len(labelled), exclusions, table), *mmi_summary.without_rest(table)]
    return Ingest(
        batches=[table],
        layout=mmi_summary.layout(own, sequences),
        classes=INFO.classes,
        exclusions=exclusions,
        notes=notes,
        checks=[
            Check("subjects", int(table["subject"].nunique()), SUBJECTS),
            *verify.count_checks(table, INFO),
            *mmi_summary.digest_checks(table, INFO),
        ],
    )


def _labelled(
    tree: Tree,
    clips: Sequence[mmi_sessions.Clip],
    sequences: Sequence[mmi_sessions.FrameSequence],
    labels: Mapping[str, str],
    exclusions: list[Exclusion],
    notes: list[str],
) -> list[Recording]:
    """Return what has a label: clips, with the frames that were extracted from them, and frames alone."""
    frames = {sequence.name: sequence for sequence in sequences}
    recordings = []
    for clip in clips:
        result = mmi_metadata.recording(tree, clip, labels, notes)
        beside = None if clip.lookalike else frames.pop(clip.name, None)
        if isinstance(result, Exclusion):
            exclusions.append(result)
        else:
            recordings.append(replace(result, frames=beside.frames) if beside else result)
    for name, sequence in frames.items():
        if name in labels:
            recordings.append(Recording(name, labels[name], None, frames=sequence.frames))
        else:
            detail = "its extracted frames carry no label, and no table of labels (--labels) names it"
            exclusions.append(Exclusion(name, "no_emotion", detail))
    return recordings


def _usable(tree: Tree, recording: Recording, notes: list[str]) -> Decoded | Exclusion:
    """Return a recording's frames, or why they cannot be used."""
    name = recording.name
    if recording.subject in _PROFILE_ONLY:
        return Exclusion(name, "profile_only", f"{recording.subject} is filmed in profile only")
    if recording.view == 1:
        return Exclusion(name, "profile_only", "its session says that it shows the profile only")
    return decode(tree.root, recording, notes)


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
