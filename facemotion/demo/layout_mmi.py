"""Writes the demo as MMI is downloaded: a session per AVI clip with XML; lying, upright and dual-view; with quirks."""

import shutil
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facemotion.config import DemoSettings
from facemotion.demo.glasses import wears
from facemotion.demo.layout import Layout, Whole
from facemotion.demo.layout_ckplus import POINTS
from facemotion.demo.sequence import frame_times, lab_sequence
from facemotion.expressions import LABEL_SPACES

__all__ = ["render_mmi"]

_CODES = {expression: code for code, expression in enumerate(LABEL_SPACES["basic6"], start=1)}
_DOWNLOAD = "mmi-facial-expression-database_download_2020-01-0{}_00_00_00/Sessions"
_KINDS = ("lying", "dual-left", "upright", "dual-right", "lying")
"""How subjects are filmed, in turn; of dual-view ones, the half that shows the frontal face."""
_FIRST = {"lying": 28, "dual-left": 1, "upright": 53, "dual-right": 201}
"""The number of the first subject of each kind; two in five lie, and none comes near S021."""
_VIEWS = {"lying": 0, "upright": 0, "dual-left": 2, "dual-right": 2, "profile": 1}
_PROFILE = np.radians(80.0)
_ORDER = 29
"""First word of the seeds of session numbers."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class _Clip:
    """A clip to be rendered: where it goes, what it shows, and in which download and session."""

    root: Path
    subject: str
    number: int
    kind: str
    seed: int
    expression: str
    code: int
    session: str
    settings: DemoSettings

    @property
    def folder(self) -> Path:
        return self.root / self.session

    @property
    def stem(self) -> str:
        return f"{self.subject}-{self.number:03d}"


def _clips(whole: Whole) -> list[_Clip]:
    """Return every subject's six clips, each in a session of its own whose number tells nothing."""
    root, settings, _ = whole
    rng = np.random.default_rng([_ORDER, settings.seed])
    sessions = rng.permutation(np.arange(101, 101 + 8 * settings.subjects)).tolist()
    clips = []
    for number in range(settings.subjects):
        kind = _KINDS[number % len(_KINDS)]
        subject = f"S{_FIRST[kind] + number // len(_KINDS) * (2 if kind == 'lying' else 1) + number % 5 // 4:03d}"
        for place, (expression, code) in enumerate(_CODES.items()):
            download = _DOWNLOAD.format(1 + (number % 2))
            clips.append(
                _Clip(
                    root=root,
                    subject=subject,
                    number=3 + place + (97 if kind.startswith("dual") else 0),
                    kind=kind,
                    seed=settings.seed * 1000 + number,
                    expression=expression,
                    code=code,
                    session=f"{download}/{sessions.pop()}",
                    settings=settings,
                )
            )
    return clips


def _render(clip: _Clip) -> list[list[object]]:
    """Write a clip with its XML files; return landmark rows."""
    rise = frame_times(clip.settings.frames)
    path = clip.folder / f"{clip.stem}.avi"
    frames, rows = [], []
    for index, (picture, points) in enumerate(_frames(clip, [*rise, *reversed(rise[:-1])])):
        frames.append(picture)
        rows.append([path.relative_to(clip.root).as_posix(), index, *points.ravel().tolist()])
    _write_avi(path, frames)
    _write_xml(clip)
    return rows


def _frames(clip: _Clip, times: list[float]) -> list[tuple[Pixels, NDArray[np.float32]]]:
    """Return the raw frames, uint8 RGB as they are stored, with the five points in the upright picture."""
    scale = clip.settings.size[1] / 640
    width, height = (2 * round(side * scale / 2) for side in ((640, 480) if clip.kind == "upright" else (720, 576)))
    if clip.kind == "lying":
        return [(np.rot90(image), points) for image, points in _filmed(clip, times, width, height)]
    if clip.kind == "profile":
        return [(np.rot90(image, -1), points) for image, points in _filmed(clip, times, width, height, _PROFILE)]
    if clip.kind == "upright":
        return _filmed(clip, times, height, width)
    half = width // 2
    front = _filmed(clip, times, height, half)
    if clip.kind == "dual-left":  # whoever looks past the front camera's right is seen from there
        side = _filmed(clip, times, height, half, -_PROFILE)
        return [(np.hstack([a, b]), points) for (a, points), (b, _) in zip(front, side, strict=True)]
    side = _filmed(clip, times, height, half, _PROFILE)
    offset = np.array([half, 0], np.float32)
    return [(np.hstack([b, a]), points + offset) for (a, points), (b, _) in zip(front, side, strict=True)]


def _filmed(
    clip: _Clip, times: list[float], height: int, width: int, yaw: float = 0.0
) -> list[tuple[Pixels, NDArray[np.float32]]]:
    """Return frames of a size of their own: taken from the middle of wider ones, so that the face keeps its size."""
    wide = max(width, round(height * 640 / 490))
    left = (wide - width) // 2
    settings = clip.settings
    sequence = lab_sequence(
        clip.seed,
        clip.expression,
        times,
        size=(height, wide),
        intensity=settings.intensity,
        seed=settings.seed,
        glasses=wears(clip.seed, settings.glasses),
        yaw=yaw,
    )
    shift = np.array([left, 0], np.float32)
    return [(frame.image[:, left : left + width], frame.landmarks - shift) for frame in sequence]


