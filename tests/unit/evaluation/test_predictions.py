import numpy as np
import pandas as pd
import pytest

from facemotion.errors import DataError, LeakageError, ManifestError
from facemotion.evaluation import predictions

CLASSES = ("anger", "fear", "sadness")


@pytest.fixture
def table(predictions_of):
    return predictions_of([[4, 1, 0], [0, 5, 0], [1, 0, 4]], CLASSES)


def changed(table, column, value):
    table = table.copy()
    table[column] = table[column].astype(object)
    table.loc[3, column] = value
    return table.infer_objects()


class TestValidate:
    def test_order_of_rows_and_columns_does_not_matter(self, table):
        mixed = table.sample(frac=1, random_state=1)[list(table.columns[::-1])]
        pd.testing.assert_frame_equal(predictions.validate(mixed, CLASSES), predictions.validate(table, CLASSES))

    def test_columns_in_order(self, table):
        expected = ["sample_id", "subject", "fold", "seed", "variant", "expression", "predicted"]
        assert list(predictions.validate(table).columns) == [*expected, "p_anger", "p_fear", "p_sadness"]

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            (lambda t: t.drop(columns="seed"), "lack seed"),
            (lambda t: t.assign(note=1), "have unknown note"),
            (lambda t: t.iloc[:0], "no rows"),
            (lambda t: changed(t, "predicted", "joy"), "sample 'I0003' has predicted 'joy'"),
            (lambda t: changed(t, "expression", "contempt"), "has expression 'contempt'"),
            (lambda t: changed(t, "predicted", "sadness"), "not its most probable class"),
            (lambda t: changed(t, "p_fear", np.nan), "not a distribution"),
            (lambda t: changed(t, "p_fear", 0.9), "not a distribution"),
            (lambda t: t.assign(p_anger=-t["p_anger"]), "not a distribution"),
            (lambda t: t.assign(fold=-1), "whole numbers from 0"),
            (lambda t: t.assign(seed=0.5), "whole numbers from 0"),
            (lambda t: t.rename(columns={"p_anger": "p_joy"}), "p_joy is not one"),
            (lambda t: t.drop(columns=["p_anger", "p_fear", "p_sadness"]), "there is none"),
        ],
    )
    def test_faults(self, table, change, sentence):
        with pytest.raises(DataError, match=sentence):
            predictions.validate(change(table))

    def test_an_image_scored_twice(self, table):
        with pytest.raises(DataError, match="sample 'I0000' is scored more than once by variant 'fmpn' with seed 0"):
            predictions.validate(pd.concat([table, table.iloc[:1]]))

    def test_a_subject_in_two_folds(self, table):
        table.loc[0, "fold"] = 4
        with pytest.raises(LeakageError, match="subject 'S000' is tested in two folds"):
            predictions.validate(table)


class TestMerge:
    def test_folds_seeds_and_variants(self, table):
        parts = [table[table["fold"] == fold] for fold in range(5)]
        others = [table.assign(seed=1), table.assign(variant="cnn")]
        merged = predictions.merge([*parts, *others], CLASSES)
        assert len(merged) == 3 * len(table)
        assert merged.groupby(["variant", "seed"]).size().tolist() == [15, 15, 15]

    def test_duplicates_are_refused(self, table):
        with pytest.raises(DataError, match="scored more than once"):
            predictions.merge([table, table])

    def test_other_classes(self, table, predictions_of):
        with pytest.raises(DataError, match="cannot be merged"):
            predictions.merge([table, predictions_of([[1, 0], [0, 1]], CLASSES[:2], variant="cnn")])

    def test_nothing(self):
        with pytest.raises(DataError, match="no predictions to merge"):
            predictions.merge([])


class TestFile:
    def test_round_trip(self, table, tmp_path):
        predictions.write(tmp_path / "p.parquet", table, header={"stage": "train"})
        found, header = predictions.read(tmp_path / "p.parquet")
        pd.testing.assert_frame_equal(found, predictions.validate(table))
        assert header == {"stage": "train", "checksum": header["checksum"]}
        assert found["p_anger"].dtype == np.float32

    def test_missing(self, tmp_path):
        with pytest.raises(ManifestError, match="does not exist"):
            predictions.read(tmp_path / "p.parquet")
