"""AffectNet has 450,000 rows: a longer list takes longer, and no more memory.

Rows are read and written an eighth as many at a time as usual, so that lists an eighth as long show it.
"""

import tracemalloc
from pathlib import Path

import pyarrow as pa
import pytest

from facemotion import pipeline
from facemotion.pipeline.context import Context
from facemotion.workspace import Workspace

AT_A_TIME = 512
HEADER = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal"


def tree(root: Path, rows: int) -> Path:
    lines = [f"{1 + number % 20}/{number:056x}.jpg" for number in range(rows)]
    for folder in range(1, 21):
        (root / "images" / str(folder)).mkdir(parents=True)
    for line in lines:
        (root / "images" / line).touch()
    text = "\n".join(f"{line},{number % 50},20,100,110,,{number % 8},0,0" for number, line in enumerate(lines))
    (root / "training.csv").write_text(f"{HEADER}\n{text}\n")
    return root


def peak(root: Path, work: Path, options: dict[str, object]) -> int:
    """Return the most memory, in bytes, that Python, numpy and Arrow held at a time while a tree was ingested."""
    context = Context(Workspace(work), say=lambda _: None)
    usual = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(pa.system_memory_pool())
    pa.set_memory_pool(pool)
    tracemalloc.start()
    try:
        pipeline.ingest(context, "affectnet", root=root, options=options)
        return tracemalloc.get_traced_memory()[1] + pool.max_memory()
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(usual)


@pytest.fixture(scope="module")
def roots(tmp_path_factory) -> dict[int, Path]:
    """Return trees by how many rows their lists have: the last two more than are in memory at a time."""
    return {rows: tree(tmp_path_factory.mktemp("affectnet"), rows) for rows in (100, 1_500, 3_000)}


@pytest.mark.usefixtures("usual_collector")
@pytest.mark.parametrize("options", [{"faces": 650}, {"protocol": "official"}], ids=["paper", "official"])
def test_twice_the_rows_take_no_more_memory(roots, tmp_path, monkeypatch, options):
    for place in ("tables", "manifest", "datasets.affectnet.faces"):
        monkeypatch.setattr(f"facemotion.{place}.ROWS_AT_A_TIME", AT_A_TIME)
    (_, first), (few, short), (many, long) = roots.items()
    peak(first, tmp_path / "first", options)  # what is loaded once is not counted
    small, large = peak(short, tmp_path / "short", options), peak(long, tmp_path / "long", options)
    assert (large - small) / (many - few) < 30  # bytes a row
