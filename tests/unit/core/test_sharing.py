import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from facemotion import manifest, sharing, tables
from facemotion.config import FoldSettings
from facemotion.datasets import affectnet
from facemotion.errors import ConfigError, DataError
from facemotion.expressions import EXPRESSIONS
from facemotion.folds import build_folds
from facemotion.ingestion import facts
from facemotion.sharing.compare import compare
from facemotion.sharing.export import share
from facemotion.workspace import provenance, write_json


def rows_of(dataset: str = "ckplus", *, subjects: int = 3, **columns: object) -> pd.DataFrame:
    """Two sequences a subject, each of a neutral and an expressive frame."""
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


def written(folder: Path, rows: pd.DataFrame, *, folds: bool = False, hashes: bool = False) -> Path:
    digest = manifest.write(folder / "manifest.parquet", rows, header=provenance("ingest", settings={}, inputs={}))
    if folds:
        header = provenance("folds", settings={}, inputs={"manifest": digest})
        write_json(folder / "folds.json", build_folds(manifest.validate(rows), FoldSettings(folds=3), header=header))
    if hashes:
        faces = pd.DataFrame({"sample_id": rows["sample_id"], "sha256": [f"{n:064x}" for n in range(len(rows))]})
        faces.loc[0, "sha256"] = None
        schema = pa.schema([("sample_id", pa.string()), ("sha256", pa.string())])
        header = provenance("align", settings={}, inputs={"manifest": digest})
        tables.write_table(folder / "faces.parquet", faces, schema=schema, header=header)
    return folder


def test_labels_of_a_gated_dataset_are_left_out_unless_asked_for(tmp_path):
    folder = written(tmp_path, rows_of())
    shared = share(folder, "ckplus")
    assert "expression" not in shared.rows
    assert shared.header["labels"] == "left out"
    assert not any(name in json.dumps([shared.header, shared.rows.to_dict("records")]) for name in EXPRESSIONS)
    asked = share(folder, "ckplus", with_labels=True)
    assert asked.header["labels"] == "included"
    assert set(asked.rows["expression"]) == {"anger", "happiness", "neutral"}


def test_labels_of_the_demo_are_free(tmp_path):
    assert "expression" in share(written(tmp_path, rows_of("demo")), "demo").rows


def test_a_dataset_that_is_not_known_counts_as_gated():
    assert facts.of("somebodys").gated


@pytest.mark.parametrize("source", ["CK+48/happy/a.png", "Happiness/a.png", "x/session_happy_1/a.png", "HA/a.png"])
def test_names_that_state_gated_labels_are_refused(tmp_path, source):
    rows = rows_of()
    rows.loc[rows["expression"] == "happiness", "source"] = source
    with pytest.raises(ConfigError, match=r"its names state them: .* is happiness; give --with-labels"):
        share(written(tmp_path, rows), "ckplus")
    assert len(share(tmp_path, "ckplus", with_labels=True).rows) == len(rows)


def test_a_word_that_all_sources_have_is_no_label(tmp_path):
    rows = rows_of()
    rows["source"] = "happy-lab/" + rows["source"]
    assert len(share(written(tmp_path, rows), "ckplus").rows) == len(rows)


def test_names_of_oulu_casia_state_the_label_and_the_header_says_so(tmp_path):
    rows = rows_of("oulu-casia")
    rows["source"] = "VL/Strong/" + rows["subject"] + "/" + rows["expression"].str.title() + "/000.jpeg"
    shared = share(written(tmp_path, rows), "oulu-casia")
    assert "expression" not in shared.rows
    assert "names of files and folders state them" in shared.header["labels"]


def test_boxes_of_affectnets_annotations_go_with_its_labels(tmp_path):
    boxes = [[1.0, 2.0, 3.5, 4.0]] * 12
    folder = written(tmp_path, rows_of("affectnet", region=boxes))
    assert "region" not in share(folder, "affectnet").rows
    assert "region" in share(folder, "affectnet", with_labels=True).rows
    mmi = written(tmp_path / "mmi", rows_of("mmi", region=boxes))
    assert "region" in share(mmi, "mmi").rows


