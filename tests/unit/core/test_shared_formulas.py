"""Exported cells are no formulas to a spreadsheet, and are read back as they were."""

import csv

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemotion.sharing import read_shared
from facemotion.sharing.table import Shared, as_text, rows_digest, write_shared
from facemotion.sharing.table import _cell as cell_of

STARTS = ("=", "+", "-", "@", "\t", "\r")
TEXTS = (
    *(f"{start}cmd|' /C calc'!A0" for start in STARTS),
    *(f"'{start}x" for start in STARTS),
    *("''=x", "'", "'a", "a=b", "", "-", '="a,b"', "#x", "a\nb"),
)


def shared(texts: list[str], **header: object) -> Shared:
    rows = pd.DataFrame(
        {
            "sample_id": [f"{number:03}{text}" for number, text in enumerate(texts)],
            "subject": texts,
            "sequence": texts,
            "frame": range(-1, len(texts) - 1),
            "role": "expressive",
            "source": texts,
            "rotate": 0,
            "region": [[-1.5, 0.0, 3.0, 4.0]] * len(texts),
            "split": texts,
        }
    )
    return Shared({"dataset": "folder", **header, "rows_digest": rows_digest(rows)}, rows)


def test_no_cell_begins_as_a_formula_and_all_come_back(tmp_path):
    made = shared(list(TEXTS), ingest_settings={"label_map": {"a,=cmd()": "-", "b;@x": "anger"}})
    write_shared(tmp_path / "a.csv", made)
    text = (tmp_path / "a.csv").read_bytes().decode()
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    places = [place for place, name in enumerate(rows[-len(TEXTS) - 1]) if name not in ("frame", "region")]
    assert not [row[place] for row in rows[-len(TEXTS) :] for place in places if row[place].startswith(STARTS)]
    for line in text.splitlines()[:3]:
        assert not any(part.startswith(STARTS) for part in line.replace(";", ",").split(","))
    read = read_shared(tmp_path / "a.csv")
    assert read.intact
    assert read.header == made.header
    assert read.rows["source"].tolist() == list(TEXTS)


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_other_formats_hold_the_texts_as_they_are(tmp_path, suffix):
    write_shared(tmp_path / f"a{suffix}", shared(list(TEXTS)))
    assert read_shared(tmp_path / f"a{suffix}").rows["source"].tolist() == list(TEXTS)


@given(st.text(st.sampled_from("'=+-@\t\ra")))
def test_escaping_is_undone(text):
    (row,) = csv.reader([cell_of(text)]) if cell_of(text) else [[""]]
    assert not row[0].startswith(STARTS)
    assert as_text(row[0]) == text
