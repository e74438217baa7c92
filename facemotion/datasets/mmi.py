"""MMI: clips from neutral over a peak to neutral, in ``Sessions/<n>/`` with XML beside them, or their extracted frames.

The paper takes three consecutive frames at the middle of each clip, where the peak is; the first frame is neutral. Most
clips lie on their side; dual-view clips show a frontal and a profile face side by side, and which half is frontal
differs between subjects. Both are settled by looking for faces, and stored in ``rotate`` and ``region``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from facemotion import manifest, media
from facemotion.config import LandmarkSettings, Settings, make
from facemotion.errors import DataError
from facemotion.expressions import NEUTRAL
from facemotion.ingestion import lookalikes, mmi_sessions, mmi_summary, names, verify
from facemotion.ingestion.mmi_recording import Recording, decode, place
from facemotion.ingestion.mmi_tables import CLASSES, CODES, read_labels, read_sides
from facemotion.ingestion.result import Check, DatasetInfo, Exclusion, Ingest
from facemotion.ingestion.tree import Tree
from facemotion.landmarks import LandmarkSource, create
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
LEAST_FRAMES = 5
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
    tree, odd = names.set_aside(tree, *mmi_sessions.USED)
    found, notes = mmi_sessions.clips(tree)
    sequences, more = mmi_sessions.frame_sequences(tree)
    if found and sequences:
        notes.append(f"extracted frames of {len(sequences)} clips lie beside the clips and were not used")
        sequences, more = [], []
    notes += more
    if not found and not sequences:
        message = lookalikes.recognise(tree.files) or (
            f"this is not MMI: none of its {len(tree.files)} files is named like S035-004.avi or "
            "S050_003_030.png; give the folder that holds Sessions"
        )
        raise DataError(f"{tree.root}: {message}{names.remark(odd)}")
    if sequences and chosen.labels is None:
        message = (
            f"{tree.root} holds frames of {len(sequences)} MMI clips, which carry no labels: give a csv file with the "
            "columns sequence and expression with --labels"
        )
        raise DataError(message)
    exclusions: list[Exclusion] = list(odd)
    recordings = [_from_clip(tree, clip, labels, exclusions, notes) for clip in found]
    recordings += [_from_frames(sequence, labels, exclusions) for sequence in sequences]
    labelled = [recording for recording in recordings if recording is not None]
    if not labelled:
        ours = [each.name for each in (*found, *sequences)]
        given = None if chosen.labels is None else labels
        sentence = lookalikes.recognise(tree.files) or mmi_summary.nothing_labelled(ours, given, exclusions)
        raise DataError(f"{tree.root}: {sentence}")
    present = {name for each in (*found, *sequences) for name in (each.name, each.subject)}
    notes += mmi_summary.unknown_names("labels", labels, present)
    notes += mmi_summary.unknown_names("sides", sides, present)
    source = create(LandmarkSettings())
    rows: list[dict[str, Any]] = []
    for recording in progress(labelled, "reading clips", total=len(labelled)):
        rows += _rows(tree, recording, source, sides, exclusions, notes)
    if not rows:
        first = min(exclusions)
        raise DataError(f"{tree.root}: every clip was excluded, the first, {first.item}, because {first.detail}")
    table = manifest.validate(pd.DataFrame(rows))
    notes += [mmi_summary.arithmetic(len(labelled), exclusions, table), *mmi_summary.without_rest(table)]
    return Ingest(
        batches=[table],
        layout=mmi_summary.layout(found, sequences),
        classes=INFO.classes,
        exclusions=exclusions,
        notes=notes,
        checks=[
            Check("subjects", int(table["subject"].nunique()), SUBJECTS),
            *verify.count_checks(table, INFO),
            *mmi_summary.digest_checks(table, INFO),
        ],
    )


def _from_clip(
    tree: Tree, clip: mmi_sessions.Clip, labels: Mapping[str, str], exclusions: list[Exclusion], notes: list[str]
) -> Recording | None:
    if clip.lookalike:
        detail = f"{clip.path} is of a MAHNOB database, not of MMI"
        exclusions.append(Exclusion(clip.name, "other_database", detail))
        return None
    try:
        code = mmi_sessions.read_emotion(tree, clip)
        view = mmi_sessions.read_view(tree, clip)
    except ValueError as error:
        exclusions.append(Exclusion(clip.name, "metadata_unreadable", str(error)))
        return None
    tagged = CODES.get(code or 0)
    expression = labels.get(clip.name) or tagged
    if tagged is not None and expression != tagged:
        notes.append(f"{clip.path}: its Emotion is {tagged}; --labels says {expression}, and was believed")
    if expression is None and code is None:
        expression = mmi_sessions.label_of_folder(clip)
        if expression is not None:
            notes.append(f"{clip.path}: no Emotion tag; the folder's name, {expression}, was believed")
    if expression is None or expression not in CLASSES:
        detail = "no metadata file beside it has a Metatag named Emotion" if code is None else f"its Emotion is {code}"
        exclusions.append(Exclusion(clip.name, "no_emotion" if code is None else "not_basic", detail))
        return None
    return Recording(clip.name, clip.subject, expression, view, clip.path)


def _from_frames(
    sequence: mmi_sessions.FrameSequence, labels: Mapping[str, str], exclusions: list[Exclusion]
) -> Recording | None:
    if sequence.name not in labels:
        exclusions.append(Exclusion(sequence.name, "no_emotion", "the table of labels does not name it"))
        return None
    return Recording(sequence.name, sequence.subject, labels[sequence.name], None, sequence.frames)


def _rows(
    tree: Tree,
    recording: Recording,
    source: LandmarkSource,
    sides: Mapping[str, str],
    exclusions: list[Exclusion],
    notes: list[str],
) -> list[dict[str, Any]]:
    """Return a recording's manifest rows; none, and an exclusion, if it cannot be used."""
    name = recording.name
    if recording.view == 1 or recording.subject in _PROFILE_ONLY:
        exclusions.append(Exclusion(name, "profile_only", f"{recording.subject} is filmed in profile only"))
        return []
    try:
        decoded = decode(tree.root, recording)
    except (media.MissingSource, media.Unreadable) as error:
        exclusions.append(Exclusion(name, "undecodable", str(error)))
        return []
    count = len(decoded.numbers)
    peak_only = not isinstance(recording.paths, str) and _is_peak(decoded.numbers)
    if count < LEAST_FRAMES and not peak_only:
        detail = f"{count} frames of it decode; at least {LEAST_FRAMES} are needed"
        exclusions.append(Exclusion(name, "too_short", detail))
        return []
    placed = place(recording, decoded.samples, source, sides, notes)
    if isinstance(placed, Exclusion):
        exclusions.append(placed)
        return []
    rotate, region = placed
    paths, numbers = recording.paths, decoded.numbers
    at_rest = [] if peak_only else [(0, "neutral", NEUTRAL)]
    chosen = [*at_rest, *((at, "expressive", recording.expression) for at in middle_frames(count))]
    return [
        {
            "sample_id": f"{name}_{numbers[position]:03d}",
            "dataset": INFO.name,
            "subject": recording.subject,
            "sequence": name,
            "frame": numbers[position],
            "role": role,
            "expression": expression,
            "source": paths if isinstance(paths, str) else paths[numbers[position]],
            "rotate": rotate,
            "region": region,
        }
        for position, role, expression in chosen
    ]


def _is_peak(numbers: Sequence[int]) -> bool:
    """Tell whether extracted frames are three in a row, as in the authors' selection: the peak, and nothing at rest."""
    return len(numbers) == 3 and numbers[-1] - numbers[0] == 2