def full(tmp_path: Path) -> sharing.Shared:
    regions = [None, *[[0.1, 2.0, 3.5, 1e-7]] * 11]
    return share(written(tmp_path, rows_of("demo", region=regions), folds=True, hashes=True), "demo")


@pytest.mark.parametrize("suffix", sharing.SUFFIXES)
def test_every_format_gives_back_what_was_written(tmp_path, suffix):
    shared = full(tmp_path)
    path = tmp_path / f"shared{suffix}"
    sharing.write_shared(path, shared)
    found = sharing.read_shared(path)
    assert found.header == shared.header
    assert found.intact
    assert list(found.rows) == list(shared.rows)
    plain = [name for name in shared.rows if name != "region"]
    pd.testing.assert_frame_equal(found.rows[plain], shared.rows[plain], check_dtype=False)
    assert found.rows["region"].iloc[0] is None
    assert list(found.rows["region"].iloc[1]) == list(shared.rows["region"].iloc[1])
    assert found.rows["sha256"].iloc[0] is None


def test_a_csv_can_be_read_by_pandas_alone(tmp_path):
    shared = full(tmp_path)
    sharing.write_shared(tmp_path / "shared.csv", shared)
    found = pd.read_csv(tmp_path / "shared.csv", comment="#")
    assert found["sample_id"].tolist() == shared.rows["sample_id"].tolist()


def test_a_csv_with_number_signs_in_its_names_can_be_read_by_pandas_alone(tmp_path):
    rows = rows_of("demo")
    rows["source"] = "take #1/" + rows["source"]
    sharing.write_shared(tmp_path / "shared.csv", share(written(tmp_path, rows), "demo"))
    found = pd.read_csv(tmp_path / "shared.csv", comment="#", keep_default_na=False)
    assert found["source"].tolist() == rows["source"].tolist()
    assert found["split"].eq("").all()
    assert sharing.read_shared(tmp_path / "shared.csv").intact


def test_names_with_marks_of_the_format_survive(tmp_path):
    rows = rows_of("demo")
    rows["sample_id"] = ['# "a, b"\nc', *rows["sample_id"][1:]]
    shared = share(written(tmp_path, rows), "demo")
    sharing.write_shared(tmp_path / "shared.csv", shared)
    found = sharing.read_shared(tmp_path / "shared.csv")
    assert found.rows["sample_id"].iloc[0] == '# "a, b"\nc'
    assert found.intact


def test_an_unknown_suffix_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"names no format: give a file that ends in \.csv, \.jsonl, \.parquet"):
        sharing.write_shared(tmp_path / "shared.xlsx", full(tmp_path))


def test_folds_and_checksums_are_those_of_the_subject_and_the_source(tmp_path):
    shared = full(tmp_path)
    assert shared.rows.groupby("subject")["fold"].agg(["min", "max"]).values.tolist() == [[2, 2], [1, 1], [0, 0]]
    assert shared.rows["sha256"].tolist()[:2] == [None, f"{1:064x}"]
    assert shared.header["folds"]["folds"] == 3


@pytest.mark.parametrize("file", ["folds.json", "faces.parquet"])
def test_artefacts_of_another_manifest_are_not_shared(tmp_path, file):
    rows = rows_of()
    written(tmp_path, rows, folds=file == "folds.json", hashes=file != "folds.json")
    written(tmp_path, rows[:-1])
    with pytest.raises(DataError, match=rf"{file} was made for another manifest; run `facemotion"):
        share(tmp_path, "ckplus")


def test_the_same_manifest_is_verified(tmp_path):
    found = compare(share(written(tmp_path, rows_of()), "ckplus"), manifest.validate(rows_of()))
    assert found.identical
    assert found.ok
    assert found.as_text().splitlines()[-1] == "verified"


def test_another_place_of_the_same_files_is_no_difference(tmp_path):
    rows = rows_of()
    rows["source"] = "nested/" + rows["source"]
    found = compare(share(written(tmp_path, rows_of()), "ckplus"), manifest.validate(rows))
    assert (found.ok, found.identical, found.elsewhere) == (True, False, len(rows))
    assert "labels: all agree" in found.as_text()


