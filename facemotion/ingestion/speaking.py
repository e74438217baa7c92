"""Clips of people who speak: which frames are expressive, and which frame of a calm clip belongs to each.

Every chosen moment of a clip is a sequence of its own, with one expressive frame and one neutral frame: the neutral
clip of the same words at the same relative time, so that the neutral rule ``sequence`` compares like with like.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple

import pandas as pd

from facemotion import manifest, media
from facemotion.errors import DataError
from facemotion.expressions import NEUTRAL
from facemotion.ingestion import peaks as found_peaks
from facemotion.ingestion.findings import Findings
from facemotion.ingestion.tree import Tree
from facemotion.landmarks.faces import LandmarkSource
from facemotion.progress import Progress, silent

__all__ = ["RULES", "Clip", "table_of"]

RULES = {
    "measured": (
        "peaks are the three frames of the middle 60 % of a clip, at least five apart, that differ most from the "
        "neutral clip of the same words at the same relative time, each with its neighbours, in small faces that are "
        "aligned by MTCNN's points"
    ),
    "middle": "peaks are the middle frame and those five before and after it",
    "last": "peaks are the last frame and those five and ten before it",
}


class Clip(NamedTuple):
    """An expressive clip with the neutral one of the same words."""

    name: str
    subject: str
    expression: str
    source: str
    calm: str
    """The path of the neutral clip; empty if there is none."""


def table_of(
    tree: Tree, clips: Sequence[Clip], rule: str, findings: Findings, *, dataset: str, progress: Progress = silent
) -> pd.DataFrame:
    """Choose the frames of clips; return the manifest.

    Parameters
    ----------
    tree : Tree
        The dataset.
    clips : sequence of Clip
        The expressive clips.
    rule : {"measured", "middle", "last"}
        See `RULES`.
    findings : Findings
        Is told of clips that cannot be used, and of those for which the rule gave way.
    dataset : str
        The dataset's name.
    progress : Progress
        Shows the clips: ``measured`` looks at a dozen frames of each.

    Raises
    ------
    DataError
        If no clip is left.
    """
    first = len(findings.exclusions)
    rows: list[dict[str, Any]] = []
    lonely, unmeasured = [], []
    lengths = _Lengths(tree)
    shown = iter(progress(sorted(clips, key=lambda clip: (clip.calm, clip.name)), "choosing frames", total=len(clips)))
    for path, group in groupby(shown, key=lambda clip: clip.calm):
        calm = _Calm(tree, path, lengths(path))
        for clip in group:
            frames = lengths(clip.source)
            if not frames:
                findings.exclude(clip.name, "unreadable", lengths.reasons[clip.source])
                continue
            chosen, measured = _chosen(tree, clip, frames, rule, calm)
            if len(chosen) < found_peaks.MOMENTS:
                findings.exclude(clip.name, "too_short", f"it has {frames} frames, too few for three moments")
                continue
            lonely += [clip.name] * (not calm.frames)
            unmeasured += [clip.name] * (not measured)
            for frame in chosen:
                rows += _moment(clip, frame, frames, calm, dataset)
    if not rows:
        reason = findings.exclusions[first].detail if len(findings.exclusions) > first else "there is none"
        raise DataError(f"{tree.root}: no expressive clip can be used, the first because {reason}")
    for names, told in (
        (lonely, "have no neutral clip of the same words, so they take no part in a prior"),
        (unmeasured, "show too few faces to be measured: their peaks are by the rule middle"),
    ):
        if names:
            findings.note(f"{len(names)} clips {told}, the first is {min(names)}")
    findings.note(RULES[rule])
    return manifest.validate(pd.DataFrame(rows))


class _Lengths:
    """How many frames clips have, each decoded once: headers of such files often say nothing."""

    def __init__(self, tree: Tree) -> None:
        self._tree, self._known = tree, {"": 0}
        self.reasons: dict[str, str] = {}

    def __call__(self, source: str) -> int:
        if source not in self._known:
            try:
                self._known[source] = media.count_frames(self._tree.root / source)
                self.reasons[source] = "no frame of it can be decoded"
            except (media.Unreadable, media.MissingSource) as error:
                self._known[source] = 0
                self.reasons[source] = str(error)
        return self._known[source]


@dataclass
class _Calm:
    """A neutral clip: its faces are looked for only when they are needed."""

    tree: Tree
    source: str
    frames: int
    detector: Callable[[], LandmarkSource] = field(default=lambda: _detector())

    @cached_property
    def faces(self) -> dict[int, found_peaks.Gray]:
        if not self.frames:
            return {}
        return found_peaks.small_faces(
            self.tree.root / self.source, found_peaks.candidates(self.frames), self.detector()
        )


def _detector() -> LandmarkSource:
    from facemotion import landmarks
    from facemotion.landmarks.settings import landmark_settings

    return landmarks.shared(landmark_settings())


def _chosen(tree: Tree, clip: Clip, frames: int, rule: str, calm: _Calm) -> tuple[list[int], bool]:
    """Return the frames of a clip, and whether the rule held."""
    if rule == "last":
        return found_peaks.last(frames), True
    if rule == "middle":
        return found_peaks.middle(frames), True
    wanted = found_peaks.candidates(frames)
    faces = found_peaks.small_faces(tree.root / clip.source, wanted, calm.detector()) if calm.faces else {}
    found = found_peaks.differences(faces, calm.faces, frames=frames, others=calm.frames)
    chosen = found_peaks.strongest(found_peaks.steadied(found))
    if len(chosen) < found_peaks.MOMENTS:
        return found_peaks.middle(frames), False
    return chosen, True


def _moment(clip: Clip, frame: int, frames: int, calm: _Calm, dataset: str) -> list[dict[str, Any]]:
    name = f"{clip.name}-{frame:03d}"
    common = {"dataset": dataset, "subject": clip.subject, "sequence": name}
    shown = {"frame": frame, "role": "expressive", "expression": clip.expression, "source": clip.source}
    rows = [{"sample_id": name, **common, **shown}]
    if calm.frames:
        same = found_peaks.same_moment(frame, frames, calm.frames)
        at_rest = {"frame": same, "role": "neutral", "expression": NEUTRAL, "source": calm.source}
        rows.append({"sample_id": f"{name}-neutral", **common, **at_rest})
    return rows
