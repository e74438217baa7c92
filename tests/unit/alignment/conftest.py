"""A small dataset with one real face in many guises, and bad files of every kind."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pandas as pd
import pytest
import skimage.data
from PIL import Image

from facemotion import manifest
from facemotion.alignment.merging import merge
from facemotion.alignment.shards import Shard, write_shard

ASTRONAUT = skimage.data.astronaut()[:320, 60:400]


def frame_row(name: str, source: str, **columns) -> dict:
    """Return a manifest row."""
    row = {
        "sample_id": name,
        "dataset": "folder",
        "subject": f"S{len(name) % 3}",
        "sequence": "a",
        "frame": 0,
        "role": "expressive",
        "expression": "happiness",
        "source": source,
        "rotate": 0,
        "region": None,
        "split": "",
    }
    return {**row, **columns}


@pytest.fixture(scope="module")
def clip() -> Callable[[Path, int], None]:
    """Return a function that writes a video of the astronaut, each frame 4 pixels further left."""

    def write(path: Path, count: int) -> None:
        with av.open(str(path), "w") as container:
            stream = container.add_stream("mpeg4", rate=25)
            stream.width, stream.height, stream.pix_fmt = 240, 240, "yuv420p"
            stream.bit_rate = 4_000_000
            for number in range(count):
                picture = np.ascontiguousarray(ASTRONAUT[20:260, 40 + 4 * number : 280 + 4 * number])
                for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                    container.mux(packet)
            for packet in stream.encode():
                container.mux(packet)

    return write


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory, clip: Callable[[Path, int], None]) -> tuple[pd.DataFrame, Path]:
    """Return manifest and root: good frames 00 to 06, two of a video, then one bad file of each kind; write into none.

    It is made once a module.
    """
    root = tmp_path_factory.mktemp("guises")
    rows = []
    for number in range(7):
        Image.fromarray(np.roll(ASTRONAUT, 3 * number, axis=1)).save(root / f"{number}.png")
        rows.append(frame_row(f"{number:02d}", f"{number}.png", subject=f"S{number % 2}"))
    clip(root / "clip.avi", 6)
    rows += [frame_row(f"1{number}", "clip.avi", frame=number) for number in (1, 5)]
    Image.fromarray(np.rot90(ASTRONAUT)).save(root / "sideways.png")
    rows.append(frame_row("20", "sideways.png", rotate=90, expression="neutral", role="neutral"))
    (root / "empty.png").touch()
    (root / "text.png").write_text("not a picture")
    (root / "cut.png").write_bytes((root / "0.png").read_bytes()[:5000])
    (root / "broken.avi").write_bytes(b"RIFF" + bytes(100))
    Image.new("RGB", (200, 150), (90, 90, 90)).save(root / "blank.png")
    Image.new("RGB", (1, 1)).save(root / "dot.png")
    Image.fromarray(np.concatenate([ASTRONAUT[:, ::-1], ASTRONAUT], axis=1)).save(root / "twins.png")
    bad = (
        "empty.png",
        "text.png",
        "cut.png",
        "broken.avi",
        "blank.png",
        "dot.png",
        "twins.png",
        "gone.png",
        "gone.avi",
    )
    rows += [frame_row(f"3{number}", source) for number, source in enumerate(bad)]
    rows.append(frame_row("40", "clip.avi", frame=99))
    return manifest.validate(pd.DataFrame(rows)), root


def record(name: str, row: int) -> dict:
    status = "ok" if row >= 0 else "no_face"
    content = {"sample_id": name, "status": status, "message": "", "detector": "given", "score": None, "faces_found": 0}
    return {**content, "box": None, "landmarks": None, "similarity": None, "sha256": "", "row": row}


def pictures(first: int, count: int, side: int) -> np.ndarray:
    levels = np.arange(first, first + count, dtype=np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (count, side, side, 3)).copy()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a dataset's folder with three shards of 2, 0 and 1 pictures, merged."""
    for number, (first, rows) in enumerate([(0, [0, -1, 1]), (2, [-1]), (2, [-1, 0])]):
        count = max(rows) + 1
        records = [record(f"{number}{place}", row) for place, row in enumerate(rows)]
        shard = Shard(records, pictures(first, count, 4), pictures(first, count, 3))
        write_shard(tmp_path, number, shard, key="k")
    merge(tmp_path, 3, header={"stage": "align"})
    return tmp_path
