import itertools
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from facemotion import manifest, tables
from facemotion.checksum import Checksum
from facemotion.errors import ManifestError


def row(**changes: Any) -> dict[str, Any]:
    return {
        "sample_id": "S005_001_00000011",
        "dataset": "ckplus",
        "subject": "S005",
        "sequence": "S005_001",
        "frame": 11,
        "role": "expressive",
        "expression": "disgust",
        "source": "images/S005_001_00000011.png",
        "rotate": 0,
        "region": None,
        "split": "",
        **changes,
    }


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows) or [row()])


def test_rows_come_back_sorted_by_sample_id(tmp_path):
    path = tmp_path / "manifest.parquet"
    manifest.write(path, table(row(sample_id="b"), row(sample_id="a")), header={"stage": "ingest"})
    read, header = manifest.read(path)
    assert read["sample_id"].tolist() == ["a", "b"]
    assert header["stage"] == "ingest"


def test_the_digest_does_not_depend_on_row_or_column_order():
    forwards = table(row(sample_id="a"), row(sample_id="b", region=[1, 2, 3, 4]))
    backwards = forwards.iloc[::-1][forwards.columns[::-1]]
    assert manifest.digest(forwards) == manifest.digest(backwards)


@pytest.mark.parametrize(
    "change", [{"expression": "fear"}, {"frame": 12}, {"rotate": 90}, {"region": [1, 2, 3, 4]}, {"split": "train"}]
)
def test_the_digest_depends_on_every_value(change):
    assert manifest.digest(table(row())) != manifest.digest(table(row(**change)))


def test_the_written_header_holds_the_digest(tmp_path):
    value = manifest.write(tmp_path / "m.parquet", table(), header={})
    assert manifest.read(tmp_path / "m.parquet")[1]["manifest_digest"] == value == manifest.digest(table())


def test_two_writes_give_the_same_bytes(tmp_path):
    for name in ("one.parquet", "two.parquet"):
        manifest.write(tmp_path / name, table(), header={"stage": "ingest"})
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"role": "peak"}, "has role 'peak'; allowed are neutral, expressive"),
        ({"expression": "bored"}, "has expression 'bored'"),
        ({"rotate": 45}, "has rotate '45'"),
        ({"role": "neutral"}, "has role neutral but expression 'disgust'"),
        ({"subject": ""}, "column 'subject' has an empty value"),
        ({"source": "/data/ck/a.png"}, "is not a POSIX path relative"),
        ({"source": "C:/ck/a.png"}, "is not a POSIX path relative"),
        ({"source": "a\\b.png"}, "is not a POSIX path relative"),
        ({"source": "../a.png"}, "is not a POSIX path relative"),
    ],
)
def test_a_value_that_is_not_allowed_is_named(change, message):
    with pytest.raises(ManifestError, match=message):
        manifest.validate(table(row(**change)))


def test_repeated_ids_are_refused():
    with pytest.raises(ManifestError, match="occurs more than once"):
        manifest.validate(table(row(), row()))


def test_missing_and_unknown_columns_are_named():
    wrong = table().drop(columns="subject").assign(age=3)
    with pytest.raises(ManifestError, match="lacks subject and has unknown age"):
        manifest.validate(wrong)


def test_an_empty_manifest_is_valid():
    assert len(manifest.validate(table().iloc[:0])) == 0


def test_a_missing_file_and_a_foreign_file_are_named(tmp_path):
    with pytest.raises(ManifestError, match="does not exist; run the stage"):
        manifest.read(tmp_path / "none.parquet")
    (tmp_path / "text.parquet").write_text("not parquet")
    with pytest.raises(ManifestError, match="cannot be read as parquet"):
        manifest.read(tmp_path / "text.parquet")


def test_rows_that_are_in_order_and_rows_that_are_not_give_the_same_table():
    forwards = table(*(row(sample_id=name) for name in ("a", "a+1", "b", "é")))
    assert manifest.validate(forwards.iloc[::-1]).equals(manifest.validate(forwards))


def test_what_is_validated_stays_as_it_was_and_owes_nothing_to_what_becomes_of_it():
    given = table(row(sample_id="a", subject="Ame\u0301lie"), row(sample_id="b")).drop(columns=["split", "rotate"])
    before = given.copy()
    found = manifest.validate(given)
    assert found["subject"].tolist() == ["Amélie", "S005"]
    assert given.equals(before)
    kept = found.copy()
    given.loc[0, ["frame", "source"]] = 12, "other.png"
    assert found.equals(kept)


@pytest.mark.parametrize("names", [("a", "a", "b"), ("b", "a", "b"), ("a", "b", "b")])
def test_a_repeated_id_is_named_wherever_it_stands(names):
    repeated = max(names, key=names.count)
    with pytest.raises(ManifestError, match=f"sample_id '{repeated}' occurs more than once"):
        manifest.validate(table(*(row(sample_id=name) for name in names)))


