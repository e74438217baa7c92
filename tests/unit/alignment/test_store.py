from pathlib import Path

import numpy as np
import pytest

from facemotion.alignment import store
from facemotion.alignment.store import CropArray
from facemotion.errors import WorkspaceError


def record(name: str, row: int) -> dict:
    status = "ok" if row >= 0 else "no_face"
    content = {"sample_id": name, "status": status, "message": "", "detector": "given", "score": None, "faces_found": 0}
    return {**content, "box": None, "landmarks": None, "similarity": None, "sha256": "", "row": row}


def pictures(first: int, count: int, side: int) -> np.ndarray:
    levels = np.arange(first, first + count, dtype=np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (count, side, side, 3)).copy()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three shards with 2, 0 and 1 pictures, merged."""
    for number, (first, rows) in enumerate([(0, [0, -1, 1]), (2, [-1]), (2, [-1, 0])]):
        count = max(rows) + 1
        records = [record(f"{number}{place}", row) for place, row in enumerate(rows)]
        store.write_shard(tmp_path, number, records, pictures(first, count, 4), pictures(first, count, 3), key="k")
    store.merge(tmp_path, 3, header={"stage": "align"})
    return tmp_path


def test_rows_count_through_all_shards(folder: Path) -> None:
    faces, header = store.read_faces(folder)
    assert faces.columns.tolist() == store.FACES.names
    assert faces["row"].tolist() == [0, -1, 1, -1, -1, 2]
    assert header == {"stage": "align", "shards": [2, 0, 1]}


def test_arrays_are_read_in_row_order(folder: Path) -> None:
    crops = store.open_crops(folder)
    assert crops.shape == (3, 3, 3, 3)
    assert len(crops) == 3
    assert store.open_aligned(folder).shape == (3, 4, 4, 3)
    assert [int(crops[row].max()) for row in (0, 1, 2, -1)] == [0, 1, 2, 2]
    assert crops[np.array([2, 0])][:, 0, 0, 0].tolist() == [2, 0]
    assert crops[1:][:, 0, 0, 0].tolist() == [1, 2]
    assert crops[::-1].shape == (3, 3, 3, 3)
    assert crops[[]].shape == (0, 3, 3, 3)
    assert crops[:].dtype == np.uint8


@pytest.mark.parametrize("index", [3, -4, [0, 3]])
def test_rows_out_of_range_raise(folder: Path, index: int | list[int]) -> None:
    with pytest.raises(IndexError, match="3 pictures"):
        store.open_crops(folder)[index]


def test_other_indices_are_refused(folder: Path) -> None:
    with pytest.raises(TypeError):
        store.open_crops(folder)[np.array([0.5])]
    with pytest.raises(TypeError):
        store.open_crops(folder)[np.array([True, False, True])]


def test_what_is_read_can_be_written_to(folder: Path) -> None:
    crops = store.open_crops(folder)
    crops[0][:] = 99
    assert crops[0].max() == 0


def test_missing_or_foreign_shards_are_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="run facemotion align first"):
        store.open_crops(tmp_path / "nowhere")
    (folder / "crops" / "00002.npy").unlink()
    with pytest.raises(WorkspaceError, match="align --force"):
        store.open_crops(folder)
    (folder / "aligned" / "00000.npy").write_bytes(b"no array")
    with pytest.raises(WorkspaceError, match=r"00000\.npy cannot be read"):
        store.open_aligned(folder)


def test_arrays_with_objects_are_not_loaded(folder: Path) -> None:
    np.save(folder / "crops" / "00000.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(WorkspaceError, match="cannot be read"):
        store.open_crops(folder)


def test_a_shard_is_done_only_if_all_of_it_is_there_and_right(folder: Path) -> None:
    assert store.is_done(folder, 0, "k")
    assert not store.is_done(folder, 0, "other")
    assert not store.is_done(folder, 7, "k")
    content = (folder / "aligned" / "00000.npy").read_bytes()
    (folder / "aligned" / "00000.npy").write_bytes(content[:-1] + b"\xee")
    assert not store.is_done(folder, 0, "k")
    (folder / "crops" / "00002.npy").unlink()
    assert not store.is_done(folder, 2, "k")
    (folder / "parts" / "00001.parquet").write_bytes(b"PAR1")
    assert not store.is_done(folder, 1, "k")


def test_clear_removes_results_leftovers_and_later_shards(folder: Path) -> None:
    (folder / "crops" / ".00001.77.tmp.npy").touch()
    store.clear(folder, keep=2)
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()) == [
        "aligned/00000.npy",
        "aligned/00001.npy",
        "crops/00000.npy",
        "crops/00001.npy",
        "parts/00000.parquet",
        "parts/00001.parquet",
    ]


def test_shards_must_agree_in_size() -> None:
    with pytest.raises(ValueError, match="differ"):
        CropArray([pictures(0, 1, 3), pictures(0, 1, 4)])
    with pytest.raises(ValueError, match="at least one"):
        CropArray([])
