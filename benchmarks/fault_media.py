"""Damaged pictures and videos: whole folders of them are aligned and predicted, and each file must become a row."""

import io
import json
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
from fault_stages import Case, Prepared
from PIL import Image

from facemotion import tables

__all__ = ["MUTATIONS", "media_campaign", "mutated", "originals"]

PICTURES = ("png", "jpeg", "bmp", "tiff", "webp", "gif", "ppm")
VIDEOS = {"mp4": "mpeg4", "avi": "mpeg4", "mkv": "ffv1", "mov": "mjpeg"}
_BATCH = 500
_VIDEO_SHARE = 0.06


def originals(frame: Path) -> dict[str, bytes]:
    """Return a picture's file in each format, and videos of it, by suffix."""
    found = {}
    with Image.open(frame) as opened:
        picture = opened.convert("RGB").resize((96, 96))
    for name in PICTURES:
        stream = io.BytesIO()
        picture.save(stream, format=name)
        found[f".{name}"] = stream.getvalue()
    for name, codec in VIDEOS.items():
        found[f".{name}"] = _video(np.asarray(picture), codec, {"mkv": "matroska"}.get(name, name))
    return found


def _video(picture: np.ndarray, codec: str, form: str) -> bytes:
    stream = io.BytesIO()
    with av.open(stream, "w", format=form) as container:
        track = container.add_stream(codec, rate=25)
        track.width, track.height = picture.shape[1], picture.shape[0]
        track.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for shift in range(8):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(np.roll(picture, shift, axis=1)), format="rgb24")
            container.mux(track.encode(frame))
        container.mux(track.encode())
    return stream.getvalue()


def _flipped(data: bytearray, chance: random.Random) -> bytearray:
    for _ in range(chance.randint(1, 20)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return data


def _header(data: bytearray, chance: random.Random) -> bytearray:
    for _ in range(chance.randint(1, 8)):
        data[chance.randrange(min(64, len(data)))] = chance.randrange(256)
    return data


def _zeroed(data: bytearray, chance: random.Random) -> bytearray:
    start = chance.randrange(len(data))
    length = min(len(data) - start, chance.randint(1, 4096))
    data[start : start + length] = bytes(length)
    return data


def _cut(data: bytearray, chance: random.Random) -> bytearray:
    return data[: chance.randrange(len(data))]


def _lacking(data: bytearray, chance: random.Random) -> bytearray:
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.randint(1, 512) :]


def _doubled(data: bytearray, chance: random.Random) -> bytearray:
    start = chance.randrange(len(data))
    return data[:start] + data[start // 2 :]


def _huge(data: bytearray, chance: random.Random) -> bytearray:
    start = chance.randrange(max(1, min(200, len(data) - 4)))
    data[start : start + 4] = chance.choice((b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f"))
    return data


MUTATIONS: tuple[Callable[[bytearray, random.Random], bytearray], ...] = (
    *(_flipped, _header, _zeroed, _cut, _lacking, _doubled, _huge),
)


def mutated(files: dict[str, bytes], suffix: str, chance: random.Random) -> bytes:
    """Return a damaged file of a format; now and then that of another one under its suffix."""
    content = files[chance.choice(sorted(files)) if chance.random() < 0.05 else suffix]
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        content = bytes(chance.choice(MUTATIONS)(bytearray(content or b"\0"), chance))
    return content


def media_campaign(
    prepared: Prepared, number: int, *, seed: int = 0, workers: int = 2, until: float = float("inf")
) -> dict[str, object]:
    """Align damaged pictures and predict of damaged videos, with the real command; return what was found."""
    files = originals(next(path for path in sorted((prepared.folder / "tree").rglob("*.png"))))
    found: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    examples: list[str] = []
    while found["files"] < number and time.monotonic() < until:
        size = min(_BATCH, number - found["files"])
        chance = random.Random(f"{seed}.{found['files']}")
        _batch(prepared, files, size, chance, workers, found, statuses, examples)
        found["files"] += size
    names = ("files", "videos", "failed commands", "files without a row", "tracebacks", "hangs")
    return {
        **{name: found[name] for name in names},
        "statuses": dict(sorted(statuses.items())),
        "examples": examples[:5],
    }


def _batch(
    prepared: Prepared,
    files: dict[str, bytes],
    size: int,
    chance: random.Random,
    workers: int,
    found: Counter[str],
    statuses: Counter[str],
    examples: list[str],
) -> None:
    trained = prepared.folder / "after" / "train" / "work"
    videos = max(1, round(size * _VIDEO_SHARE)) if trained.exists() else 0
    found["videos"] += videos
    case = Case.of(prepared, prepared.stages[-1], f"media-{found['files']}")
    if trained.exists():
        shutil.copytree(trained, case.folder / "work", dirs_exist_ok=True)
    for number in range(size):
        of_video = number >= size - videos
        suffix = f".{chance.choice([*VIDEOS] if of_video else PICTURES)}"
        label = "new" if of_video else chance.choice(("tree/happy", "tree/angry"))
        path = case.folder / label / f"{number:05d}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(mutated(files, suffix, chance))
    quiet = ("--work", "work", "--quiet")
    bad = case.run(["align", "--dataset", "folder", "--root", "tree", "--workers", str(workers), *quiet])
    if videos:
        bad += case.run(["predict", "run", "new", "-o", "found", "--every", "4", "--device", "cpu", *quiet[:2]])
    found["failed commands"] += bool(bad)
    found["hangs"] += case.hangs
    if bad or "Traceback" in case.output:
        found["tracebacks"] += "Traceback" in case.output
        examples.append(case.output[-900:])
    else:
        faces, _ = tables.read_table(case.folder / "work/folder/faces.parquet")
        statuses.update(faces["status"])
        found["files without a row"] += size - videos - len(faces)
        rows = json.loads((case.folder / "found/predictions.json").read_text())["rows"] if videos else []
        statuses.update(row["status"] for row in rows)
        found["files without a row"] += videos - len({row["source"] for row in rows})
    case.end()