def test_rows_that_are_missing_or_additional_are_named(tmp_path):
    rows = rows_of()
    found = compare(share(written(tmp_path, rows[1:]), "ckplus"), manifest.validate(rows[:-1]))
    assert found.missing == [rows["sample_id"].iloc[-1]]
    assert found.additional == [rows["sample_id"].iloc[0]]
    assert found.labels is None
    assert not found.ok
    assert f"missing in yours: 1 rows: {found.missing[0]}" in found.as_text()


def test_a_label_that_differs_is_noticed_without_being_shown(tmp_path):
    rows = rows_of()
    rows.loc[1, "expression"] = "fear"
    found = compare(share(written(tmp_path, rows_of()), "ckplus"), manifest.validate(rows))
    assert (found.ok, found.labels, dict(found.different)) == (False, False, {})
    assert "labels: some differ" in found.as_text()
    shown = compare(share(tmp_path, "ckplus", with_labels=True), manifest.validate(rows))
    assert shown.different == {"expression": [rows["sample_id"].iloc[1]]}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("frame", 7),
        ("subject", "S999"),
        ("rotate", 90),
        ("split", "test"),
        ("source", "other.png"),
        ("role", "neutral"),
    ],
)
def test_any_column_that_differs_is_named(tmp_path, column, value):
    rows = rows_of()
    rows["rotate"], rows["split"] = 0, ""
    rows.loc[1, column] = value
    if column == "role":
        rows.loc[1, "expression"] = "neutral"
    found = compare(share(written(tmp_path, rows_of()), "ckplus"), manifest.validate(rows))
    assert found.different == {column: [rows["sample_id"].iloc[1]]}
    assert not found.ok


def test_folds_checksums_and_regions_are_compared(tmp_path):
    shared = full(tmp_path)
    rows, _ = manifest.read(tmp_path / "manifest.parquet")
    folds = json.loads((tmp_path / "folds.json").read_text())
    hashes = dict(zip(shared.rows["sample_id"], shared.rows["sha256"], strict=True))
    assert compare(shared, rows, folds=folds, hashes=hashes).ok
    first, second = folds["folds"][0]["subjects"], folds["folds"][1]["subjects"]
    folds["folds"][0]["subjects"], folds["folds"][1]["subjects"] = second, first
    hashes[rows["sample_id"].iloc[3]] = "f" * 64
    rows.at[2, "region"] = [0.0, 0.0, 1.0, 1.0]
    found = compare(shared, rows, folds=folds, hashes=hashes)
    assert {name: len(names) for name, names in found.different.items()} == {"region": 1, "fold": 8, "sha256": 1}
    nothing = compare(shared, rows)
    assert [sentence.split(",")[0] for sentence in nothing.not_compared] == ["folds", "checksums"]


def test_a_file_that_was_edited_is_not_verified(tmp_path):
    sharing.write_shared(tmp_path / "shared.csv", share(written(tmp_path, rows_of()), "ckplus"))
    text = (tmp_path / "shared.csv").read_text()
    (tmp_path / "shared.csv").write_text(text.replace("S002_001,9,", "S002_001,8,"))
    found = compare(sharing.read_shared(tmp_path / "shared.csv"), manifest.validate(rows_of()))
    assert (found.intact, found.ok, set(found.different)) == (False, False, {"frame"})
    assert "changed after it was exported" in found.as_text()


def test_settings_that_differ_are_said(tmp_path):
    found = compare(share(written(tmp_path, rows_of()), "ckplus"), manifest.validate(rows_of()), settings={"seed": 1})
    assert "other settings: shared {}, yours {'seed': 1}" in found.as_text()


def test_facts_agree_with_the_datasets():
    from facemotion import datasets

    assert set(facts.FACTS) == set(datasets.names()) - {"folder"}
    for name in ("ckplus", "mmi"):
        info, known = datasets.load(name).INFO, facts.of(name)
        assert sum(known.test_images) == sum(info.images.values())
    assert facts.of("affectnet").annotated["training"] == affectnet._TRAINING
    assert facts.of("affectnet").annotated["validation, release A"] == affectnet._VALIDATION
    assert sum(facts.of("affectnet").annotated["validation, release B"].values()) == 3999
