"""One table of the parts of many shards."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from facemotion import tables
from facemotion.alignment import merging, store
from facemotion.alignment.shards import Shard, path_of, write_shard
from facemotion.errors import ManifestError

GOOD = [2, 0, 1, 3, 0, 2, 1]
"""Pictures of each shard; every shard has one row more."""


def row(name: str, place: int) -> dict:
    known = {"sample_id": name, "status": "ok" if place >= 0 else "no_face", "message": "", "detector": "mtcnn"}
    points = list(range(10)) if place >= 0 else None
    box = {"score": None, "faces_found": 1, "box": [0.0, 1.0, 2.0, 3.0], "landmarks": points, "similarity": None}
    return {**known, **box, "sha256": "", "row": place}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, good in enumerate(GOOD):
        rows = [row(f"{number}-{place}", place) for place in range(good)] + [row(f"{number}-none", -1)]
        pictures = np.full((good, 4, 4, 3), number, np.uint8)
        write_shard(tmp_path, number, Shard(rows, pictures, pictures), key="k")
    return tmp_path


@pytest.mark.parametrize("at_a_time", [1, 3, 64])
def test_rows_count_through_all_shards_however_many_are_merged_at_a_time(folder, monkeypatch, at_a_time) -> None:
    monkeypatch.setattr(merging, "_SHARDS_AT_A_TIME", at_a_time)
    counts = merging.merge(folder, len(GOOD), header={"stage": "align"})
    table, header = store.read_faces(folder)
    assert store.read_faces(folder, lists=False)[0].equals(table.drop(columns=["box", "landmarks", "similarity"]))
    done = table[table["row"] >= 0]
    assert done["row"].tolist() == list(range(sum(GOOD)))
    assert (table["row"] < 0).sum() == len(GOOD)
    assert header["shards"] == GOOD
    assert counts == {"no_face": len(GOOD), "ok": sum(GOOD)} == table["status"].value_counts().to_dict()
    assert done["sample_id"].tolist() == [
        f"{number}-{place}" for number, good in enumerate(GOOD) for place in range(good)
    ]
    assert all(landmarks.tolist() == list(range(10)) for landmarks in done["landmarks"])
    shown = store.open_crops(folder)
    assert [int(shown[int(each)][0, 0, 0]) for each in done["row"]] == [int(name[0]) for name in done["sample_id"]]
    assert pq.read_metadata(folder / "faces.parquet").num_row_groups == -(-len(GOOD) // at_a_time)


def test_a_part_that_was_changed_is_named_and_nothing_is_written(folder) -> None:
    part = path_of(folder, "parts", 2)
    frame, header = tables.read_table(part)
    other = pa.Table.from_pandas(frame.assign(message="edited"), schema=store.FACES, preserve_index=False)
    pq.write_table(other.replace_schema_metadata(tables.metadata(header)), part)
    with pytest.raises(ManifestError, match=r"00002\.parquet was changed after it was written"):
        merging.merge(folder, len(GOOD), header={})
    assert not (folder / "faces.parquet").exists()
