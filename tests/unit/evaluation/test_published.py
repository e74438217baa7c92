import numpy as np
import pytest

from facemotion.evaluation.published import CONFUSIONS, FOLD_ACCURACIES, POOLED, TABLES, counts


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
