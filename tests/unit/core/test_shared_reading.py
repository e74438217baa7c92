"""Shared manifests that somebody edited or damaged: each ends in one sentence, or is read as it was."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from facemotion import datasets, sharing
from facemotion.errors import ManifestError
from facemotion.sharing.table import rows_digest

KNOWN = ", ".join(datasets.names())
COLUMNS = "sample_id,subject,sequence,frame,role,source,rotate,split"
NAMED = COLUMNS.replace(",", ", ")
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
WHOLE = "a whole number of 32 bits"
OPENED = '{"header": {"dataset": "demo"}}\n'


def refusal(path: Path) -> str:
    with pytest.raises(ManifestError) as caught:
        sharing.read_shared(path)
    assert "\n" not in str(caught.value)
    beginning = f"{path} is not a manifest that `facemotion manifest export` wrote: "
    end = "; undo the edit, or ask for the file again"
    assert str(caught.value).startswith(beginning)
    assert str(caught.value).endswith(end)
    return str(caught.value)[len(beginning) : -len(end)]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "", "it ends before the line with the names of its columns"),
        ("a.csv", "x,y\n1,2\n", f"it lacks the columns {NAMED} and has the unknown columns 'x', 'y'"),
        ("a.csv", "\n", f"it lacks the columns {NAMED}"),
        ("a.csv", HEADED.replace(",frame", ""), "it lacks the column frame"),
        ("a.csv", "# dataset: nonsense\n", "line 1: 'dataset' in its header is no JSON: 'nonsense'"),
        (
            "a.csv",
            f"# x: 1\n# y: {'[' * 100_000}\n",
            "line 2: 'y' in its header is no JSON: '[[[[[[[[[[[[...[[[[[[[[[[[[['",
        ),
        ("a.csv", f"# x: 1\n# x: 1\n{HEADED}a,b,c\n", "line 5 has 3 columns, where 8 were expected"),
        ("a.csv", f'{HEADED}\n"a\na",b,c,1,neutral,x,0,\n\na,b\n', "line 7 has 2 columns, where 8 were expected"),
        ("a.csv", f"{HEADED}{'a' * 200_000}\n", "line 3: field larger than field limit (131072)"),
        ("a.csv", f"{COLUMNS}\na,b,c,1,neutral,x,0,\n", "it has no header that names a dataset"),
        ("a.csv", f"# dataset: 5\n{COLUMNS}\na,b,c,1,neutral,x,0,\n", "it has no header that names a dataset"),
        ("a.csv", f"{HEADED}a,b,c,x,neutral,x,0,\n", f"line 3: frame is 'x', where {WHOLE} was expected"),
        ("a.csv", f"{HEADED}a,b,c,,neutral,x,0,\n", f"line 3: frame is '', where {WHOLE} was expected"),
        ("a.csv", HEADED.replace("split", "split,split"), "it has the column split twice"),
        (
            "a.csv",
            HEADED.replace("demo", "../x"),
            f"its header names the dataset '../x', where one of {KNOWN} was expected",
        ),
        ("a.jsonl", "", "it is empty"),
        ("a.jsonl", OPENED, f"it lacks the columns {NAMED}"),
        ("a.jsonl", f'{OPENED}{{"x": 1}}\n', f"it lacks the columns {NAMED} and has the unknown column 'x'"),
        ("a.jsonl", "[1]\n", "line 1 is [1], where a header or a row was expected"),
        ("a.jsonl", f'{OPENED}{{"x": \n', "line 2 is no JSON: Expecting value at column 6"),
        ("a.jsonl", f"{OPENED}{'[' * 100_000}\n", "line 2 is nested too deep"),
        ("a.jsonl", f"{OPENED}\n[{'9' * 5000}]\n", "line 3 has a number of too many digits"),
        ("a.jsonl", '{"x": 1}\n', "line 1 has no header"),
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
        (
            "region",
            [1, 2, float("nan"), 4],
            "region is [1, 2, nan, 4], where a box of four finite numbers (x, y, width, height) was expected",
        ),
        ("region", [1, 2, float("inf"), 4], "region is [1, 2, inf, 4], where"),
        ("region", [1, 2, 1e39, 4], "region is [1, 2, 1e+39, 4], where"),
        ("region", [1, 2, None, 4], "region is [1, 2, None, 4], where"),
        ("region", [1, 2, "3", 4], "region is [1, 2, '3', 4], where"),
        ("region", [1, 2, 3], "region is [1, 2, 3], where"),
        ("region", 5, "region is 5, where"),
        ("subject", "\ud800", "subject is '\\ud800', where a text was expected"),
        ("subject", 5, "subject is 5, where a text was expected"),
        ("sample_id", None, "sample_id is None, where a text was expected"),
        ("sha256", ["0"], "sha256 is ['0'], where a text was expected"),
    ],
)
def test_a_value_that_is_none_of_its_column_is_named_with_its_line(tmp_path, column, value, expected):
    rows = [ROW, {**ROW, "sample_id": "a_2", column: value}]
    (tmp_path / "a.jsonl").write_text(OPENED + "".join(f"{json.dumps(row)}\n" for row in rows))
    assert refusal(tmp_path / "a.jsonl").startswith(f"line 3: {expected}")


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
def test_a_cell_that_is_none_of_its_column_is_named_with_its_line(tmp_path, column, cell, shown):
    path = written(tmp_path / "a.csv")
    *header, columns, first, second = path.read_text().splitlines()
    changed = dict(zip(columns.split(","), second.split(","), strict=True)) | {column: cell}
    path.write_text("\n".join((*header, columns, first, ",".join(changed.values()))))
    assert refusal(path).startswith(f"line {len(header) + 3}: {column} is {shown}, where ")


def test_a_parquet_file_is_told_by_its_rows_and_its_metadata(tmp_path):
    path = written(tmp_path / "a.parquet")
    table = pq.read_table(path)
    pq.write_table(table.set_column(table.column_names.index("frame"), "frame", pa.array([1, None])), path)
    assert refusal(path) == "row 2: frame is None, where a whole number of 32 bits was expected"
    pq.write_table(table.append_column("role", table["role"]), path)
    assert refusal(path) == "it has the column role twice"
    for header in (b"[" * 100_000, b"nonsense", b"\xff"):
        pq.write_table(table.replace_schema_metadata({b"facemotion": header}), path)
        assert refusal(path) == "it has no header that names a dataset"


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_text_that_is_not_in_utf8_is_told_with_its_line(tmp_path, suffix):
    path = written(tmp_path / f"a{suffix}")
    text = path.read_text()
    path.write_bytes(text.replace("a_2", "ä_2").encode("latin-1"))
    assert refusal(path) == f"line {text[: text.index('a_2')].count(chr(10)) + 1} is not in UTF-8"


@pytest.mark.parametrize("suffix", sharing.SUFFIXES)
def test_two_rows_of_one_name_are_told(tmp_path, suffix):
    path = written(tmp_path / f"a{suffix}")
    shared = sharing.read_shared(path)
    sharing.write_shared(path, sharing.Shared(shared.header, pd.concat([shared.rows, shared.rows[1:]])))
    first, again = {".csv": ("line 5", "line 6"), ".jsonl": ("line 3", "line 4"), ".parquet": ("row 2", "row 3")}[
        suffix
    ]
    assert refusal(path) == f"{again}: sample_id is 'a_2', as in {first}, where one of its own was expected"


def test_what_would_steer_a_terminal_or_fill_it_is_not_repeated(tmp_path):
    (tmp_path / "a.csv").write_text(f"{HEADED.replace('split', chr(27) + 'x' * 5000)}\n")
    said = refusal(tmp_path / "a.csv")
    assert said.isprintable()
    assert len(said) < 200


def test_empty_lines_and_line_ends_of_other_systems_do_no_harm(tmp_path):
    path = written(tmp_path / "a.csv")
    text = path.read_text()
    header, columns, rows = text.partition("sample_id,")
    for end in ("\r\n", "\r"):
        path.write_text(text.replace("\n", end), newline="")
        assert sharing.read_shared(path).intact
    path.write_text(header + columns + rows.replace("\n", "\n\n"), newline="")
    assert sharing.read_shared(path).intact


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="this system does not list the files that are open")
@pytest.mark.parametrize("suffix", sharing.SUFFIXES)
def test_a_file_that_is_refused_is_closed(tmp_path, suffix):
    path = written(tmp_path / f"a{suffix}")
    shared = sharing.read_shared(path)
    sharing.write_shared(path, sharing.Shared({"dataset": "none"}, shared.rows))
    with pytest.raises(ManifestError) as caught:
        sharing.read_shared(path)
    assert "names the dataset 'none'" in str(caught.value)
    opened = [Path("/proc/self/fd", name) for name in os.listdir("/proc/self/fd")]
    assert path not in [file.readlink() for file in opened if file.is_symlink()]


def test_an_additional_value_is_named(tmp_path):
    (tmp_path / "a.jsonl").write_text(f"{OPENED}{json.dumps(ROW)}\n{json.dumps({**ROW, 'note': 1})}\n")
    assert refusal(tmp_path / "a.jsonl") == "line 3 has the column 'note', which the first row has not"


@pytest.mark.parametrize("settings", [5, [1], None, {"label_map": {"a": {"b": "c"}}}, {"ids": [["a"]]}])
def test_a_header_whose_settings_are_none_is_refused(tmp_path, settings):
    header = {"header": {"dataset": "demo", "ingest_settings": settings}}
    (tmp_path / "a.jsonl").write_text(f"{json.dumps(header)}\n{json.dumps(ROW)}\n")
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
