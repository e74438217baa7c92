"""One recording of MMI: its copies on disk, of which the one that is whole is decoded, once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facemotion import media
from facemotion.ingestion.findings import Exclusion, Findings

__all__ = ["Decoded", "Recording", "decode"]

_UNKNOWN_SIZE = b"\xff" * 4
_KEPT_EVERY = 16
"""One in so many frames is kept while a clip is decoded, to look for faces in."""
_LEAST_FRAMES = 5
"""Clips of fewer decoded frames have no middle three apart from the first."""


@dataclass(frozen=True)
class Recording:
    """A labelled clip or frame sequence.

    Attributes
    ----------
    name, expression : str
        ``S035_004``, and a canonical expression.
    view : int or None
        0 frontal, 1 profile, 2 both; None where nothing says it.
    videos : tuple of str
        The copies of its clip, the best first: POSIX paths relative to the root.
    frames : dict of int to str
        Extracted pictures by frame number: likewise.
    """

    name: str
    expression: str
    view: int | None
    videos: tuple[str, ...] = ()
    frames: dict[int, str] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """``S035`` of ``S035_004``."""
        return self.name[:4]


@dataclass(frozen=True)
class Decoded:
    """What is on disk of a recording, of the copy that is used.

    Attributes
    ----------
    sources : dict of int to str
        The file of each frame by its number, in order.
    samples : list of uint8 arrays of shape (H, W, 3)
        Some of the frames as stored, the first one first.
    declared : int
        The frames that the video's header names; 0 of pictures, or if it names none.
    video : bool
        Whether it is a video.
    """

    sources: dict[int, str]
    samples: list[NDArray[np.uint8]]
    declared: int = 0
    video: bool = False

    @property
    def whole(self) -> bool:
        """Whether as many frames decode as the header names."""
        return len(self.sources) >= self.declared

    @property
    def peak_only(self) -> bool:
        """Whether it is three pictures in a row, as in the authors' selection: the peak, and nothing at rest."""
        numbers = list(self.sources)
        return not self.video and len(numbers) == 3 and numbers[-1] - numbers[0] == 2


def decode(root: Path, recording: Recording, findings: Findings) -> Decoded | None:
    """Decode a recording once: count its frames and keep some.

    Of several copies the first that is whole counts; if none is, the one of which most decodes. Extracted frames count
    where no video does. A video that is cut short is not used, since its middle is not the clip's; nor are fewer frames
    than five, unless they are the peak that the authors selected.

    Parameters
    ----------
    root : Path
        What paths are relative to.
    recording : Recording
        With at least one video or frame.
    findings : Findings
        Is told why no copy can be used, or of one that was passed over because it is damaged.

    Returns
    -------
    Decoded or None
        The frames; None if no copy can be used.
    """
    best: Decoded | None = None
    passed: Exclusion | None = None
    for path in recording.videos:
        found = _video(root, recording.name, path)
        if isinstance(found, Exclusion):
            passed = passed or found
        elif best is None or len(found.sources) > len(best.sources):
            best = found
        if best is not None and best.whole:
            break
    if best is None and recording.frames:
        found = _pictures(root, recording)
        if isinstance(found, Exclusion):
            passed = passed or found
        else:
            best = found
    if best is None:
        assert passed is not None  # a recording has a copy
        findings.add(exclusions=[passed])
        return None
    if passed is not None:
        other = next(iter(best.sources.values()))
        instead = f"{other} was used" if best.video else f"its extracted frames, such as {other}, were used"
        findings.note(f"{recording.name}: {passed.detail}; {instead} instead")
    return best


def _video(root: Path, name: str, path: str) -> Decoded | Exclusion:
    count, samples = 0, []
    try:
        declared = media.declared_frames(root / path)
        for index, frame in media.every_frame(root / path):
            if not frame.failure:
                count = index + 1  # a damaged one in the middle costs itself, if it is selected
                if not samples or index % _KEPT_EVERY == 0:
                    samples.append(frame())
        lacking = _lacking(root / path)
    except (media.MissingSource, media.Unreadable, OSError) as error:
        return Exclusion(name, "undecodable", f"{path}: {error}")
    if lacking and count != declared:
        of = f" of its {declared}" if declared > count else ""
        detail = (
            f"{path} ends {lacking} bytes before its pictures do, by its own header: {count}{of} frames decode, and "
            "their middle is not the clip's; download it again"
        )
        return Exclusion(name, "cut_short", detail)
    if count < _LEAST_FRAMES:
        return Exclusion(name, "too_short", f"{path}: {count} frames of it decode; at least {_LEAST_FRAMES} are needed")
    return Decoded(dict.fromkeys(range(count), path), samples, declared, video=True)


def _lacking(path: Path) -> int:
    """Return how many bytes an AVI file lacks of its list of pictures, ``movi``, by the size that the list states."""
    length = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"AVI ":
            return 0
        while len(chunk := file.read(12)) == 12:
            end = file.tell() - 4 + int.from_bytes(chunk[4:8], "little")
            if chunk[:4] == b"LIST" and chunk[8:] == b"movi":
                lacking = end - length
                return 0 if chunk[4:8] == _UNKNOWN_SIZE or lacking <= 1 else lacking  # one byte may be padding
            file.seek(end + end % 2)
    return 0


def _pictures(root: Path, recording: Recording) -> Decoded | Exclusion:
    """Return extracted frames; some damaged ones cost only themselves, if they are selected."""
    sources = dict(sorted(recording.frames.items()))
    paths, faults = list(sources.values()), list[str]()
    samples = list(_readable(root, paths[::_KEPT_EVERY], faults))
    samples = samples or list(islice(_readable(root, paths, faults), 1))  # the first ones were unlucky, perhaps
    if not samples:
        detail = f"none of its {len(paths)} frames can be read, the first: {faults[0]}"
        return Exclusion(recording.name, "undecodable", detail)
    decoded = Decoded(sources, samples)
    if len(paths) < _LEAST_FRAMES and not decoded.peak_only:
        detail = f"it has {len(paths)} extracted frames; at least {_LEAST_FRAMES} are needed"
        return Exclusion(recording.name, "too_short", detail)
    return decoded


def _readable(root: Path, paths: Iterable[str], faults: list[str]) -> Iterator[NDArray[np.uint8]]:
    """Yield the pictures that can be read; add to `faults` why others cannot."""
    for path in paths:
        try:
            yield media.read_image(root / path)
        except (media.MissingSource, media.Unreadable) as error:
            faults.append(f"{path}: {error}")
