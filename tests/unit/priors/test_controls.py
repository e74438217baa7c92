"""Banks that guide wrongly on purpose."""

from dataclasses import replace

import numpy as np
import pytest

from facemotion.errors import PriorError
from facemotion.expressions import LABEL_SPACES
from facemotion.priors.controls import deranged, one_for_all


@pytest.fixture
def bank(study):
    return study.bank()


def test_each_class_takes_another_s_mask_in_every_fold(bank):
    wrong = deranged(bank, [1, 2, 0])
    for place, taken in enumerate([1, 2, 0]):
        assert np.array_equal(wrong.mask[:, place], bank.mask[:, taken])
        assert np.array_equal(wrong.count[:, place], bank.count[:, taken])
    assert wrong.meta.origins[-1]["operation"] == "derange"
    assert wrong.meta.origins[-1]["masks_of"] == dict(zip(bank.classes, np.roll(bank.classes, -1), strict=True))
    assert wrong.meta.left_out == bank.meta.left_out


@pytest.mark.parametrize("order", [[0, 2, 1], [1, 1, 0], [1, 0], [3, 0, 1]])
def test_what_is_no_derangement_is_refused(bank, order):
    with pytest.raises(PriorError, match="is no derangement of 3 classes"):
        deranged(bank, order)


@pytest.mark.parametrize("space", ["basic6", "basic7"])
def test_of_the_paper_s_classes_none_keeps_its_own_by_default(study_of, space):
    classes = LABEL_SPACES[space]
    rows = [
        row
        for subject in ("A", "B")
        for number, name in enumerate(classes)
        for row in ((subject, f"{number:03d}", 1, "neutral"), (subject, f"{number:03d}", 8, name))
    ]
    crops = np.random.default_rng(0).integers(0, 256, (len(rows), 6, 5, 3), dtype=np.uint8)
    taken = deranged(study_of(rows, crops).bank()).meta.origins[-1]["masks_of"]
    assert set(taken) == set(taken.values()) == set(classes)
    assert all(name != other for name, other in taken.items())


def test_one_mask_for_all_is_the_mean_of_each_fold(bank):
    shared = one_for_all(bank)
    for fold in range(len(bank.mask)):
        for place in range(len(bank.classes)):
            assert shared.mask[fold, place] == pytest.approx(bank.mask[fold].mean(axis=0), abs=1e-6)
    assert shared.meta.origins[-1] == {"operation": "average", "classes": list(bank.classes)}


def test_without_a_mask_of_every_class_there_is_no_mean(bank):
    present = np.array([1, 0, 1], dtype=np.int64)
    shown = present.astype(np.float32)[:, None, None]
    bank = replace(bank, mean=bank.mean * shown, mask=bank.mask * shown, count=bank.count * present)
    with pytest.raises(PriorError, match="has no mask"):
        one_for_all(bank)
