"""The table of results that is printed."""

import re

import pandas as pd
import pytest

from facemotion.evaluation.metrics import summarise
from facemotion.evaluation.table import results_table
from facemotion.expressions import LABEL_SPACES

CLASSES = LABEL_SPACES["basic7"]


@pytest.fixture
def figures(predictions_of):
    """Two variants: one right about all faces, one about six of seven classes."""
    right = [[10 if row == column else 0 for column in range(7)] for row in range(7)]
    wrong = [*right[:6], [10, 0, 0, 0, 0, 0, 0]]
    tables = [predictions_of(right, CLASSES), predictions_of(wrong, CLASSES, variant="cnn")]
    return summarise(pd.concat(tables), CLASSES, resamples=50)


def cells(text: str, variant: str) -> list[str]:
    """Return what stands in a variant's row, or in its column where the rows would be too long."""
    lines = text.splitlines()
    head = re.search(rf"(?<!\S){re.escape(variant)}(?!\S)", lines[0])
    if head is None:
        (line,) = [line for line in lines if line.startswith(f"{variant} ")]
        return [cell.strip() for cell in line.split("  ") if cell.strip()]
    rows = [line[: head.end()] for line in lines if len(re.split(r"\s{2,}", line)) > 1]
    return [re.split(r"\s{2,}", row)[-1] for row in rows]


def test_the_published_figures_stand_beside(figures):
    text = results_table(figures, "ckplus")
    assert "Table 1 " in text
    assert max(len(line) for line in text.splitlines()[:10]) <= 80
    assert cells(text, "fmpn") == [
        "fmpn",
        "100.00 %",
        "100.0 to 100.0",
        "100.00 %",
        "100.0 to 100.0",
        "100.00 %",
        "0.00",
        "-",
        "98.06 %",
        "98.17 %",
    ]
    assert cells(text, "cnn")[-2:] == ["90.78 %", "-"]
    assert cells(text, "cnn")[3] == "85.71 %"
    assert "140 test images" not in text
    assert "70 test images of 10 subjects, 5 folds, 1 seed" in text


@pytest.mark.parametrize("dataset", [None, "demo", "mmi"])
def test_without_a_matching_table_nothing_stands_beside(figures, dataset):
    text = results_table(figures, dataset)  # the paper's MMI has six classes
    assert "Table" not in text
    assert "98.06" not in text


def test_rendered_faces_are_named_and_stand_beside_no_published_figure(figures):
    text = results_table(figures, "ckplus", synthetic=True)
    assert "synthetic faces: accuracy on them says nothing about real faces" in text.splitlines()[-1]
    assert "98.06" not in text
    assert "Table" not in text


def test_another_dataset_s_figures_are_means_over_models(predictions_of):
    counts = [[3, 1], [0, 4]]
    tables = [predictions_of(counts, ("anger", "fear")).assign(fold=fold) for fold in range(3)]
    found = summarise(pd.concat(tables), ("anger", "fear"), every_fold=True, resamples=50)
    text = results_table(found, "oulu-casia", every_fold=True)
    assert "mean over models" in text
    assert cells(text, "fmpn")[1] == "87.50 %"
    assert "8 images, whose people are not known" in text
    assert "bootstrap over images" in text


def test_pictures_of_a_dataset_that_names_nobody_are_no_subjects_though_one_holds_two_faces(figures):
    found = {
        **figures,
        "variants": {name: {**row, "images": 23, "subjects": 22} for name, row in figures["variants"].items()},
    }
    assert "23 images, whose people are not known" in results_table(found, "affectnet", every_fold=True)
    assert "bootstrap over images" in results_table(found, "affectnet", every_fold=True)
    assert "23 images of 22 subjects" in results_table(found, "mmi", every_fold=True)