class TestParts:
    ROWS = tuple(row(sample_id=name, subject=name[:1]) for name in ("a1", "a2", "b1", "c1", "c2"))

    def parts(self, *ends: int) -> list[pd.DataFrame]:
        whole = manifest.validate(table(*self.ROWS))
        return [whole.iloc[start:end] for start, end in itertools.pairwise((0, *ends, len(whole)))]

    @pytest.mark.parametrize("ends", [(), (1,), (2, 4), (0, 3, 3)])
    def test_they_are_the_manifest_that_the_whole_is(self, tmp_path, ends):
        summary = manifest.write_batches(tmp_path / "m.parquet", self.parts(*ends), header={"stage": "ingest"})
        read, header = manifest.read(tmp_path / "m.parquet")
        assert read["sample_id"].tolist() == ["a1", "a2", "b1", "c1", "c2"]
        assert manifest.digest(read) == manifest.digest(table(*self.ROWS))
        assert header == {"stage": "ingest", "manifest_digest": manifest.digest(read), "checksum": header["checksum"]}
        roles = {"expressive": 5, "neutral": 0}
        assert summary == manifest.Summary(manifest.digest(read), header["checksum"], 5, 3, roles)

    def test_a_subject_of_several_parts_is_one(self):
        rows = [row(sample_id=name, subject=who) for name, who in (("a", "x"), ("b", "y"), ("c", "x"))]
        whole = manifest.validate(table(*rows))
        assert manifest.summarise([whole.iloc[:1], whole.iloc[1:2], whole.iloc[2:]]).subjects == 2

    @pytest.mark.parametrize("order", [(1, 0), (0, 0)])
    def test_parts_that_do_not_follow_each_other_are_refused_before_anything_is_written(self, tmp_path, order):
        parts = self.parts(3)
        with pytest.raises(ManifestError, match=r"sample_id 'a1' follows '.*'; parts of a manifest rise, none twice"):
            manifest.write_batches(tmp_path / "m.parquet", [parts[place] for place in order], header={})
        assert list(tmp_path.iterdir()) == []

    def test_the_header_is_read_without_the_table(self, tmp_path):
        manifest.write_batches(tmp_path / "m.parquet", self.parts(2), header={"stage": "ingest"})
        assert tables.read_header(tmp_path / "m.parquet") == manifest.read(tmp_path / "m.parquet")[1]
        with pytest.raises(ManifestError, match="does not exist; run the stage that writes it first"):
            tables.read_header(tmp_path / "none.parquet")

    def test_parts_that_can_be_gone_through_only_once_are_refused(self, tmp_path):
        with pytest.raises(ManifestError, match="had 5 rows at first and 0 then; give a list of them"):
            manifest.write_batches(tmp_path / "m.parquet", iter(self.parts(2)), header={})
        assert list(tmp_path.iterdir()) == []

    def test_a_damaged_table_has_no_header(self, tmp_path):
        path = tmp_path / "m.parquet"
        manifest.write_batches(path, self.parts(), header={"stage": "ingest"})
        data = path.read_bytes()
        path.write_bytes(data[:20] + bytes(200) + data[220:])
        with pytest.raises(ManifestError, match="cannot be read as parquet"):
            tables.read_header(path)


def test_an_edited_table_is_not_believed_and_a_damaged_one_is_no_edit(tmp_path):
    path = tmp_path / "manifest.parquet"
    manifest.write(path, table(row(sample_id="a"), row(sample_id="b")), header={"stage": "ingest"})
    assert not tables.is_edited(path)
    whole = path.read_bytes()
    stored = pq.read_table(path)
    for edit in (
        stored.set_column(stored.column_names.index("subject"), "subject", pa.array(["S005", "S006"])),
        stored.slice(0, 0),
        stored.replace_schema_metadata(None),
    ):
        pq.write_table(edit, path)
        assert tables.is_edited(path)
        if edit.schema.metadata:
            for read in (manifest.read, tables.read_table, tables.read_header):
                with pytest.raises(ManifestError, match=r"was changed after it was written; .*manifest accept"):
                    read(path)
    path.write_bytes(whole[:-50])
    assert not tables.is_edited(path)


@pytest.mark.parametrize("values", [[{"a": 1}], [[1]]])
def test_a_column_of_another_kind_is_refused(tmp_path, values):
    table(row()).assign(dataset=values).to_parquet(tmp_path / "manifest.parquet")
    with pytest.raises(ManifestError, match=r"manifest\.parquet has a column of another kind than is written there"):
        manifest.read(tmp_path / "manifest.parquet")


def test_parts_of_any_size_have_one_checksum():
    whole = pa.Table.from_pandas(
        manifest.validate(
            table(*(row(sample_id=f"{n:03d}", region=None if n % 3 else (n, 1, 2, 3)) for n in range(50)))
        ),
        schema=manifest.SCHEMA,
        preserve_index=False,
    )
    for size in (1, 7, 50):
        found = Checksum()
        for batch in whole.to_batches(max_chunksize=size):
            found.update(pa.Table.from_batches([batch]))
        assert found.hexdigest() == Checksum.of(whole)
    assert Checksum.of(whole.slice(1)) != Checksum.of(whole)
