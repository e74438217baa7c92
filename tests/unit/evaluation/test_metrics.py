import json

import pandas as pd
import pytest

from facemotion.evaluation import published
from facemotion.evaluation.metrics import summarise

CLASSES = ("anger", "fear", "sadness")


class TestKnownAnswers:
    @pytest.mark.parametrize(("dataset", "pooled"), [("ckplus", 98.17), ("mmi", 80.13)])
    def test_the_papers_matrix(self, predictions_of, dataset, pooled):
        classes = published.CONFUSIONS[dataset].classes
        counts = published.counts(dataset)
        result = summarise(predictions_of(counts, classes, subjects=30, folds=10), classes, resamples=50)
        found = result["variants"]["fmpn"]
        assert round(100 * found["accuracy"]["pooled"], 2) == pooled
        assert found["confusion"] == counts.tolist()
        recalls = [round(100 * found["per_class"][name]["recall"], 1) for name in classes]
        diagonal = [row[index] for index, row in enumerate(published.CONFUSIONS[dataset].percent)]
        assert recalls == pytest.approx(diagonal, abs=0.05)

    def test_fold_mean_is_unweighted(self, predictions_of):
        table = predictions_of([[3, 0], [0, 1]], ("anger", "fear"), subjects=4, folds=2)
        table["subject"] = ["A", "A", "A", "B"]
        table["fold"] = [0, 0, 0, 1]
        table.loc[3, ["predicted", "p_anger", "p_fear"]] = ["anger", 0.9, 0.1]
        found = summarise(table, ("anger", "fear"), resamples=50)["variants"]["fmpn"]
        assert found["accuracy"] == {"fold_mean": 0.5, "pooled": 0.75, "macro": 0.5}
        assert found["folds"] == [
            {"fold": 0, "images": 3, "accuracy": 1.0},
            {"fold": 1, "images": 1, "accuracy": 0.0},
        ]
        assert found["spread"]["folds"] == pytest.approx(0.5**0.5)
        assert found["spread"]["seeds"] is None

    def test_precision_recall_and_f1(self, predictions_of):
        found = summarise(predictions_of([[4, 1, 0], [0, 5, 0], [1, 0, 4]], CLASSES), CLASSES, resamples=50)
        anger = found["variants"]["fmpn"]["per_class"]["anger"]
        assert anger == {"recall": 0.8, "precision": 0.8, "f1": pytest.approx(0.8), "support": 5}
        assert found["variants"]["fmpn"]["accuracy"]["macro"] == pytest.approx(13 / 15)

    def test_a_class_without_images_does_not_count(self, predictions_of):
        found = summarise(predictions_of([[5, 0, 0], [0, 4, 1], [0, 0, 0]], CLASSES), CLASSES, resamples=50)
        variant = found["variants"]["fmpn"]
        assert variant["per_class"]["sadness"] == {"recall": None, "precision": 0.0, "f1": None, "support": 0}
        assert variant["accuracy"]["macro"] == pytest.approx(0.9)

    def test_seeds(self, predictions_of):
        good = predictions_of([[5, 0], [0, 5]], ("anger", "fear"))
        bad = predictions_of([[5, 0], [5, 0]], ("anger", "fear"), seed=1)
        found = summarise(pd.concat([good, bad]), ("anger", "fear"), resamples=50)["variants"]["fmpn"]
        assert found["seeds"] == [
            {"seed": 0, "fold_mean": 1.0, "pooled": 1.0},
            {"seed": 1, "fold_mean": 0.5, "pooled": 0.5},
        ]
        assert found["accuracy"]["pooled"] == 0.75
        assert found["spread"]["seeds"] == pytest.approx(0.5 / 2**0.5)
        assert found["images"] == 10


