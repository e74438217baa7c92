import json

import pandas as pd
import pytest

from facemotion import sharing
from facemotion.errors import ConfigError, DataError
from facemotion.expressions import EXPRESSIONS
from facemotion.ingestion.facts import Facts
from facemotion.sharing.export import share


def test_labels_of_a_gated_dataset_are_left_out_unless_asked_for(tmp_path, rows_of, written):
    folder = written(tmp_path, rows_of())
    shared = share(folder, "ckplus")
    assert "expression" not in shared.rows
    assert shared.header["labels"] == "left out"
    assert not any(name in json.dumps([shared.header, shared.rows.to_dict("records")]) for name in EXPRESSIONS)
    asked = share(folder, "ckplus", with_labels=True)
    assert asked.header["labels"] == "included"
    assert set(asked.rows["expression"]) == {"anger", "happiness", "neutral"}


def test_labels_of_the_demo_are_free(tmp_path, rows_of, written):
    assert "expression" in share(written(tmp_path, rows_of("demo")), "demo").rows


def test_a_dataset_that_is_not_known_counts_as_gated():
    assert Facts().gated


@pytest.mark.parametrize("source", ["CK+48/happy/a.png", "Happiness/a.png", "x/session_happy_1/a.png", "HA/a.png"])
def test_names_that_state_gated_labels_are_refused(tmp_path, source, rows_of, written):
    rows = rows_of()
    rows.loc[rows["expression"] == "happiness", "source"] = source
    with pytest.raises(ConfigError, match=r"its names state them: .* is happiness; give --with-labels"):
        share(written(tmp_path, rows), "ckplus")
    assert len(share(tmp_path, "ckplus", with_labels=True).rows) == len(rows)


def test_a_word_that_all_sources_have_is_no_label(tmp_path, rows_of, written):
    rows = rows_of()
    rows["source"] = "happy-lab/" + rows["source"]
    assert len(share(written(tmp_path, rows), "ckplus").rows) == len(rows)


def test_names_of_oulu_casia_state_the_label_and_the_header_says_so(tmp_path, rows_of, written):
    rows = rows_of("oulu-casia")
    rows["source"] = "VL/Strong/" + rows["subject"] + "/" + rows["expression"].str.title() + "/000.jpeg"
    shared = share(written(tmp_path, rows), "oulu-casia")
    assert "expression" not in shared.rows
    assert "names of files and folders state them" in shared.header["labels"]


def test_boxes_of_affectnets_annotations_go_with_its_labels(tmp_path, rows_of, written):
    boxes = [[1.0, 2.0, 3.5, 4.0]] * 12
    folder = written(tmp_path, rows_of("affectnet", region=boxes))
    assert "region" not in share(folder, "affectnet").rows
    assert "region" in share(folder, "affectnet", with_labels=True).rows
    mmi = written(tmp_path / "mmi", rows_of("mmi", region=boxes))
    assert "region" in share(mmi, "mmi").rows


@pytest.mark.parametrize("suffix", sharing.SUFFIXES)
def test_every_format_gives_back_what_was_written(tmp_path, suffix, full):
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


def test_a_csv_can_be_read_by_pandas_alone(tmp_path, full):
    shared = full(tmp_path)
    sharing.write_shared(tmp_path / "shared.csv", shared)
    found = pd.read_csv(tmp_path / "shared.csv", comment="#")
    assert found["sample_id"].tolist() == shared.rows["sample_id"].tolist()


def test_a_csv_with_number_signs_in_its_names_can_be_read_by_pandas_alone(tmp_path, rows_of, written):
    rows = rows_of("demo")
    rows["source"] = "take #1/" + rows["source"]
    sharing.write_shared(tmp_path / "shared.csv", share(written(tmp_path, rows), "demo"))
    found = pd.read_csv(tmp_path / "shared.csv", comment="#", keep_default_na=False)
    assert found["source"].tolist() == rows["source"].tolist()
    assert found["split"].eq("").all()
    assert sharing.read_shared(tmp_path / "shared.csv").intact


def test_names_with_marks_of_the_format_survive(tmp_path, rows_of, written):
    rows = rows_of("demo")
    rows["sample_id"] = ['# "a, b"\nc', *rows["sample_id"][1:]]
    shared = share(written(tmp_path, rows), "demo")
    sharing.write_shared(tmp_path / "shared.csv", shared)
    found = sharing.read_shared(tmp_path / "shared.csv")
    assert found.rows["sample_id"].iloc[0] == '# "a, b"\nc'
    assert found.intact


def test_an_unknown_suffix_is_refused(tmp_path, full):
    with pytest.raises(ConfigError, match=r"names no format: give a file that ends in \.csv, \.jsonl, \.parquet"):
        sharing.write_shared(tmp_path / "shared.xlsx", full(tmp_path))


def test_folds_and_checksums_are_those_of_the_subject_and_the_source(tmp_path, full):
    shared = full(tmp_path)
    assert shared.rows.groupby("subject")["fold"].agg(["min", "max"]).values.tolist() == [[2, 2], [1, 1], [0, 0]]
    assert shared.rows["sha256"].tolist()[:2] == [None, f"{1:064x}"]
    assert shared.header["folds"]["folds"] == 3


@pytest.mark.parametrize("file", ["folds.json", "faces.parquet"])
def test_artefacts_of_another_manifest_are_not_shared(tmp_path, file, rows_of, written):
    rows = rows_of()
    written(tmp_path, rows, folds=file == "folds.json", hashes=file != "folds.json")
    written(tmp_path, rows[:-1])
    with pytest.raises(DataError, match=rf"{file} was made for another manifest; run `facemotion"):
        share(tmp_path, "ckplus")


def test_facts_agree_with_the_datasets():
    from facemotion import datasets

    for name in ("ckplus", "mmi"):
        dataset = datasets.load(name)
        assert sum(dataset.facts.test_images) == sum(dataset.info.images.values())
    assert sum(datasets.load("affectnet").facts.annotated["validation, release B"].values()) == 3999
