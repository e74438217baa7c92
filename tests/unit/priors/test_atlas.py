import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from facemotion.errors import PriorError
from facemotion.priors.agreement import agreement
from facemotion.priors.atlas import make_atlas
from facemotion.priors.atlas_figure import atlas_figure, draw_atlas
from facemotion.priors.compare import compare_folds, stability
from facemotion.priors.fitting import fit_banks
from facemotion.priors.regions import REGIONS
from facemotion.priors.verdicts import atlas_title, atlas_words


@pytest.fixture
def banks(new_study):
    """Return two sources of other people; the second has no anger but fear."""
    first, second = (new_study(size=(20, 20), seed=seed) for seed in (0, 1))
    return {"one": first.bank(), "two": second.bank(classes=("fear", "happiness", "surprise"))}


def with_masks(bank, values):
    """Return a bank with masks of one value each, by class, in all folds."""
    mask = np.broadcast_to(np.array(values, np.float32)[None, :, None, None], bank.mask.shape).copy()
    return replace(bank, mask=mask)


class TestKnownAnswers:
    def test_what_is_common_and_what_differs(self, banks):
        bank = banks["one"]
        found = make_atlas({"a": with_masks(bank, [0.2, 0.5, 1]), "b": with_masks(bank, [0.4, 0.5, 0.25])})
        assert found.classes == ("anger", "happiness", "surprise")
        for kind, (least, most) in enumerate([(0.2, 0.4), (0.5, 0.5), (0.25, 1)]):
            np.testing.assert_allclose(found.common[kind], least, rtol=1e-6)
            np.testing.assert_allclose(found.differs[kind], most - least, atol=1e-6)
            assert found.share[kind] == pytest.approx(least / most)
        np.testing.assert_allclose(found.energy[0, 2], 1)
        assert found.energy.shape == (2, 3, len(REGIONS))

    def test_a_class_that_one_source_has_alone_has_nothing_in_common(self, banks):
        found = make_atlas(banks)
        assert found.classes == ("anger", "happiness", "surprise")  # of fear no source has a mask
        assert np.isnan(found.share[0])
        assert np.isnan(found.common[0]).all()
        assert np.isnan(found.masks[1, 0]).all()
        assert np.isfinite(found.share[1:]).all()

    def test_its_parts_are_what_others_give(self, banks):
        found = make_atlas(banks)
        pair = found.agreements["one", "two"]
        np.testing.assert_array_equal(pair.same, agreement(*banks.values()).same)
        assert [each.how for each in found.steadiness] == ["halves", "halves"]
        np.testing.assert_array_equal(found.steadiness[0].values, stability(banks["one"]).reliability)
        assert np.isnan(found.steadiness[1].values[0])

    def test_of_masks_only_the_folds_say_how_steady_they_are(self, banks):
        bank = banks["one"]
        masks = type(bank)(bank.mean * 0, bank.mask, bank.count * 0, bank.meta.model_copy(update={"masks_only": True}))
        alone = type(bank)(
            bank.mean[-1:], bank.mask[-1:], bank.count[-1:], bank.meta.model_copy(update={"left_out": ()})
        )
        found = make_atlas({"masks": masks, "alone": alone})
        assert [each.how for each in found.steadiness] == ["folds", "none"]
        np.testing.assert_allclose(found.steadiness[0].values, compare_folds(masks).correlation.mean(axis=0))
        assert np.isnan(found.steadiness[1].values).all()


class TestFit:
    def test_all_come_to_the_geometry_of_the_first(self, new_study, banks):
        wide = {"one": banks["one"], "wide": new_study(size=(24, 26), seed=2).bank()}
        with pytest.raises(PriorError, match=r"one and wide have 20 x 20 and 24 x 26 pixels; give --fit"):
            make_atlas(wide)
        found = make_atlas(wide, fit=True)
        assert found.masks.shape[2:] == (20, 20)
        assert found.fits == {"wide": fit_banks(wide["one"], wide["wide"])}
        assert found.region == found.fits["wide"].region
        assert found.agreements["one", "wide"].region == found.region

    def test_one_bank_is_none(self, banks):
        with pytest.raises(PriorError, match="at least two banks"):
            make_atlas({"one": banks["one"]})


def test_all_figures_are_json(banks):
    content = make_atlas(banks, fit=True).as_json()
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert content["energy"]["two"]["anger"] == dict.fromkeys(REGIONS)
    assert content["agreements"][0]["classes"].keys() == {"happiness", "surprise"}
    assert content["fits"]["two"].keys() == {"scale", "shift", "before", "after"}


def test_words(banks):
    found = make_atlas(banks, fit=True)
    words = atlas_words(found)
    assert "fit: two in the geometry of one" in words
    assert "one - two" in words
    assert "stability of one, two: of the whole, from halves" in words
    assert atlas_title(found) == "Motion atlas of one, two, all in the geometry of one"
    assert atlas_title(make_atlas(banks)) == "Motion atlas of one, two"


def test_the_picture_has_a_row_for_each_source_and_cuts_nothing_off(banks):
    figure = atlas_figure(make_atlas(banks), title="Motion atlas " + "of a source " * 9)
    rows = [axis.get_ylabel() for axis in figure.axes if axis.get_ylabel()]
    assert rows == ["one\n(synthetic\nfaces)", "two\n(synthetic\nfaces)", "in all", "differs"]
    assert sum(axis.get_xlabel() == "missing" for axis in figure.axes) == 3  # and what they share in anger
    FigureCanvasAgg(figure).draw()
    drawn, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert drawn.x0 >= -0.01
    assert drawn.y0 >= -0.01
    assert drawn.x1 <= width + 0.01
    assert drawn.y1 <= height + 0.01


def test_same_bytes(banks, tmp_path):
    for name in ("a", "b"):
        draw_atlas(make_atlas(banks, fit=True), tmp_path / f"{name}.png", title="Atlas")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert cv2.imread(str(tmp_path / "a.png")).shape[1] > 300
