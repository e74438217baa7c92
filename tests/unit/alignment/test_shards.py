from pathlib import Path

import numpy as np

from facemotion.alignment import shards
from facemotion.alignment.shards import Origin, Shard


def test_a_shard_is_done_only_if_all_of_it_is_there_and_right(folder: Path) -> None:
    assert shards.is_done(folder, 0, "k")
    assert not shards.is_done(folder, 0, "other")
    assert not shards.is_done(folder, 7, "k")
    content = (folder / "aligned" / "00000.npy").read_bytes()
    (folder / "aligned" / "00000.npy").write_bytes(content[:-1] + b"\xee")
    assert not shards.is_done(folder, 0, "k")
    (folder / "crops" / "00002.npy").unlink()
    assert not shards.is_done(folder, 2, "k")
    (folder / "parts" / "00001.parquet").write_bytes(b"PAR1")
    assert not shards.is_done(folder, 1, "k")


def test_clear_removes_results_leftovers_and_later_shards(folder: Path) -> None:
    (folder / "crops" / ".00001.77.tmp.npy").touch()
    shards.clear(folder, keep=2)
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()) == [
        "aligned/00000.npy",
        "aligned/00001.npy",
        "crops/00000.npy",
        "crops/00001.npy",
        "parts/00000.parquet",
        "parts/00001.parquet",
    ]


def level(shard: Shard) -> list[tuple[str, int]]:
    """Return each row's sample and the gray level of its crop, -1 without one."""
    return [
        (record["sample_id"], -1 if record["row"] < 0 else int(shard.crops[record["row"]].max()))
        for record in shard.records
    ]


def test_what_is_read_is_what_was_written(folder: Path) -> None:
    shard = shards.read_shard(folder, 0)
    assert level(shard) == [("00", 0), ("01", -1), ("02", 1)]
    assert shard.records[1]["box"] is None
    assert shard.records[1]["score"] is None
    before = (folder / "parts" / "00000.parquet").read_bytes()
    shards.write_shard(folder, 0, shard, key="k")
    assert (folder / "parts" / "00000.parquet").read_bytes() == before


def test_mending_replaces_rows_and_numbers_them_again(folder: Path) -> None:
    old = shards.read_shard(folder, 0)
    old = old._replace(origins={"01": Origin("b.png", 3, 4)})
    (first, second, third) = old.records
    crop = np.full((1, 3, 3, 3), 9, np.uint8)
    found = Shard([{**second, "row": 0, "status": "ok"}], np.full((1, 4, 4, 3), 9, np.uint8), crop)
    mended = shards.mended(old, found)
    assert level(mended) == [("00", 0), ("01", 9), ("02", 1)]
    assert [record["row"] for record in mended.records] == [0, 1, 2]
    assert mended.aligned[:, 0, 0, 0].tolist() == [0, 9, 1]
    assert mended.origins == {}
    lost = Shard([{**first, "row": -1, "status": "no_face"}], crop[:0], crop[:0], {"00": Origin("a.png", 1, 2)})
    mended = shards.mended(old, lost)
    assert level(mended) == [("00", -1), ("01", -1), ("02", 1)]
    assert mended.origins == {"00": Origin("a.png", 1, 2), "01": Origin("b.png", 3, 4)}
    everything = Shard([{**first, "row": -1}, {**third, "row": -1}], crop[:0], crop[:0], dict.fromkeys(("00", "02")))
    assert shards.mended(old, everything).crops.shape == (0, 3, 3, 3)


def test_a_folder_without_shards_has_nothing_to_try_again(tmp_path: Path) -> None:
    assert shards.pending(tmp_path, tmp_path) == []
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "00000.parquet").write_bytes(b"PAR1")
    assert shards.pending(tmp_path, tmp_path) == []
