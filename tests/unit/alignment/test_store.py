import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from facemotion.alignment import store
from facemotion.alignment.store import CropArray
from facemotion.errors import ManifestError, WorkspaceError
from facemotion.tables import write_table
from facemotion.workspace import digest_file


def pictures(count: int, side: int) -> np.ndarray:
    return np.zeros((count, side, side, 3), np.uint8)


def test_rows_count_through_all_shards(folder: Path) -> None:
    faces, header = store.read_faces(folder)
    assert faces.columns.tolist() == store.FACES.names
    assert faces["row"].tolist() == [0, -1, 1, -1, -1, 2]
    assert header["stage"] == "align"
    assert header["shards"] == [2, 0, 1]
    for kind, digests in header["digests"].items():
        assert digests == [digest_file(folder / kind / f"{number:05d}.npy") for number in range(3)]


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


def header_of(shape: str) -> bytes:
    text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}"
    return b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little") + text.ljust(117).encode() + b"\n"


@pytest.mark.parametrize(
    "shape",
    [
        "(1, 3, 3, 3)",  # three pictures are there
        "(99999999999999999999, 3, 3, 3)",
        "(0, 99999999999999999999, 3, 3)",
        "(-1, -27, 1, 3)",
        "(1000000, 1000, 1000, 3)",
        "(3, 3, 9)",
        "()",
    ],
)
def test_what_a_header_claims_is_checked_before_anything_is_taken(folder: Path, shape: str) -> None:
    path = sorted((folder / "crops").glob("*.npy"))[0]
    path.write_bytes(header_of(shape) + bytes(81))
    with pytest.raises(WorkspaceError, match=r"00000\.npy cannot be read \("):
        store.open_crops(folder)


def test_shards_must_agree_in_size() -> None:
    with pytest.raises(ValueError, match="differ"):
        CropArray([pictures(1, 3), pictures(1, 4)])
    with pytest.raises(ValueError, match="at least one"):
        CropArray([])


def test_pictures_that_were_altered_are_found_out_where_that_is_asked_for(folder: Path) -> None:
    assert store.open_crops(folder, verify=True).shape == (3, 3, 3, 3)
    path = folder / "crops" / "00002.npy"
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    store.open_crops(folder)  # only the number of pictures is compared
    store.open_aligned(folder, verify=True)
    with pytest.raises(WorkspaceError, match=r"00002\.npy is not what alignment wrote: .* align --force"):
        store.open_crops(folder, verify=True)


def test_a_table_without_digests_is_checked_by_its_parts(folder: Path) -> None:
    table, header = store.read_faces(folder)
    del header["digests"]
    write_table(folder / "faces.parquet", table, schema=store.FACES, header=header)
    store.open_crops(folder, verify=True)
    shutil.copy(folder / "aligned" / "00001.npy", folder / "aligned" / "00002.npy")
    with pytest.raises(WorkspaceError, match="does not hold the pictures"):
        store.open_aligned(folder)
    (folder / "crops" / "00000.npy").write_bytes((folder / "crops" / "00000.npy").read_bytes()[:-1] + b"x")
    with pytest.raises(WorkspaceError, match="is not what alignment wrote"):
        store.open_crops(folder, verify=True)
    (folder / "faces.parquet").unlink()
    with pytest.raises(WorkspaceError, match=r"faces\.parquet cannot be read"):
        store.open_crops(folder, verify=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda table: table.assign(row=[0, -1, 3, -1, -1, 2]),
            "row 3 of the sample '02' names none of the 3 pictures",
        ),
        (
            lambda table: table.assign(row=[0, -2, 1, -1, -1, 2]),
            "row -2 of the sample '01' names none of the 3 pictures",
        ),
        (lambda table: table.assign(status="ok"), "row -1 of the sample '01' names none of the 3 pictures"),
        (lambda table: table.assign(row=[0, -1, 2, -1, -1, 2]), "row 2 belongs to two samples"),
        (lambda table: pd.concat([table, table.iloc[1:2]]), "has the sample '01' twice"),
        (lambda table: table.drop(columns=["score", "row"]), "lacks the columns score, row"),
    ],
)
def test_a_table_that_does_not_fit_its_pictures_is_refused(folder: Path, change, message: str) -> None:
    table, header = store.read_faces(folder)
    table = change(table)
    schema = pa.schema([store.FACES.field(name) for name in table.columns])
    write_table(folder / "faces.parquet", table, schema=schema, header=header)
    with pytest.raises(ManifestError, match=rf"{message}; run facemotion align --force"):
        store.read_faces(folder)


@pytest.mark.parametrize("values", [[{"a": 1}] * 6, [[1]] * 6, ["one"] * 6])
def test_columns_of_another_kind_are_refused(folder: Path, values) -> None:
    table, _ = store.read_faces(folder)
    table.assign(row=values).to_parquet(folder / "faces.parquet")
    with pytest.raises(ManifestError, match=r"faces\.parquet has a column of another kind than is written there"):
        store.read_faces(folder)
