"""Videos made here, and damage done to them."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

MakeVideo = Callable[..., Path]


def picture(number: int, height: int, width: int) -> np.ndarray:
    """A gray frame whose level tells its number, brighter to the right and darker downwards: no two sides are alike."""
    rows, columns = np.mgrid[:height, :width]
    level = 20 + 15 * number + 60 * columns / width + 30 * (rows > height / 2) * (columns < width / 4)
    return np.repeat(level[..., None], 3, axis=2).clip(0, 255).astype(np.uint8)


@pytest.fixture
def make_video(tmp_path: Path) -> MakeVideo:
    """Return a function that writes a video of `picture`s."""

    def make(
        name: str = "clip.mp4",
        *,
        frames: int = 3,
        size: tuple[int, int] = (48, 64),
        codec: str = "mpeg4",
        matrix: Sequence[int] | None = None,
        aspect: Fraction | None = None,
        options: dict[str, str] | None = None,
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file, av.open(file, "w", format=_FORMATS.get(path.suffix, "matroska")) as container:
            stream = container.add_stream(codec, rate=25, options=options or {})
            stream.height, stream.width = size
            stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            if aspect:
                stream.codec_context.sample_aspect_ratio = aspect
            if matrix:
                stream.set_display_matrix(matrix)
            for number in range(frames):
                frame = av.VideoFrame.from_ndarray(picture(number, *size), format="rgb24")
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        return path

    return make


_FORMATS = {".mp4": "mp4", ".avi": "avi", ".ts": "mpegts", ".mov": "mov"}


@pytest.fixture
def overwrite() -> Callable[..., None]:
    """Return a function that writes over a video's packet of some number, counted as they are stored, or a part."""

    def damage(path: Path, number: int, *, part: slice = slice(None), by: bytes = b"\xff") -> None:
        with av.open(str(path)) as container:
            packets = [packet for packet in container.demux(container.streams.video[0]) if packet.size]
        packet = packets[number]
        start, end, _ = part.indices(packet.size)
        data = bytearray(path.read_bytes())
        data[packet.pos + start : packet.pos + end] = by * (end - start)
        path.write_bytes(data)

    return damage


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Ten frames of 64x48 whose gray level is 20 times their number; the upper half is black."""
    path = tmp_path / "clip.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(10):
            picture = np.full((48, 64, 3), 20 * number, np.uint8)
            picture[:24] = 0
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path
