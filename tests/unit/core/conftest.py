"""A small manifest, the folder in which it lies, and what is shared of it."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from facemotion import manifest, sharing, tables
from facemotion.config import FoldSettings
from facemotion.folds import build_folds
from facemotion.provenance import provenance
from facemotion.sharing.export import share
from facemotion.workspace import write_json


@pytest.fixture
def rows_of() -> Callable[..., pd.DataFrame]:
    """Return a function that gives rows: two sequences a subject, each of a neutral and an expressive frame."""

    def make(dataset: str = "ckplus", *, subjects: int = 3, **columns: object) -> pd.DataFrame:
        table = [
            {
                "sample_id": f"S{subject:03d}_{session:03d}_{frame:08d}",
                "dataset": dataset,
                "subject": f"S{subject:03d}",
                "sequence": f"S{subject:03d}_{session:03d}",
                "frame": frame,
                "role": "expressive" if frame > 1 else "neutral",
                "expression": ("anger", "happiness")[session - 1] if frame > 1 else "neutral",
                "source": f"images/S{subject:03d}/{session:03d}/{frame:08d}.png",
            }
            for subject in range(subjects)
            for session in (1, 2)
            for frame in (1, 9)
        ]
        return pd.DataFrame(table).assign(**columns)

    return make


@pytest.fixture
def written() -> Callable[..., Path]:
    """Return a function that writes rows into a folder, with folds and checksums if wanted, and gives the folder."""

    def make(folder: Path, rows: pd.DataFrame, *, folds: bool = False, hashes: bool = False) -> Path:
        digest = manifest.write(folder / "manifest.parquet", rows, header=provenance("ingest", settings={}, inputs={}))
        if folds:
            header = provenance("folds", settings={}, inputs={"manifest": digest})
            write_json(
                folder / "folds.json", build_folds(manifest.validate(rows), FoldSettings(folds=3)).as_json(header)
            )
        if hashes:
            faces = pd.DataFrame({"sample_id": rows["sample_id"], "sha256": [f"{n:064x}" for n in range(len(rows))]})
            faces.loc[0, "sha256"] = None
            schema = pa.schema([("sample_id", pa.string()), ("sha256", pa.string())])
            header = provenance("align", settings={}, inputs={"manifest": digest})
            tables.write_table(folder / "faces.parquet", faces, schema=schema, header=header)
        return folder

    return make


@pytest.fixture
def full(rows_of, written) -> Callable[..., sharing.Shared]:
    """Return a function that gives what is shared of rows with regions, folds and checksums."""

    def make(tmp_path: Path) -> sharing.Shared:
        regions = [None, *[[0.1, 2.0, 3.5, 1e-7]] * 11]
        return share(written(tmp_path, rows_of("demo", region=regions), folds=True, hashes=True), "demo")

    return make