class TestIntervals:
    def test_they_hold_the_figure(self, predictions_of):
        table = predictions_of([[40, 10, 0], [5, 45, 0], [0, 10, 40]], CLASSES, subjects=50)
        found = summarise(table, CLASSES, resamples=500)["variants"]["fmpn"]
        for name, (low, high) in found["interval"].items():
            assert low < found["accuracy"][name] < high
            assert high - low < 0.3

    def test_by_subject_and_not_by_image(self, predictions_of):
        table = predictions_of([[50, 50], [0, 0]], ("anger", "fear"), subjects=2, folds=1)
        table["subject"] = ["A"] * 50 + ["B"] * 50
        found = summarise(table, ("anger", "fear"), resamples=500)["variants"]["fmpn"]
        assert found["interval"]["pooled"] == [0.0, 1.0]

    def test_one_subject_has_none(self, predictions_of):
        found = summarise(predictions_of([[3, 1], [0, 2]], ("anger", "fear"), subjects=1), ("anger", "fear"))
        assert found["variants"]["fmpn"]["interval"] == {"fold_mean": None, "pooled": None, "macro": None}

    def test_seeded(self, predictions_of):
        table = predictions_of([[4, 1, 0], [0, 5, 0], [1, 0, 4]], CLASSES)
        assert summarise(table, CLASSES, resamples=100) == summarise(table.iloc[::-1], CLASSES, resamples=100)
        other = summarise(table, CLASSES, resamples=100, seed=5)
        assert other["variants"]["fmpn"]["accuracy"] == summarise(table, CLASSES)["variants"]["fmpn"]["accuracy"]


class TestComparisons:
    def test_same_variant_twice_does_not_differ(self, predictions_of):
        table = predictions_of([[4, 1, 0], [0, 5, 0], [1, 0, 4]], CLASSES)
        result = summarise(pd.concat([table, table.assign(variant="cnn")]), CLASSES, resamples=200)
        assert list(result["variants"]) == ["fmpn", "cnn"]
        (found,) = result["comparisons"]
        assert (found["first"], found["second"], found["images"], found["subjects"]) == ("fmpn", "cnn", 15, 10)
        assert found["difference"] == 0
        assert found["p_value"] == 1

    def test_a_clear_difference(self, predictions_of):
        good = predictions_of([[50, 0], [0, 50]], ("anger", "fear"), subjects=20)
        bad = predictions_of([[20, 30], [25, 25]], ("anger", "fear"), subjects=20, variant="cnn")
        (found,) = summarise(pd.concat([bad, good]), ("anger", "fear"), resamples=1000)["comparisons"]
        assert (found["first"], found["difference"]) == ("fmpn", pytest.approx(0.55))
        assert found["p_value"] < 0.01
        assert 0 < found["interval"][0] < 0.55 < found["interval"][1]

    def test_exact_with_few_subjects(self, predictions_of):
        good = predictions_of([[3, 0], [0, 3]], ("anger", "fear"), subjects=3)
        bad = predictions_of([[0, 3], [3, 0]], ("anger", "fear"), subjects=3, variant="cnn")
        (found,) = summarise(pd.concat([good, bad]), ("anger", "fear"), resamples=1000)["comparisons"]
        assert found["p_value"] == 0.25  # 2 of the 2**3 swaps are as extreme

    def test_only_common_images_count(self, predictions_of):
        table = predictions_of([[5, 0], [0, 5]], ("anger", "fear"))
        result = summarise(pd.concat([table, table[:4].assign(variant="cnn")]), ("anger", "fear"), resamples=50)
        assert result["comparisons"][0]["images"] == 4
        apart = pd.concat([table[4:], table[:4].assign(variant="cnn")])
        assert summarise(apart, ("anger", "fear"), resamples=50)["comparisons"] == []


def test_the_result_is_json(predictions_of):
    result = summarise(predictions_of([[4, 1, 0], [0, 5, 0], [1, 0, 4]], CLASSES), CLASSES, resamples=50)
    assert json.loads(json.dumps(result, allow_nan=False)) == result
