from dataclasses import replace

import numpy as np
import pytest

from facemotion.errors import PriorError
from facemotion.priors.agreement import agree, agreement
from facemotion.priors.fitting import Fit, central, fit_masks
from facemotion.priors.verdicts import agreement_words, fit_words

RAMP = np.linspace(0, 1, 100).reshape(10, 10)
WHOLE = (0, 10, 0, 10)


class TestKnownAnswers:
    def test_what_is_shared_and_what_is_not(self):
        """Two masks a class, of orthogonal parts: a shared one, and one of the class, which the second bank lacks."""
        shared, own = np.tile([0.0, 1, 0, 1], (4, 1)), np.tile([[0.0], [1], [1], [0]], (1, 4))
        first = {"anger": shared + own, "fear": shared - own}
        second = {"anger": shared + own, "fear": shared + own}
        found = agree(first, second, region=(0, 4, 0, 4))
        assert found.same == pytest.approx([1, 0], abs=1e-12)
        assert found.other == pytest.approx([0.5, 0.5], abs=1e-12)
        assert np.isnan(found.own).all()  # the second has nothing that is a class's own
        assert agree(first, first, region=(0, 4, 0, 4)).own == pytest.approx([1, 1])
        swapped = {"anger": first["fear"], "fear": first["anger"]}
        assert agree(first, swapped, region=(0, 4, 0, 4)).own == pytest.approx([-1, -1])

    def test_pixels_outside_the_region_do_not_count(self):
        moved = RAMP.copy()
        moved[0] = 1
        assert agree({"fear": RAMP}, {"fear": moved}, region=WHOLE).same[0] < 0.9
        assert agree({"fear": RAMP}, {"fear": moved}, region=(1, 10, 0, 10)).same[0] == pytest.approx(1)

    def test_one_class_has_no_own_part(self):
        found = agree({"fear": RAMP}, {"fear": RAMP, "anger": RAMP.T}, region=WHOLE)
        assert found.classes == ("fear",)
        assert found.as_json()["classes"] == {"fear": {"same": pytest.approx(1), "other": None, "own": None}}
        assert found.as_json()["mean"]["own"] is None

    def test_no_class_in_common(self):
        with pytest.raises(PriorError, match="share no class"):
            agree({"fear": RAMP}, {"anger": RAMP}, region=WHOLE)


def test_the_central_pixels_are_those_of_the_figures():
    assert central((70, 70)) == (7, 63, 6, 64)  # 56 x 58


def test_other_sizes_need_a_fit(new_study):
    banks = [new_study(size=size).bank() for size in ((12, 12), (14, 12))]
    with pytest.raises(PriorError, match="cannot be compared as they are; give --fit"):
        agreement(*banks)


def test_a_flat_mask_cannot_be_fitted():
    with pytest.raises(PriorError, match="the same everywhere"):
        fit_masks(RAMP, np.ones((10, 10)))


def test_words():
    found = agree({"fear": RAMP, "anger": RAMP.T}, {"fear": RAMP, "anger": RAMP}, region=(1, 9, 2, 8))
    lines = agreement_words(found).splitlines()
    assert lines[0] == "agreement: correlation on the central 8 x 6 of 10 x 10 pixels (rows 1 to 8, columns 2 to 7)"
    assert lines[1].split() == ["same", "class", "other", "classes", "own", "part"]
    assert [line.split()[0] for line in lines[2:5]] == ["fear", "anger", "mean"]
    sizes = ((10, 10), (12, 12))
    fit = Fit(0.9, (1.25, -0.5), sizes, ("fear",), WHOLE, None, 0.8765)
    assert fit_words(fit, "a.npz", "b.npz") == (
        "fit: b.npz in the geometry of a.npz: scale 0.900, 1.25 pixels right and 0.50 up; "
        "correlation of the mean masks of 1 common classes 0.876"
    )
    assert "hardly agree" in fit_words(replace(fit, after=0.3), "a", "b")
    fit = Fit(1.1, (-1.0, 2.0), sizes, ("fear",), WHOLE, 0.5, 0.75)
    assert "1.00 pixels left and 2.00 down" in fit_words(fit, "a", "b")
    assert fit_words(fit, "a", "b").endswith("0.500 without the fit, 0.750 with it")
