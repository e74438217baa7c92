from pathlib import Path

import pandas as pd
import pytest

from facemotion import manifest, tables
from facemotion.errors import ManifestError
from facemotion.rows import Files, Stored, columns, parts


def table(count: int) -> pd.DataFrame:
    return manifest.validate(
        pd.DataFrame(
            {
                "sample_id": [f"s{number:03d}" for number in range(count)],
                "dataset": "d",
                "subject": [f"P{number % 3}" for number in range(count)],
                "sequence": "q",
                "frame": range(count),
                "role": "expressive",
                "expression": "anger",
                "source": [f"a/{number}.png" for number in range(count)],
                "region": [None if number % 2 else [1.0, 2.0, 3.0, 4.0] for number in range(count)],
            }
        )
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A manifest of 13 rows, written in batches of 5."""
    rows = table(13)
    manifest.write_batches(
        tmp_path / "manifest.parquet", [rows.iloc[at : at + 5] for at in range(0, 13, 5)], header={"stage": "ingest"}
    )
    return tmp_path / "manifest.parquet"


@pytest.mark.parametrize("at_a_time", [1, 4, 4096])
@pytest.mark.parametrize("size", [1, 3, 6, 13, 20])
def test_parts_on_disk_are_those_in_memory(path, monkeypatch, size: int, at_a_time: int) -> None:
    monkeypatch.setattr(tables, "ROWS_AT_A_TIME", at_a_time)
    rows = Stored(path)
    assert len(rows) == 13
    for _ in range(2):  # they can be gone through again
        found = list(parts(rows, size))
        wanted = list(parts(manifest.read(path)[0], size))
        assert [len(part) for part in found] == [len(part) for part in wanted]
        assert [manifest.digest(part) for part in found] == [manifest.digest(part) for part in wanted]


def test_columns_and_files_of_both(path: Path) -> None:
    for rows in (Stored(path), manifest.read(path)[0]):
        assert list(columns(rows, ["frame", "subject"]))[:3] == [(0, "P0"), (1, "P1"), (2, "P2")]
        files = Files(rows, Path("root"))
        assert list(files) == list(files) == [str(Path("root", "a", f"{number}.png")) for number in range(13)]


def test_what_is_no_manifest_is_told(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="does not exist"):
        Stored(tmp_path / "none.parquet")
    tables.write_table(
        tmp_path / "other.parquet", table(2).drop(columns="role"), schema=manifest.SCHEMA.remove(5), header={}
    )
    with pytest.raises(ManifestError, match="role"):
        list(parts(Stored(tmp_path / "other.parquet"), 2))
