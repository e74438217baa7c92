import cv2
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from facemotion.priors.compare import Comparison, Stability, compare_banks, compare_folds, stability
from facemotion.priors.matrices import comparison_figure, draw_comparison, draw_stability, stability_figure


def cells(axis):
    return [text.get_text() for text in axis.texts]


def ticks(labels):
    return [label.get_text() for label in labels]


@pytest.fixture
def found():
    return Comparison(
        ("anger", "fear"),
        ("anger", "surprise", "neutral"),
        np.array([[0.9, -0.25, np.nan], [0.5, 0.125, np.nan]]),
        np.array([[0.8, 0.2, np.nan], [0.4, 0.1, np.nan]]),
    )


def test_both_measures_stand_side_by_side(found):
    figure = comparison_figure(found, title="Masks", rows="a.npz", columns="b.npz")
    first, second, bar = figure.axes
    assert figure.get_suptitle() == "Masks"
    assert [first.get_title(), second.get_title()] == ["correlation", "structural similarity"]
    assert (first.get_ylabel(), first.get_xlabel(), second.get_xlabel()) == ("a.npz", "b.npz", "b.npz")
    assert ticks(first.get_yticklabels()) == ["anger", "fear"]
    assert ticks(second.get_xticklabels()) == ["anger", "surprise", "neutral"]
    assert cells(first) == ["0.90", "-0.25", "–", "0.50", "0.12", "–"]
    assert cells(second) == ["0.80", "0.20", "–", "0.40", "0.10", "–"]
    assert bar.get_ylim() == (-1, 1)


def test_a_missing_mask_has_no_colour(found):
    drawn = comparison_figure(found, title="Masks").axes[0].images[0].get_array()
    assert np.ma.getmaskarray(drawn).tolist() == [[False, False, True]] * 2


def test_its_own_cell_is_framed(found):
    (frame,) = comparison_figure(found, title="Masks").axes[0].patches
    assert frame.get_x() == pytest.approx(-0.47)
    assert frame.get_y() == pytest.approx(-0.46)


def test_a_class_that_cannot_be_halved_is_empty():
    result = Stability(("anger", "fear"), np.array([0.5, np.nan]), np.array([2 / 3, np.nan]), np.array([3, 0]))
    axis = stability_figure(result, title="Stability").axes[0]
    assert ticks(axis.get_yticklabels()) == ["between halves", "of the whole"]
    assert cells(axis) == ["0.50", "–", "0.67", "–"]


def test_nothing_is_cut_off(study):
    """Every text lies within the picture, for the widest and the smallest matrices."""
    bank = study.bank()
    figures = [
        comparison_figure(compare_banks(bank), title="t" * 40, rows="some-long-name.npz", columns="another-name.npz"),
        comparison_figure(compare_folds(bank), title="Similarity"),
        comparison_figure(compare_banks(study.bank(classes=("surprise",))), title="Similarity"),
        stability_figure(stability(bank), title="Stability of the masks of some-bank.npz"),
    ]
    for figure in figures:
        FigureCanvasAgg(figure).draw()
        width, height = figure.get_size_inches()
        drawn = figure.get_tightbbox()
        assert drawn.x0 >= -0.01
        assert drawn.y0 >= -0.01
        assert drawn.x1 <= width + 0.01
        assert drawn.y1 <= height + 0.01


def test_same_bytes(study, tmp_path):
    bank = study.bank()
    for name in ("a", "b"):
        draw_comparison(compare_banks(bank), tmp_path / f"{name}.png", title="Masks")
        draw_stability(stability(bank), tmp_path / f"{name}{name}.png", title="Stability")
    for one, other in (("a", "b"), ("aa", "bb")):
        assert (tmp_path / f"{one}.png").read_bytes() == (tmp_path / f"{other}.png").read_bytes()
        assert cv2.imread(str(tmp_path / f"{one}.png")).shape[1] > 300
