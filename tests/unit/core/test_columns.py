from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from facemotion.errors import ManifestError
from facemotion.tables import read_columns, read_table, write_table

SCHEMA = pa.schema([("name", pa.string()), ("points", pa.list_(pa.float32())), ("row", pa.int32())])


def written(path: Path) -> Path:
    table = pd.DataFrame({"name": ["b", "a"], "points": [[1.0, 2.0], None], "row": [0, -1]})
    write_table(path, table, schema=SCHEMA, header={"schema_version": 1})
    return path


def test_columns_are_those_of_the_whole_table(tmp_path: Path) -> None:
    path = written(tmp_path / "t.parquet")
    found = read_columns(path, ["row", "name"])
    pd.testing.assert_frame_equal(found, read_table(path)[0][["row", "name"]])


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
        read_columns(path, names)
