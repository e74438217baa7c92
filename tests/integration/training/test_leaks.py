"""No test subject takes part in training, neither directly nor through a prior."""

from dataclasses import replace

import numpy as np
import pytest

from facemotion.errors import AlignmentError, LeakageError, PriorError
from facemotion.training.data import fold_part, prior_for
from facemotion.training.leaks import check_prior_pictures, seen_in_training


@pytest.fixture
def study(make_study):
    return make_study()


def moved(study, **changes):
    """Return the data as if it were of another dataset."""
    return replace(study.data, **{"dataset": "mmi", **changes})


def official_prior(data, bank):
    return prior_for(data, bank, data.official(), 0)


def official_part(data):
    return fold_part(data, data.official(), 0)


class TestOwnSource:
    @pytest.mark.parametrize("fold", range(3))
    def test_each_fold_takes_its_own_mask(self, study, fold: int) -> None:
        masks, known = prior_for(study.data, study.bank, study.folds, fold)
        assert np.array_equal(masks, study.bank.mask[fold])
        assert known.all()
        assert not np.array_equal(study.bank.mask[fold], study.bank.mask[-1])

    def test_the_mask_of_all_subjects_is_a_leak(self, study) -> None:
        with pytest.raises(LeakageError, match="mask of all subjects has seen the test subjects"):
            prior_for(study.data, study.bank, study.data.official(), 0)

    def test_a_bank_without_folds_is_a_leak(self, study) -> None:
        own = study.bank
        meta = own.meta.model_copy(update={"left_out": ()})
        bank = replace(own, mean=own.mean[-1:], mask=own.mask[-1:], count=own.count[-1:], meta=meta)
        with pytest.raises(LeakageError, match="mask of all subjects has seen"):
            prior_for(study.data, bank, study.folds, 0)

    def test_other_folds_are_a_leak(self, study) -> None:
        first, *others = study.folds.folds
        folds = replace(study.folds, folds=(*others, first))
        with pytest.raises(LeakageError, match="other folds of demo"):
            prior_for(study.data, study.bank, folds, 0)

    def test_a_test_subject_that_was_not_left_out_is_a_leak(self, study) -> None:
        left_out = (("S0",), *study.bank.meta.left_out[1:])
        bank = replace(study.bank, meta=study.bank.meta.model_copy(update={"left_out": left_out}))
        with pytest.raises(LeakageError, match="mask of fold 0 was built with test subject 'S4'"):
            prior_for(study.data, bank, study.folds, 0)

    def test_a_merged_bank_counts_for_each_of_its_sources(self, study) -> None:
        bank = replace(study.bank, meta=study.bank.meta.model_copy(update={"dataset": "ckplus+demo"}))
        with pytest.raises(LeakageError):
            prior_for(study.data, bank, study.data.official(), 0)


class TestOtherDataset:
    def test_takes_the_mask_of_all_subjects(self, study) -> None:
        masks, known = prior_for(moved(study), study.bank, study.folds, 1)
        assert np.array_equal(masks, study.bank.mask[-1])
        assert known.all()

    def test_masks_go_by_the_name_of_the_class(self, study) -> None:
        data = moved(study, classes=("surprise", "contempt", "anger"))
        masks, known = official_prior(data, study.bank)
        assert known.tolist() == [True, False, True]
        assert np.array_equal(masks[0], study.bank.mask[-1, 2])
        assert np.array_equal(masks[2], study.bank.mask[-1, 0])
        assert not masks[1].any()

    def test_a_class_that_nothing_was_averaged_for_has_no_mask(self, study) -> None:
        own = study.bank
        mean, mask, count = own.mean.copy(), own.mask.copy(), own.count.copy()
        mean[:, 1], mask[:, 1], count[:, 1] = 0, 0, 0
        _, known = prior_for(moved(study), replace(own, mean=mean, mask=mask, count=count), study.folds, 0)
        assert known.tolist() == [True, False, True]

    def test_a_prior_that_has_none_of_the_classes_is_refused(self, study) -> None:
        with pytest.raises(PriorError, match="has a mask for none of disgust, fear"):
            official_prior(moved(study, classes=("disgust", "fear")), study.bank)


