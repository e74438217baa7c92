"""Banks that guide otherwise on purpose: what all controls have in common, and what each does."""

from dataclasses import replace

import numpy as np
import pytest

from facemotion.errors import ConfigError, PriorError
from facemotion.expressions import LABEL_SPACES
from facemotion.priors.bank import PriorBank
from facemotion.priors.controls import CONTROLS, apply_control, deranged, flipped, one_for_all, shuffled
from facemotion.priors.describe import describe
from facemotion.priors.transfer import to_classes


@pytest.fixture
def bank(study):
    return study.bank(header={"stage": "priors"})


def without_folds_masks(bank, fold):
    """Return the bank with other masks in every fold but one."""
    other = bank.mask[:, :, ::-1, ::-1].copy()
    other[fold] = bank.mask[fold]
    return replace(bank, mask=other)


@pytest.mark.parametrize("name", CONTROLS)
class TestEveryControl:
    def test_it_differs_in_its_masks_alone(self, bank, name):
        control = apply_control(bank, name)
        assert not np.array_equal(control.mask, bank.mask)
        assert (control.classes, control.size, control.missing()) == (bank.classes, bank.size, bank.missing())
        changed = {"origins", "content_digest", "provenance"}
        assert control.meta.model_dump(exclude=changed) == bank.meta.model_dump(exclude=changed)

    def test_it_says_so_and_is_no_artefact_of_the_stage(self, bank, name, tmp_path):
        control = apply_control(bank, name)
        step = control.meta.origins[-1]
        assert (step["operation"], step["control"], step["of"]) == ("control", name, bank.digest())
        assert f"made into the control {name}" in describe(control)
        assert control.meta.provenance == {}
        control.save(tmp_path / "c.npz")
        assert PriorBank.load(tmp_path / "c.npz").digest() == control.digest()

    def test_it_is_the_same_each_time(self, bank, name):
        assert apply_control(bank, name, seed=5).to_bytes() == apply_control(bank, name, seed=5).to_bytes()

    def test_a_fold_s_masks_come_from_that_fold_alone(self, bank, name):
        for fold in range(len(bank.mask)):
            control, other = apply_control(bank, name), apply_control(without_folds_masks(bank, fold), name)
            np.testing.assert_array_equal(control.mask[fold], other.mask[fold])

    def test_classes_without_a_mask_keep_none(self, bank, name):
        carried = to_classes(bank, LABEL_SPACES["affectnet7"])
        control = apply_control(carried, name)
        assert control.missing() == carried.missing()
        assert not control.mask[:, 0].any()

    def test_masks_without_means(self, bank, name):
        masks = PriorBank(bank.mean * 0, bank.mask, bank.count * 0, bank.meta.model_copy(update={"masks_only": True}))
        control = apply_control(masks, name)
        assert control.missing() == ()
        assert control.meta.masks_only

    def test_it_has_one_line(self, bank, name):
        assert CONTROLS[name].name == name
        assert 10 < len(CONTROLS[name].description) < 80


def test_an_unknown_control(bank):
    with pytest.raises(
        ConfigError, match="no control 'random': known are wrong-mask, mean-mask, shuffled, flipped, au"
    ):
        apply_control(bank, "random")


def test_pixels_are_permuted_alike_in_all_masks(bank):
    control = shuffled(bank, seed=3)
    flat, moved = (each.mask.reshape(-1, 30) for each in (bank, control))
    order = [int(np.flatnonzero((flat == column[:, None]).all(axis=0))[0]) for column in moved.T]
    assert sorted(order) == list(range(30))
    np.testing.assert_array_equal(moved, flat[:, order])
    np.testing.assert_array_equal(control.mean.reshape(-1, 30), bank.mean.reshape(-1, 30)[:, order])
    assert not np.array_equal(shuffled(bank, seed=4).mask, control.mask)


def test_upside_down_twice_is_the_bank(bank):
    np.testing.assert_array_equal(flipped(bank).mask[..., 0, :], bank.mask[..., -1, :])
    np.testing.assert_array_equal(flipped(flipped(bank)).mask, bank.mask)


def test_each_class_takes_another_s_mask_in_every_fold(bank):
    wrong = deranged(bank, [1, 2, 0])
    for place, taken in enumerate([1, 2, 0]):
        assert np.array_equal(wrong.mask[:, place], bank.mask[:, taken])
        assert np.array_equal(wrong.count[:, place], bank.count[:, taken])
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
    assert shared.meta.origins[-1]["classes"] == list(bank.classes)


def only(bank, present):
    present = np.array(present, dtype=np.int64)
    shown = present.astype(np.float32)[:, None, None]
    return replace(bank, mean=bank.mean * shown, mask=bank.mask * shown, count=bank.count * present)


def test_the_mean_is_of_the_classes_that_have_a_mask(bank):
    shared = one_for_all(only(bank, [1, 0, 1]))
    assert shared.mask[-1, 0] == pytest.approx(bank.mask[-1, [0, 2]].mean(axis=0), abs=1e-6)
    assert not shared.mask[:, 1].any()
    with pytest.raises(PriorError, match="has no mask at all"):
        one_for_all(only(bank, [0, 0, 0]))


def test_two_masks_change_places_and_one_cannot(bank):
    wrong = deranged(only(bank, [1, 0, 1]))
    np.testing.assert_array_equal(wrong.mask[:, [0, 2]], bank.mask[:, [2, 0]])
    with pytest.raises(PriorError, match="is no derangement"):
        deranged(only(bank, [0, 1, 0]))
