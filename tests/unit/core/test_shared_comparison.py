"""A shared manifest compared with one's own."""

from dataclasses import replace

import pytest

from facemotion import manifest, sharing
from facemotion.folds import Folds
from facemotion.sharing.compare import compare
from facemotion.sharing.export import share


def test_the_same_manifest_is_verified(tmp_path, rows_of, written):
    found = compare(share(written(tmp_path, rows_of()), "ckplus"), manifest.validate(rows_of()))
    assert found.identical
    assert found.ok
    assert found.as_text().splitlines()[-1] == "verified"


def test_another_place_of_the_same_files_is_no_difference(tmp_path, rows_of, written):
    rows = rows_of()
    rows["source"] = "nested/" + rows["source"]
    found = compare(share(written(tmp_path, rows_of()), "ckplus"), manifest.validate(rows))
    assert (found.ok, found.identical, found.elsewhere) == (True, False, len(rows))
    assert "labels: all agree" in found.as_text()


def test_rows_that_are_missing_or_additional_are_named(tmp_path, rows_of, written):
    rows = rows_of()
    found = compare(share(written(tmp_path, rows[1:]), "ckplus"), manifest.validate(rows[:-1]))
    assert found.missing == [rows["sample_id"].iloc[-1]]
    assert found.additional == [rows["sample_id"].iloc[0]]
    assert found.labels is None
    assert not found.ok
    assert f"missing in yours: 1 rows: {found.missing[0]}" in found.as_text()


def test_manifests_without_a_common_row_are_compared(tmp_path, rows_of, written):
    rows = rows_of()
    rows["sample_id"] = "x" + rows["sample_id"]
    found = compare(share(written(tmp_path, rows_of()), "ckplus"), manifest.validate(rows))
    assert (found.rows, len(found.missing), len(found.additional)) == (0, len(rows), len(rows))
    shared = sharing.Shared(share(tmp_path, "ckplus").header, share(tmp_path, "ckplus").rows[:0])
    sharing.write_shared(tmp_path / "none.csv", shared)
    found = compare(sharing.read_shared(tmp_path / "none.csv"), manifest.validate(rows))
    assert (found.ok, found.intact, len(found.missing), len(found.additional)) == (False, False, 0, len(rows))


def test_names_in_a_shared_file_do_not_steer_the_terminal(tmp_path, rows_of, written):
    rows = rows_of()
    rows["sample_id"] = "\x1b[2J\n" + rows["sample_id"] + "x" * 500
    text = compare(share(written(tmp_path, rows), "ckplus"), manifest.validate(rows_of())).as_text()
    assert all(line.isprintable() and len(line) < 2000 for line in text.splitlines())
    assert r"missing in yours: 12 rows: \x1b[2J\nS000_001_00000001" in text


def test_a_label_that_differs_is_noticed_without_being_shown(tmp_path, rows_of, written):
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
def test_any_column_that_differs_is_named(tmp_path, column, value, rows_of, written):
    rows = rows_of()
    rows["rotate"], rows["split"] = 0, ""
    rows.loc[1, column] = value
    if column == "role":
        rows.loc[1, "expression"] = "neutral"
    found = compare(share(written(tmp_path, rows_of()), "ckplus"), manifest.validate(rows))
    assert found.different == {column: [rows["sample_id"].iloc[1]]}
    assert not found.ok


def test_folds_checksums_and_regions_are_compared(tmp_path, full):
    shared = full(tmp_path)
    rows, _ = manifest.read(tmp_path / "manifest.parquet")
    folds = Folds.read(tmp_path / "folds.json")
    hashes = dict(zip(shared.rows["sample_id"], shared.rows["sha256"], strict=True))
    assert compare(shared, rows, folds=folds, hashes=hashes).ok
    first, second, *others = folds.folds
    folds = replace(folds, folds=(second, first, *others))
    hashes[rows["sample_id"].iloc[3]] = "f" * 64
    rows.at[2, "region"] = [0.0, 0.0, 1.0, 1.0]
    found = compare(shared, rows, folds=folds, hashes=hashes)
    assert {name: len(names) for name, names in found.different.items()} == {"region": 1, "fold": 8, "sha256": 1}
    del hashes[rows["sample_id"].iloc[4]]
    found = compare(shared, rows, folds=folds, hashes=hashes)
    assert (found.different["sha256"], found.unread) == ([rows["sample_id"].iloc[3]], [rows["sample_id"].iloc[4]])
    assert f"no checksum of yours, since the file cannot be read: 1 rows: {found.unread[0]}" in found.as_text()
    hashes = dict(zip(shared.rows["sample_id"], shared.rows["sha256"], strict=True))
    assert not compare(shared, rows, hashes=dict(list(hashes.items())[:-1])).ok
    nothing = compare(shared, rows)
    assert [sentence.split(",")[0] for sentence in nothing.not_compared] == ["folds", "checksums"]


def test_a_file_that_was_edited_is_not_verified(tmp_path, rows_of, written):
    sharing.write_shared(tmp_path / "shared.csv", share(written(tmp_path, rows_of()), "ckplus"))
    text = (tmp_path / "shared.csv").read_text()
    (tmp_path / "shared.csv").write_text(text.replace("S002_001,9,", "S002_001,8,"))
    found = compare(sharing.read_shared(tmp_path / "shared.csv"), manifest.validate(rows_of()))
    assert (found.intact, found.ok, set(found.different)) == (False, False, {"frame"})
    assert "changed after it was exported" in found.as_text()


def test_a_default_that_is_made_is_shown_as_it_is(tmp_path, rows_of, written):
    shared = share(written(tmp_path, rows_of("folder")), "folder", with_labels=True)
    text = compare(shared, manifest.validate(rows_of("folder")), settings={"label_map": {"0": "anger"}}).as_text()
    assert "label_map is {} in the shared file and {'0': 'anger'} in yours" in text
    assert "other settings" not in compare(shared, manifest.validate(rows_of("folder")), settings={}).as_text()


def test_settings_that_differ_are_said(tmp_path, rows_of, written):
    found = compare(share(written(tmp_path, rows_of()), "ckplus"), manifest.validate(rows_of()), settings={"seed": 1})
    assert (
        "ingested with other settings: seed is not given in the shared file and 1 in yours (to use" in found.as_text()
    )
    assert found.ok