class TestPictures:
    """A dataset's name does not say what is in it; its files do."""

    def test_test_pictures_that_the_prior_was_built_from_are_a_leak(self, study) -> None:
        data = moved(study, pictures=np.array([f"sha-{number}" for number in range(18)]))
        known = {"ckplus": ["sha-40", ""], "demo": ["sha-3", "sha-11"]}
        with pytest.raises(LeakageError, match=r"1 test pictures of mmi are also in demo.*train on demo itself"):
            check_prior_pictures(data, np.array([2, 3]), known)
        check_prior_pictures(data, np.array([2, 4]), known)  # those in the training part alone do no harm

    def test_pictures_that_are_not_known_are_passed_over(self, study) -> None:
        check_prior_pictures(study.data, np.arange(18), {"ckplus": [""]})  # this study's files have no digest
        check_prior_pictures(replace(study.data, pictures=np.empty(0, str)), np.arange(18), {"ckplus": ["a"]})

    def test_they_stop_a_run_before_anything_is_written(self, study, tmp_path) -> None:
        bank = replace(study.bank, meta=study.bank.meta.model_copy(update={"dataset": "ckplus"}))
        data = replace(study.data, pictures=np.array([f"sha-{number}" for number in range(18)]))
        leaking = study.replaced(bank=bank, data=data)
        with pytest.raises(LeakageError, match="test pictures of demo are also in ckplus"):
            leaking.run(tmp_path / "run", prior_pictures={"ckplus": ["sha-7"]})
        assert not (tmp_path / "run").exists()


class TestAlignment:
    def test_another_alignment_is_refused(self, study) -> None:
        with pytest.raises(AlignmentError, match=r"another alignment.*priors transfer"):
            official_prior(moved(study, alignment="b" * 16), study.bank)

    def test_another_size_is_refused(self, study) -> None:
        with pytest.raises(AlignmentError, match=r"20x20.*24x24"):
            official_prior(moved(study, crops=np.zeros((24, 24, 24, 3), np.uint8)), study.bank)


class TestSides:
    def test_folds_divide_the_faces(self, study) -> None:
        parts = [fold_part(study.data, study.folds, fold) for fold in range(3)]
        assert sorted(np.concatenate([part.test for part in parts])) == list(range(18))
        for part in parts:
            assert not set(study.data.subjects[part.train]) & set(study.data.subjects[part.test])
            assert len(part.train) + len(part.test) == 18

    def test_a_subject_on_both_sides_is_a_leak(self, study) -> None:
        first, *others = study.folds.folds
        cut = replace(first, test_samples=first.test_samples[1:])
        with pytest.raises(LeakageError, match="subject 'S4' is on both sides of fold 0"):
            fold_part(study.data, replace(study.folds, folds=(cut, *others)), 0)

    def test_an_official_split_is_taken_as_it_is(self, make_study) -> None:
        data = make_study(splits=("train", "train", "train", "val", "val", "")).data
        part = fold_part(data, data.official(), 0)
        assert set(data.subjects[part.train]) == {"S0", "S1", "S2"}
        assert set(data.subjects[part.test]) == {"S3", "S4"}

    def test_an_official_split_that_shares_a_subject_is_a_leak(self, study) -> None:
        splits = np.where(np.arange(18) % 2, "train", "test")
        with pytest.raises(LeakageError, match="on both sides of the official split of demo"):
            official_part(replace(study.data, splits=splits))

    def test_a_picture_that_is_in_both_parts_by_another_name_is_told(self, study, tmp_path) -> None:
        part = fold_part(study.data, study.folds, 0)
        pictures = np.array([f"sha-{number}" for number in range(18)])
        pictures[part.test[:2]] = pictures[part.train[0]]
        doubled = study.replaced(data=replace(study.data, pictures=pictures))
        said: list[str] = []
        doubled.run(tmp_path / "run", folds_to_train=(0,), say=said.append)
        assert "2 test pictures of fold 0 are training pictures too, by their content" in said
        assert seen_in_training(study.data, part) == 0  # this study's files have no digest

    def test_every_kind_of_leak_stops_before_anything_is_written(self, study, tmp_path) -> None:
        leaking = study.replaced(data=replace(study.data, splits=np.where(study.data.subjects < "S3", "train", "test")))
        with pytest.raises(LeakageError):
            leaking.run(tmp_path / "run", leaking.data.official())
        assert not (tmp_path / "run").exists()
