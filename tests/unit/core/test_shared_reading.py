"""Shared manifests that somebody edited or damaged: each ends in one sentence, or is read as it was."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from facemotion import sharing
from facemotion.errors import ManifestError
from facemotion.sharing.table import rows_digest

COLUMNS = "sample_id,subject,sequence,frame,role,source,rotate,split"
HEADED = f'# dataset: "demo"\n{COLUMNS}\n'
ROW = {
    "sample_id": "a_1",
    "subject": "a",
    "sequence": "a_1",
    "frame": 1,
    "role": "neutral",
    "source": "a/1.png",
    "rotate": 0,
    "region": [1.0, 2.0, 3.5, 4.0],
    "split": "",
    "fold": 2,
    "sha256": "0" * 64,
}
OPENED = '{"header": {"dataset": "demo"}}\n'


def refusal(path: Path) -> str:
    with pytest.raises(ManifestError) as caught:
        sharing.read_shared(path)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{path} is not a manifest that `facemotion manifest export` wrote: ")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "", "it has no rows"),
        ("a.csv", "x,y\n1,2\n", "its columns are x, y"),
        ("a.csv", "\n", "its columns are none"),
        ("a.csv", "# dataset: nonsense\n", "dataset in its header is no JSON: 'nonsense'"),
        ("a.csv", f"# dataset: {'[' * 100_000}\n", "dataset in its header is no JSON: '[[[[[[[[[[[[...[[[[[[[[[[[[['"),
        ("a.csv", f"{HEADED}a,b,c\n", "row 1 has 3 columns, where 8 were expected"),
        ("a.csv", f"{COLUMNS}\na,b,c,1,neutral,x,0,\n", "it has no header that names a dataset"),
        ("a.csv", f"# dataset: 5\n{COLUMNS}\na,b,c,1,neutral,x,0,\n", "it has no header that names a dataset"),
        (
            "a.csv",
            f"{HEADED}a,b,c,x,neutral,x,0,\n",
            "row 1: frame is 'x', where a whole number of 32 bits was expected",
        ),
        ("a.csv", f"{HEADED}a,b,c,,neutral,x,0,\n", "row 1: frame is '', where a whole number of 32 bits was expected"),
        ("a.csv", HEADED.replace("split", "split,split"), "it has a column twice"),
        ("a.jsonl", "", "it is empty"),
        ("a.jsonl", OPENED, "its columns are none"),
        ("a.jsonl", f'{OPENED}{{"x": 1}}\n', "its columns are x"),
        ("a.jsonl", "[1]\n", "line 1 is [1], where a header or a row was expected"),
        ("a.jsonl", f'{OPENED}{{"x": \n', "line 2 is no JSON: Expecting value at column 6"),
        ("a.jsonl", f"{OPENED}{'[' * 100_000}\n", "line 2 is nested too deep"),
        ("a.jsonl", '{"x": 1}\n', "its first line has no header"),
    ],
)
def test_a_file_that_is_no_shared_manifest_is_refused_in_one_sentence(tmp_path, name, content, reason):
    (tmp_path / name).write_text(content)
    assert refusal(tmp_path / name) == reason


def test_a_parquet_file_that_is_none_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "a.parquet").write_text("no parquet")
    assert "Parquet" in refusal(tmp_path / "a.parquet")


def test_a_missing_file_is_refused(tmp_path):
    for suffix in sharing.SUFFIXES:
        with pytest.raises(ManifestError, match="does not exist"):
            sharing.read_shared(tmp_path / f"none{suffix}")


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("frame", 1e30, "frame is 1e+30, where a whole number of 32 bits was expected"),
        ("frame", None, "frame is None, where"),
        ("frame", True, "frame is True, where"),
        ("fold", 1e30, "fold is 1e+30, where a whole number of 16 bits was expected"),
        ("fold", 1 << 20, "fold is 1048576, where a whole number of 16 bits was expected"),
        ("fold", 0.5, "fold is 0.5, where"),
        ("fold", "x", "fold is 'x', where"),
        ("rotate", float("nan"), "rotate is nan, where"),
        ("region", [1, 2, float("nan"), 4], "region is [1, 2, nan, 4], where x, y, width and height was expected"),
        ("region", [1, 2, float("inf"), 4], "region is [1, 2, inf, 4], where"),
        ("region", [1, 2, 1e39, 4], "region is [1, 2, 1e+39, 4], where"),
        ("region", [1, 2, None, 4], "region is [1, 2, None, 4], where"),
        ("region", [1, 2, "3", 4], "region is [1, 2, '3', 4], where"),
        ("region", [1, 2, 3], "region is [1, 2, 3], where"),
        ("region", 5, "region is 5, where"),
        ("subject", 5, "subject is 5, where a text was expected"),
        ("sample_id", None, "sample_id is None, where a text was expected"),
        ("sha256", ["0"], "sha256 is ['0'], where a text was expected"),
    ],
)
def test_a_value_that_is_none_of_its_column_is_named_with_its_row(tmp_path, column, value, expected):
    rows = [ROW, {**ROW, "sample_id": "a_2", column: value}]
    (tmp_path / "a.jsonl").write_text(OPENED + "".join(f"{json.dumps(row)}\n" for row in rows))
    assert refusal(tmp_path / "a.jsonl").startswith(f"row 2: {expected}")


@pytest.mark.parametrize(
    ("column", "cell", "shown"),
    [
        ("frame", "1e30", "1e+30"),
        ("rotate", "nan", "nan"),
        ("fold", "0.5", "0.5"),
        ("region", "1 2 inf 4", "[1, 2, inf, 4]"),
        ("region", "1 2 3", "[1, 2, 3]"),
        ("region", "1 2 x 4", "[1, 2, 'x', 4]"),
    ],
)
def test_a_cell_that_is_none_of_its_column_is_named_with_its_row(tmp_path, column, cell, shown):
    path = written(tmp_path / "a.csv")
    *header, columns, first, second = path.read_text().splitlines()
    changed = dict(zip(columns.split(","), second.split(","), strict=True)) | {column: cell}
    path.write_text("\n".join((*header, columns, first, ",".join(changed.values()))))
    assert refusal(path).startswith(f"row 2: {column} is {shown}, where ")


def test_an_additional_value_is_named(tmp_path):
    (tmp_path / "a.jsonl").write_text(f"{OPENED}{json.dumps(ROW)}\n{json.dumps({**ROW, 'note': 1})}\n")
    assert refusal(tmp_path / "a.jsonl") == "row 2 has the column 'note', which the first has not"


def test_a_header_whose_settings_are_none_is_refused(tmp_path):
    (tmp_path / "a.jsonl").write_text(f'{{"header": {{"dataset": "demo", "ingest_settings": 5}}}}\n{json.dumps(ROW)}\n')
    assert refusal(tmp_path / "a.jsonl") == "the ingest_settings of its header are no names and values"


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_byte_order_mark_does_no_harm(tmp_path, suffix):
    path = written(tmp_path / f"a{suffix}")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert sharing.read_shared(path).intact


def test_numbers_that_another_program_wrote_as_fractions_are_whole(tmp_path):
    path = written(tmp_path / "a.parquet")
    table = pq.read_table(path)
    changed = table.set_column(table.column_names.index("fold"), "fold", pa.array([2.0, None]))
    pq.write_table(changed, path)
    assert sharing.read_shared(path).rows["fold"].tolist() == [2, pd.NA]


def written(path: Path) -> Path:
    rows = pd.DataFrame([ROW, {**ROW, "sample_id": "a_2", "region": None}])
    rows["fold"] = pd.array([2, None], dtype="Int16")
    rows["region"] = pd.Series([np.float32(ROW["region"]), None], dtype=object)
    sharing.write_shared(path, sharing.Shared({"dataset": "demo", "rows_digest": rows_digest(rows)}, rows))
    return path