def _write_avi(path: Path, frames: list[Pixels]) -> None:
    """Write motion JPEG, as good as its quantiser goes; the container holds no time, so the bytes repeat."""
    import av

    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format="avi", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("mjpeg", rate=Fraction(25))
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuvj420p"
        stream.options = {"qmin": "2", "qmax": "2", "flags": "+bitexact"}
        stream.codec_context.thread_count = 1
        for image in frames:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _write_xml(clip: _Clip) -> None:
    """Write the clip's metadata and the session's; the order of the tags differs, as nothing promises one."""
    tags = [("Subject", clip.subject), ("Emotion", str(clip.code)), ("AU Coded", "no")]
    turn = clip.code % len(tags)
    lines = "".join(f'  <Metatag Name="{name}" Value="{value}"/>\n' for name, value in tags[turn:] + tags[:turn])
    _write(clip.folder / f"{clip.stem}.xml", f"<Metadata>\n{lines}</Metadata>\n")
    track = f'  <track filename="{clip.stem}.avi" view="{_VIEWS[clip.kind]}"/>\n'
    note = f'  <annotation filename="{clip.stem}.xml"/>\n'
    _write(clip.folder / "session.xml", f"<session>\n{track}{note}</session>\n")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('<?xml version="1.0" encoding="utf-8"?>\n' + text, encoding="utf-8", newline="\n")


def _last(whole: Whole, results: list[list[list[object]]]) -> None:
    """Write the true points and how each clip was filmed."""
    root, clips = whole.root, _clips(whole)
    table = pd.DataFrame([row for part in results for row in part], columns=["source", "frame", *POINTS])
    table.astype(dict.fromkeys(POINTS, np.float32)).to_parquet(root / "landmarks.parquet", index=False)
    if not whole.clean:
        _quirks(root, whole.settings, clips)
    truth = [
        {
            "clip": clip.stem,
            "expression": clip.expression,
            "rotate": 90 if clip.kind == "lying" else 0,
            "side": clip.kind.partition("-")[2],
        }
        for clip in clips
    ]
    pd.DataFrame(truth).to_csv(root / "clips.csv", index=False, lineterminator="\n")


def _quirks(root: Path, settings: DemoSettings, clips: list[_Clip]) -> None:
    """Add what real copies have besides."""
    top = _DOWNLOAD.format(1)
    first = clips[0]

    def clip(session: str, subject: str, number: int, kind: str = "lying", code: int = 4) -> _Clip:
        return _Clip(root, subject, number, kind, first.seed, "happiness", code, f"{top}/{session}", settings)

    profile = clip("9001", "S021", 3, "profile")
    _write_avi(profile.folder / f"{profile.stem}.avi", [image for image, _ in _frames(profile, [0.0, 0.5, 1, 0.5, 0])])
    bored = clip("9002", first.subject, 90, code=9)
    empty = clip("9003", "S002", 106, "dual-left", code=3)
    short = clip("4__9004", first.subject, 91)  # some people prefix session folders
    untagged = clip("9005", first.subject, 92)
    for extra in (profile, bored, empty, short, untagged):
        _write_xml(extra)
    shutil.copyfile(first.folder / f"{first.stem}.avi", bored.folder / f"{bored.stem}.avi")
    shutil.copyfile(first.folder / f"{first.stem}.avi", untagged.folder / f"{untagged.stem}.avi")
    (untagged.folder / f"{untagged.stem}.xml").unlink()
    (empty.folder / f"{empty.stem}.avi").touch()
    _write_avi(short.folder / f"{short.stem}.avi", [image for image, _ in _frames(short, [0.0, 0.5, 1.0, 0.5])])
    _write(
        first.folder / f"{first.stem}-oao_aucs.xml",
        '<ActionUnits><ActionUnit Number="6"><Marker Frame="1" Type="0"/><Marker Frame="3" Type="2"/></ActionUnit>'
        '<ActionUnit Number="R12"/></ActionUnits>\n',
    )
    photographs = root / top / "9006"
    photographs.mkdir(parents=True)
    (photographs / "S031-001.jpg").write_bytes(b"\xff\xd8\xff\xe0 a photograph")
    _write(photographs / "session.xml", '<session><track filename="S031-001.jpg" view="0"/></session>\n')
    laughter = root / top / "9007"
    laughter.mkdir(parents=True)
    shutil.copyfile(first.folder / f"{first.stem}.avi", laughter / "S001-001.avi")
    for name in ("S001-001_mic.wav", "laughterAnnotation.csv"):
        (laughter / name).write_bytes(b"MAHNOB laughter")
    _write(laughter / "session.xml", '<session><track filename="S001-001.avi" view="0"/></session>\n')
    (root / top / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")


render_mmi = Layout("mmi", _render, _last, _clips, shown="clips")
"""MMI: two downloads with ``Sessions/<n>/`` and, beside them, ``landmarks.parquet`` (the true five points of each
frame, upright) and ``clips.csv`` (how each clip was filmed).

A clip goes from neutral to the peak in as many frames as the settings say, and back. A width of 640 gives MMI's own
sizes (720x576 lying and dual-view, 640x480 upright); others scale them. The quirks of real copies: other emotions,
profile, empty and short clips, sessions of photographs or of another database, action-unit files."""
