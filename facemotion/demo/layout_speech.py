"""Writes speaking faces in the layouts of CREMA-D and RAVDESS."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facemotion.config import DemoSettings
from facemotion.datasets.crema_d.info import CODES as CREMA_CODES
from facemotion.datasets.crema_d.info import FACTS
from facemotion.datasets.ravdess.info import CODES as RAVDESS_CODES
from facemotion.datasets.ravdess.info import SUBJECTS
from facemotion.demo.glasses import wears
from facemotion.demo.layout import Layout, Part, Whole
from facemotion.demo.speech import speaking_sequence
from facemotion.expressions import NEUTRAL

__all__ = ["render_crema_d", "render_ravdess", "said", "write_video"]

_SENTENCES = ("IEO", "DFA")
_STUB = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 1048576\n"
_RATE = 30


def clip_frames(settings: DemoSettings) -> int:
    """Return the frames of a clip: six for each of the settings', so that three moments five apart fit well."""
    return max(24, 6 * settings.frames)


def write_video(path: Path, frames: list[NDArray[np.uint8]], *, container: str, codec: str) -> None:
    """Write frames, uint8 RGB of even sides, as a video; the bytes repeat."""
    import av

    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format=container, options={"fflags": "+bitexact"}) as opened:
        stream: Any = opened.add_stream(codec, rate=Fraction(_RATE))
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.options = {"qmin": "2", "qmax": "3", "flags": "+bitexact"}
        stream.codec_context.thread_count = 1
        for image in frames:
            opened.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")))
        opened.mux(stream.encode(None))


def said(part: Part, expression: str, sentence: int, *, strength: float = 1.0) -> list[NDArray[np.uint8]]:
    """Render a person who says a sentence; return the frames, uint8 RGB of even sides.

    Parameters
    ----------
    part : Part
        Whom.
    expression : str
        In which mood; one of `facemotion.expressions.EXPRESSIONS`, or neutral.
    sentence : int
        What is said.
    strength : float
        Of the expression; it multiplies the settings' intensity.
    """
    settings = part.settings
    sequence = speaking_sequence(
        part.seed,
        None if expression == NEUTRAL else expression,
        sentence,
        clip_frames(settings),
        size=(settings.size[0] // 2 * 2, settings.size[1] // 2 * 2),
        intensity=strength * settings.intensity,
        seed=settings.seed,
        glasses=wears(part.seed, settings.glasses),
    )
    return [frame.image for frame in sequence]


def _crema_person(part: Part) -> None:
    for code, expression in CREMA_CODES.items():
        path = part.root / "CREMA-D/VideoFlash" / f"{1001 + part.number}_{_SENTENCES[0]}_{code}_XX.flv"
        write_video(path, said(part, expression, 0), container="flv", codec="flv")


def _crema_last(whole: Whole, results: list[None]) -> None:
    top, clean = whole.root / "CREMA-D", whole.clean
    videos = top / "VideoFlash"
    lines = ['"","FileName","VoiceVote","VoiceLevel","FaceVote","FaceLevel","MultiModalVote","MultiModalLevel"']
    for number, path in enumerate(sorted(videos.iterdir())):
        vote = path.stem.split("_")[2][0]
        tied = not clean and number == 1
        lines.append(f'"{number + 1}","{path.stem}","{vote}",60,"{"A:D" if tied else vote}",60,"{vote}",60')
    (top / "processedResults").mkdir()
    table = top / "processedResults" / "summaryTable.csv"
    table.write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")
    if clean:
        return
    (videos / "1090_TIE_HAP_XX.flv").write_text(_STUB.format("0" * 64), encoding="ascii", newline="\n")
    (videos / "1002_TIE_HAP_XX.flv").write_bytes(b"FLV\x01 this does not decode" * 60)
    (videos / "1001_TSI_HAP_XX.flv").write_bytes((videos / "1001_IEO_HAP_XX.flv").read_bytes())
    (top / "AudioWAV").mkdir()
    (top / "AudioWAV" / "1001_IEO_ANG_XX.wav").write_bytes(b"RIFF")
    (top / "VideoDemographics.csv").write_text("ActorID,Age\n1001,51\n", encoding="ascii", newline="\n")


render_crema_d = Layout("crema-d", _crema_person, _crema_last, most=FACTS.subjects)
"""CREMA-D: ``CREMA-D/VideoFlash/1001_IEO_ANG_XX.flv`` and so on, ``processedResults/summaryTable.csv``; one of its
sentences in its six moods, in clips with six times as many frames as the settings say, at least 24.

The quirks of real copies: a stub of Git LFS, a clip that does not decode, one whose sentence has no neutral clip, sound
files."""


def _ravdess_person(part: Part) -> None:
    actor = f"{part.number + 1:02d}"
    folder = part.root / f"Video_Speech_Actor_{actor}" / f"Actor_{actor}"
    for mood, expression in RAVDESS_CODES.items():
        path = folder / f"02-01-{mood}-01-01-01-{actor}.mp4"
        write_video(path, said(part, expression, 1), container="mp4", codec="mpeg4")


def _ravdess_quirks(whole: Whole, results: list[None]) -> None:
    """Add what real copies have besides."""
    if whole.clean:
        return
    root = whole.root
    folder = root / "Video_Speech_Actor_01" / "Actor_01"
    calm = (folder / "02-01-01-01-01-01-01.mp4").read_bytes()
    (folder / "02-01-02-01-01-01-01.mp4").write_bytes(calm)
    (folder / "01-01-05-01-01-01-01.mp4").write_bytes((folder / "02-01-05-01-01-01-01.mp4").read_bytes())
    (folder / "03-01-05-01-01-01-01.wav").write_bytes(b"RIFF")
    song = root / "Video_Song_Actor_01" / "Actor_01"
    song.mkdir(parents=True)
    (song / "02-02-01-01-01-01-01.mp4").write_bytes(calm)


render_ravdess = Layout("ravdess", _ravdess_person, _ravdess_quirks, most=len(SUBJECTS))
"""RAVDESS: ``Video_Speech_Actor_01/Actor_01/02-01-05-01-01-01-01.mp4`` and so on; one of its statements in its moods,
in clips as long as CREMA-D's.

The quirks of real copies: a take with and without sound, a sound file, a calm take, a song."""
