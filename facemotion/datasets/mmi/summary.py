"""What is said of an ingested MMI: where it lies, how many clips became how many, and its list digests."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import pandas as pd

from facemotion.datasets.mmi.info import CODES, INFO
from facemotion.datasets.mmi.recording import Decoded, Recording
from facemotion.datasets.mmi.sessions import Clip, FrameSequence, sequence_name
from facemotion.ingestion import verify
from facemotion.ingestion.copies import second_copies
from facemotion.ingestion.findings import Check, Exclusion

__all__ = ["arithmetic", "digest_checks", "layout", "nothing_labelled", "unknown_names", "unused", "without_rest"]

_SESSIONS = re.compile(r"(^|/)sessions/", re.IGNORECASE)
_UNLABELLED = ("labels_disagree", "metadata_unreadable", "no_emotion", "not_basic", "other_database")


def arithmetic(labelled: int, exclusions: Sequence[Exclusion], table: pd.DataFrame) -> str:
    """Return how many clips became how many, beside the published arithmetic.

    Parameters
    ----------
    labelled : int
        Clips with one of the six expressions.
    exclusions : sequence of Exclusion
        What was left out.
    table : pandas.DataFrame
        The manifest.
    """
    clips = (item for item in exclusions if sequence_name(item.item))  # not what lies beside them
    lost = Counter(item.reason for item in clips if item.reason not in _UNLABELLED)
    parts = "".join(f", less {number} {reason.replace('_', ' ')}" for reason, number in sorted(lost.items()))
    left = table["sequence"].nunique()
    return (
        f"{labelled} clips carry one of the six expressions{parts}: {left} are used (the authors: 213, less 4 of S021 "
        "in profile only and S002_106: 208; other papers used 205)"
    )


def nothing_labelled(ours: Sequence[str], labels: Mapping[str, str] | None, exclusions: Sequence[Exclusion]) -> str:
    """Return why no clip has a label.

    Parameters
    ----------
    ours : sequence of str
        The names of the clips that were found.
    labels : mapping of str to str, optional
        The table of ``--labels``, None if none was given.
    exclusions : sequence of Exclusion
        What was left out so far.
    """
    if labels is None:
        for item in exclusions:
            if item.reason in ("labels_disagree", "metadata_unreadable"):
                return f"every clip was excluded, the first with metadata, {item.item}, because {item.detail}"
        return (
            "none of its clips carries one of the six expressions in a Metatag named Emotion; download sessions with "
            "their metadata, or give a csv file with --labels"
        )
    for item in exclusions:
        if item.item in labels:
            return f"every clip was excluded, the first that --labels names, {item.item}, because {item.detail}"
    return (
        f"the table of --labels names none of its {len(ours)} clips, of which the first is {min(ours)} (the table's "
        f"first is {min(labels, default='none')}); give a table of these clips"
    )


def without_rest(table: pd.DataFrame) -> list[str]:
    """Return a note on clips of which only the peak is there, such as the authors' frames; none if there are none.

    Parameters
    ----------
    table : pandas.DataFrame
        The manifest.
    """
    lacking = sorted(set(table["sequence"]) - set(table["sequence"][table["role"] == "neutral"]))
    note = (
        f"of {len(lacking)} clips, the first {''.join(lacking[:1])}, only three frames in a row are there: they were "
        "taken as the peak; without a neutral face they train, but give no prior"
    )
    return [note] * bool(lacking)


def layout(clips: Sequence[Clip], sequences: Sequence[FrameSequence]) -> str:
    """Return which form of MMI was found, and where, in words."""
    tops = sorted({_top(clip.path) for clip in clips})
    own = {clip.name for clip in clips}
    alone = sum(sequence.name not in own for sequence in sequences)
    parts = [f"{len(clips)} clips in {', '.join(tops[:4])}{' and others' * (len(tops) > 4)}"] * bool(clips)
    parts += [f"extracted frames of {alone} clips"] * bool(alone)
    return ", and ".join(parts)


def unused(decoded: Sequence[tuple[Recording, Decoded]], sequences: Sequence[FrameSequence]) -> list[str]:
    """Return notes on what lies there and is not used: other copies, frames beside a clip, frames that do not decode.

    Parameters
    ----------
    decoded : sequence of tuple of Recording and Decoded
        The recordings that are used, with what was decoded.
    sequences : sequence of FrameSequence
        The extracted frames of the tree.
    """
    extracted = {sequence.name: sequence for sequence in sequences}
    doubled, beside, fewer, notes = [], 0, [], []
    for recording, frames in decoded:
        source = next(iter(frames.sources.values()))
        if not frames.video:
            notes += extracted[recording.name].notes
            continue
        doubled += [(path, source) for path in recording.videos if path != source]
        beside += bool(recording.frames)
        if not frames.whole:
            fewer.append(f"{recording.name} ({len(frames.sources)} of {frames.declared})")
    notes = [*second_copies(doubled), *notes]
    if beside:
        notes.append(f"extracted frames of {beside} clips lie beside the clips and were not used")
    if fewer:
        notes.append(
            f"of {len(fewer)} clips, the first {fewer[0]}, fewer frames decode than their headers name; the middle is "
            "that of the frames that decode"
        )
    return notes


def _top(path: str) -> str:
    """Return the folder that holds the sessions of a clip; of a clip in no session, the one that it lies in."""
    match = _SESSIONS.search(path)
    return (path[: match.start()] if match else str(PurePosixPath(path).parent)) or "."


def unknown_names(what: str, names: Mapping[str, str], present: set[str]) -> list[str]:
    """Return a note on what a user's table names and the tree does not hold; none if there is nothing.

    Parameters
    ----------
    what : str
        The option that gave the table: ``labels`` or ``sides``.
    names : mapping
        The table, by sequence or subject.
    present : set of str
        The sequences and subjects of the tree.
    """
    lacking = sorted(set(names) - present)
    shown = ", ".join(lacking[:3]) + ", ..." * (len(lacking) > 3)
    return [f"--{what} names {len(lacking)} that are not among the clips here: {shown}"] * bool(lacking)


def digest_checks(table: pd.DataFrame) -> list[Check]:
    """Compare list digests, where the selection is large enough to be the real MMI.

    Parameters
    ----------
    table : pandas.DataFrame
        The manifest.
    """
    expressive = table[table["role"] == "expressive"]
    sequences = expressive.drop_duplicates("sequence")
    if len(sequences) != sum(INFO.sequences.values()):
        return []
    codes = {expression: code for code, expression in CODES.items()}
    labels = [f"{row.sequence}\t{codes[str(row.expression)]}" for row in sequences.itertuples()]
    counted = {  # whether the authors count frames from 0 or 1 is not published
        offset: verify.list_digest(
            f"{sequence}_{frame + offset:03d}.png"
            for sequence, frame in zip(expressive["sequence"], expressive["frame"].astype(int), strict=True)
        )
        for offset in (0, 1)
    }
    expected = INFO.digests["image names"]
    names = counted[1] if counted[1] == expected else counted[0]
    return [
        Check("digest of sequences", verify.list_digest(sequences["sequence"]), INFO.digests["sequences"]),
        Check("digest of labels", verify.list_digest(labels), INFO.digests["labels"]),
        Check("digest of image names", names, expected),
    ]
