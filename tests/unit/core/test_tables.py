from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from facemotion import tables
from facemotion.errors import ManifestError
from facemotion.tables import in_batches, in_rows, write_table

SCHEMA = pa.schema([("name", pa.string()), ("points", pa.list_(pa.float32())), ("row", pa.int32())])


def written(path: Path) -> Path:
    table = pd.DataFrame({"name": ["b", "a"], "points": [[1.0, 2.0], None], "row": [0, -1]})
    write_table(path, table, schema=SCHEMA, header={"schema_version": 1})
    return path


def test_columns_are_those_of_the_whole_table(tmp_path: Path) -> None:
    path = written(tmp_path / "t.parquet")
    assert list(in_rows(path, ["row", "name"])) == [(0, "b"), (-1, "a")]
    assert [part.column_names for part in in_batches(path, ["points"])] == [["points"]]


def test_a_long_table_comes_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "ROWS_AT_A_TIME", 3)
    table = pd.DataFrame({"name": [str(number) for number in range(8)], "points": [None] * 8, "row": range(8)})
    write_table(tmp_path / "t.parquet", table, schema=SCHEMA, header={})
    assert [part.num_rows for part in in_batches(tmp_path / "t.parquet")] == [3, 3, 2]
    assert [row for (row,) in in_rows(tmp_path / "t.parquet", ["row"])] == list(range(8))


@pytest.mark.parametrize(
    ("content", "names", "message"),
    [
        (None, ["status"], "lacks the columns status"),
        (b"PAR1 and no more", ["row"], r"t\.parquet"),
        (b"", ["row"], r"t\.parquet"),
    ],
)
def test_what_is_not_there_is_told(tmp_path: Path, content: bytes | None, names: list[str], message: str) -> None:
    path = written(tmp_path / "t.parquet")
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ManifestError, match=message):
        list(in_rows(path, names))
