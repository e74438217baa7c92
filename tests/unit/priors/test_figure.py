import cv2
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from facemotion.errors import PriorError
from facemotion.expressions import LABEL_SPACES
from facemotion.priors.figure import draw_bank, prior_figure


def texts(figure):
    found = [figure.get_suptitle()]
    for axis in figure.axes:
        found += [axis.get_title(), axis.get_xlabel(), axis.get_ylabel(), *(text.get_text() for text in axis.texts)]
    return [text.replace("\n", " ") for text in found if text]


def test_names_counts_and_dataset(study):
    found = texts(prior_figure(study.bank()))
    assert found[0] == "Motion-mask priors of demo, one neutral face per subject, 6 x 5 px, synthetic faces"
    assert found[1:] == ["anger", "n = 10", "happiness", "n = 10", "surprise", "n = 10"]


def test_real_faces_are_not_called_synthetic(study):
    assert "synthetic" not in texts(prior_figure(study.bank().with_meta(dataset="ckplus")))[0]


def test_rows_of_folds_and_missing_classes(study):
    figure = prior_figure(study.bank(classes=("anger", "fear")), folds=True)
    found = texts(figure)
    assert len(figure.axes) == 6
    assert [text for text in found if "fold" in text or text == "all"] == ["all", "fold 0", "fold 1"]
    assert found.count("missing") == 3
    assert [len(axis.images) for axis in figure.axes] == [1, 0] * 3


@pytest.mark.parametrize(
    ("changes", "masks", "raw", "bar"),
    [
        ({}, "one neutral face per subject, 6 x 5 px", "Mean facial motion", "mean |difference| of luma"),
        ({"average": "median"}, "subject, medians, 6 x 5", "Median facial motion", "median |difference| of luma"),
        ({"difference": "relative"}, "subject, relative differences, 6", "Mean", "mean relative difference"),
        ({"phi": "none"}, "subject, phi: none, 6 x 5 px", "subject, 6 x 5 px", "mean |difference| of luma"),
    ],
)
def test_what_is_not_the_papers_is_named(study, changes, masks, raw, bar):
    bank = study.bank().with_meta(**changes)
    assert masks in texts(prior_figure(bank))[0]
    found = texts(prior_figure(bank, raw=True))
    assert raw in found[0]
    assert found[-1] == bar


def test_raw_means_have_a_colour_bar(study):
    assert len(prior_figure(study.bank(), raw=True).axes) == 4


@pytest.mark.parametrize("classes", [("anger",), ("anger", "fear"), LABEL_SPACES["affectnet8"]])
@pytest.mark.parametrize("options", [{}, {"raw": True}, {"raw": True, "folds": True}])
def test_nothing_is_cut_off(study, classes, options):
    bank = study.bank(classes=classes).with_meta(average="median", difference="relative", neutral="sequence")
    figure = prior_figure(bank, **options)
    FigureCanvasAgg(figure).draw()
    (width, height), drawn = figure.get_size_inches(), figure.get_tightbbox()
    assert drawn.x0 >= -0.01
    assert drawn.y0 >= -0.01
    assert drawn.x1 <= width + 0.01
    assert drawn.y1 <= height + 0.01


def test_raw_means_of_masks_only(study):
    bank = study.bank()
    bank = type(bank)(bank.mean * 0, bank.mask, bank.count * 0, bank.meta.model_copy(update={"masks_only": True}))
    with pytest.raises(PriorError, match="masks only"):
        prior_figure(bank, raw=True)


def test_same_bytes(study, tmp_path):
    for name in ("a.png", "b.png"):
        draw_bank(study.bank(), tmp_path / name)
    content = (tmp_path / "a.png").read_bytes()
    assert content == (tmp_path / "b.png").read_bytes()
    assert b"tIME" not in content
    assert b"Software" not in content
    assert cv2.imread(str(tmp_path / "a.png")).shape[1] > 300
