"""What is said of models that have learned nothing, or could not have."""

import pandas as pd
import pytest

from facemotion.evaluation.metrics import summarise
from facemotion.evaluation.remarks import remarks, trained_counts
from facemotion.synthetic import is_synthetic

CLASSES = ("anger", "fear", "sadness")
RIGHT = [[10, 0, 0], [0, 10, 0], [0, 0, 10]]
STUCK = [[10, 0, 0], [10, 0, 0], [10, 0, 0]]
EVEN = [[10, 10, 10]] * 3


def said(*tables, trained=None, whole=True):
    table = pd.concat(tables, ignore_index=True)
    found = summarise(table, CLASSES, resamples=200)
    return remarks(found, table if whole else None, trained=trained)


def test_nothing_is_said_of_a_model_that_has_learned(predictions_of):
    table = predictions_of(RIGHT, CLASSES)
    everything = {fold: dict.fromkeys(CLASSES, 5) for fold in table["fold"].unique()}
    assert said(table, trained=everything) == []


@pytest.mark.parametrize("whole", [True, False])
def test_one_answer_to_all_faces(predictions_of, whole):
    first, second = said(predictions_of(STUCK, CLASSES), whole=whole)
    assert first == "fmpn has learned nothing: it answers anger to all 30 test faces"
    assert second.startswith(
        "fmpn is no better than chance as far as these faces can tell: macro accuracy 33.3 % (95 %"
    )
    assert second.endswith(", chance 33.3 %")


def test_single_models_that_give_one_answer(predictions_of):
    table = predictions_of(RIGHT, CLASSES)
    fold = table["fold"].max()
    table.loc[table["fold"] == fold, "predicted"] = "fear"
    probabilities = [f"p_{name}" for name in CLASSES]
    table.loc[table["fold"] == fold, probabilities] = [0.1, 0.8, 0.1]
    if table[table["fold"] == fold]["expression"].nunique() == 1:
        pytest.fail("the fold must hold several classes")
    (line,) = said(table)
    models = table["fold"].nunique()
    assert line == f"fmpn: 1 of {models} models give one answer to all their test faces (fold {fold}, seed 0: fear)"


def test_a_test_part_of_one_class_is_not_held_against_a_model(predictions_of):
    lines = said(predictions_of([[10, 0, 0], [0, 0, 0], [0, 0, 0]], CLASSES))
    assert lines == []


def test_chance(predictions_of):
    (line,) = said(predictions_of(EVEN, CLASSES))
    assert line.startswith("fmpn is no better than chance")
    assert "macro accuracy 33.3 %" in line


def test_each_variant_is_spoken_of_by_itself(predictions_of):
    lines = said(predictions_of(RIGHT, CLASSES), predictions_of(STUCK, CLASSES, variant="cnn"))
    assert len(lines) == 2
    assert all(line.startswith("cnn ") for line in lines)


def test_a_class_without_training_faces(predictions_of):
    table = predictions_of(RIGHT, CLASSES)
    trained = {fold: {"anger": 3, "sadness": 2, "fear": 1} for fold in table["fold"].unique()}
    first, *_ = trained
    del trained[first]["fear"]
    number = len(table[(table["fold"] == first) & (table["expression"] == "fear")])
    faces = "1 test face" if number == 1 else f"{number} test faces"
    (line,) = said(table, trained=trained)
    assert line == f"fear has {faces} but no training face in fold {first}: no model there can have learned it"


def test_training_faces_are_those_that_a_fold_does_not_test():
    samples = pd.DataFrame({"sample_id": list("abcd"), "expression": ["anger", "anger", "fear", "fear"]})
    found = trained_counts(samples, {0: ["a", "c"], 1: ["c", "d"]})
    assert found == {0: {"anger": 1, "fear": 1}, 1: {"anger": 2}}


@pytest.mark.parametrize(
    ("dataset", "ingest", "expected"),
    [
        ("demo", None, True),
        ("demo", {"synthetic": True}, True),
        ("ckplus", {"synthetic": True}, True),
        ("ckplus", {"synthetic": False}, False),
        ("ckplus", {}, False),
        ("ckplus", None, False),
        (None, None, False),
    ],
)
def test_rendered_faces_are_known_by_the_mark_of_their_tree(dataset, ingest, expected):
    assert is_synthetic(dataset, ingest) is expected
