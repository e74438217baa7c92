"""A dataset can have a million rows: the command that hands them out to workers must not hold them all."""

import tracemalloc
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from facemotion import manifest
from facemotion.alignment import merging
from facemotion.alignment.aligning import align_manifest
from facemotion.alignment.job import Job
from facemotion.alignment.settings import AlignSettings
from facemotion.rows import Stored

AT_A_TIME = 64


def written(path: Path, count: int) -> Path:
    """Write a manifest whose pictures are not there, so that each row is done at once."""
    names = [f"{number:06d}" for number in range(count)]
    expressions = ["anger" if number % 2 else "fear" for number in range(count)]
    rows = {"sample_id": names, "subject": names, "sequence": names, "source": [f"{name}.jpg" for name in names]}
    rows |= {"dataset": "d", "frame": 0, "role": "expressive", "expression": expressions}
    table = manifest.validate(pd.DataFrame(rows))
    manifest.write_batches(
        path, [table.iloc[at : at + AT_A_TIME] for at in range(0, count, AT_A_TIME)], header={"stage": "ingest"}
    )
    return path


def peak(path: Path, out: Path) -> int:
    """Return the most memory, in bytes, that Python, numpy and Arrow held at a time while a manifest was aligned."""
    usual = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(pa.system_memory_pool())
    pa.set_memory_pool(pool)
    tracemalloc.start()
    try:
        align_manifest(Job(Stored(path), path.parent, out, AlignSettings(shard_size=AT_A_TIME)))
        return tracemalloc.get_traced_memory()[1] + pool.max_memory()
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(usual)


@pytest.mark.usefixtures("usual_collector")
def test_three_times_the_rows_take_no_more_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("facemotion.tables.ROWS_AT_A_TIME", "facemotion.manifest.ROWS_AT_A_TIME"):
        monkeypatch.setattr(place, AT_A_TIME)
    monkeypatch.setattr(merging, "_SHARDS_AT_A_TIME", 2)
    few, many = 512, 1536
    short, long = written(tmp_path / "short.parquet", few), written(tmp_path / "long.parquet", many)
    peak(short, tmp_path / "first")  # what is loaded once is not counted
    small, large = peak(short, tmp_path / "short"), peak(long, tmp_path / "long")
    assert (large - small) / (many - few) < 100  # bytes a row; a manifest in memory takes a thousand
