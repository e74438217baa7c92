import numpy as np
import pytest

from facemotion.evaluation.published import CONFUSIONS, FOLD_ACCURACIES, POOLED, TABLES, counts

PRINTED = {
    "ckplus": """
        Liu et al., 2014a|seq|85.90 Zhao and Pietikainen, 2007|seq|88.99 Klaser et al., 2008|seq|91.44
        Liu et al., 2014b|seq|94.19 Jung et al., 2015|seq|97.25 Meng et al., 2017|img|95.37 Yang et al., 2018|img|97.30
        CNN (baseline)|img|90.78 CNN (no l_G)|img|91.82 FMPN|img|98.06""",
    "mmi": """
        Zhao and Pietikainen, 2007|seq|59.51 Klaser et al., 2008|seq|60.89 Jung et al., 2015|seq|70.24
        Liu et al., 2014b|seq|75.12 Meng et al., 2017|img|71.55 Yang et al., 2018|img|73.23
        CNN (baseline)|img|68.81 CNN (no l_G)|img|63.10 FMPN|img|82.74""",
    "oulu-casia": """
        Zhao and Pietikainen, 2007|seq|68.13 Klaser et al., 2008|seq|70.63 Liu et al., 2014b|seq|74.59
        Jung et al., 2015|seq|81.46 Zhao et al., 2016|img|84.59 Yang et al., 2018|img|88.00
        CNN (baseline)|img|81.94 CNN (no l_G)|img|80.28 FMPN|img|86.33""",
    "affectnet": "CNN (baseline)||60.90 CNN (no l_G)||60.00 FMPN||61.50",
}
"""Tables 1, 3, 5 and 7, as they are printed: approach, setting, accuracy."""
PRINTED_MATRICES = {
    "ckplus": """
        95.6 0 2.2 0 0 2.2 0
        0 98.1 0 0 0 0 1.9
        0.6 0 99.4 0 0 0 0
        0 0 0 98.7 1.3 0 0
        0 0 0 0 100 0 0
        2.4 0 0 0 0 97.6 0
        0 2.0 0 0 0 0.8 97.2""",
    "mmi": """
        71.7 16.2 0 0 12.1 0
        3.1 85.4 0 1.0 10.4 0
        2.4 0 79.8 3.6 3.6 10.7
        0 6.3 8.7 81.7 0 3.2
        7.3 7.3 2.1 0 83.3 0
        0 0 16.3 2.4 2.4 78.9""",
    "oulu-casia": """
        75 13.8 3.3 1.2 6.7 0
        13.8 80.4 0.4 0 4.2 1.2
        1.7 1.2 83.8 6.7 4.2 2.5
        0 0 2.1 96.7 1.2 0
        6.7 3.3 1.2 1.2 87.1 0.4
        0.4 0 4.6 0 0 95""",
}
"""Tables 2, 4 and 6, as they are printed."""


@pytest.mark.parametrize("dataset", list(TABLES))
def test_every_accuracy_is_the_printed_one(dataset):
    own = " ".join(f"{row.approach}|{row.setting}|{row.accuracy:.2f}" for row in TABLES[dataset][1])
    assert own == " ".join(PRINTED[dataset].split())
    assert TABLES[dataset][0] == {"ckplus": 1, "mmi": 3, "oulu-casia": 5, "affectnet": 7}[dataset]


@pytest.mark.parametrize("dataset", list(CONFUSIONS))
def test_every_cell_of_a_matrix_is_the_printed_one(dataset):
    published = CONFUSIONS[dataset]
    printed = [[float(cell) for cell in line.split()] for line in PRINTED_MATRICES[dataset].split("\n") if line.strip()]
    assert [list(row) for row in published.percent] == printed
    assert published.table == {"ckplus": 2, "mmi": 4, "oulu-casia": 6}[dataset]
    assert len(published.classes) == len(printed)


def test_oulu_casia_has_as_many_images_of_each_class_so_its_mean_recall_is_the_table_s_figure():
    recalls = [row[place] for place, row in enumerate(CONFUSIONS["oulu-casia"].percent)]
    assert round(sum(recalls) / 6, 2) == TABLES["oulu-casia"][1][-1].accuracy


@pytest.mark.parametrize(("dataset", "right", "images"), [("ckplus", 963, 981), ("mmi", 500, 624)])
def test_pooled_figures_follow_from_the_matrices(dataset, right, images):
    matrix = counts(dataset)
    assert matrix.trace() == right
    assert matrix.sum() == images
    assert round(100 * right / images, 2) == POOLED[dataset]


def test_every_row_of_counts_is_whole():
    for dataset, published in CONFUSIONS.items():
        assert counts(dataset).sum(axis=1).tolist() == list(published.images)
        assert np.abs(np.array(published.percent).sum(axis=1) - 100).max() < 0.31


@pytest.mark.parametrize("dataset", list(FOLD_ACCURACIES))
def test_published_means_are_those_of_the_folds(dataset):
    mean = 100 * sum(FOLD_ACCURACIES[dataset]) / 10
    ours = {row.variant: row.accuracy for row in TABLES[dataset][1]}["fmpn"]
    assert round(mean, 2) == ours


@pytest.mark.parametrize("dataset", list(TABLES))
def test_every_table_has_the_three_variants(dataset):
    assert [row.variant for row in TABLES[dataset][1] if row.variant] == ["cnn", "no-mask-loss", "fmpn"]
