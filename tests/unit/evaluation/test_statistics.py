import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facemotion.evaluation.compare import compare_all, paired_gains, paired_test
from facemotion.evaluation.intervals import paired_interval, share_interval
from facemotion.evaluation.statistics import (
    detectable_difference,
    holm,
    mask_verdict,
    paired_difference,
    power_words,
    shown,
)


def simulated(random: np.random.Generator, subjects: int, seeds: int, effect: float = 0.0) -> np.ndarray:
    """Return differences of subjects by seeds with an effect, and spread over subjects, seeds and both."""
    people, trainings = random.normal(0, 0.1, (subjects, 1)), random.normal(0, 0.03, (1, seeds))
    return effect + people + trainings + random.normal(0, 0.1, (subjects, seeds))


class TestPaired:
    def test_known_answers(self):
        gains, sizes = np.array([[2, 0], [1, 1], [0, -1.0]]), np.array([[4, 4], [2, 2], [2, 2.0]])
        found = paired_difference(gains, sizes)
        assert (found["subjects"], found["seeds"]) == (3, 2)
        assert found["difference"] == 3 / 16
        assert found["by_seed"] == [3 / 8, 0]
        assert found["interval"][0] < 3 / 16 < found["interval"][1]
        assert found["detectable"] == pytest.approx(2.8016 * found["standard_error"], rel=1e-4)

    def test_with_one_seed_it_is_the_interval_over_subjects(self):
        gains = simulated(np.random.default_rng(0), 12, 1)
        found = paired_interval(gains, np.ones((12, 1)), seed=4)
        assert found.interval == share_interval(gains[:, 0], np.ones(12), seed=4)

    def test_the_error_is_that_of_theory(self):
        """Of subjects or seeds that alone differ, the error is the standard error of their mean."""
        people = np.random.default_rng(1).normal(size=(40, 1)) * np.ones((40, 5))
        error = paired_interval(people, np.ones((40, 5)), resamples=4000).standard_error
        assert error == pytest.approx(people[:, 0].std() / 40**0.5, rel=0.05)
        trainings = np.random.default_rng(1).normal(size=(1, 3)) * np.ones((40, 3))
        error = paired_interval(trainings, np.ones((40, 3)), resamples=4000).standard_error
        assert error == pytest.approx(trainings[0].std(ddof=1) / 3**0.5, rel=0.05)

    def test_intervals_hold_the_truth_as_often_as_they_say(self):
        """As for subjects alone they do not, since what a training has in common is not resampled."""
        random, held, alone, number = np.random.default_rng(0), 0, 0, 150
        for seed in range(number):
            gains, sizes = simulated(random, 24, 5, effect=0.05), np.ones((24, 5))
            low, high = paired_interval(gains, sizes, resamples=300, seed=seed).interval
            held += low <= 0.05 <= high
            low, high = share_interval(gains.sum(axis=1), sizes.sum(axis=1), resamples=300, seed=seed)
            alone += low <= 0.05 <= high
        assert 0.91 <= held / number <= 0.99
        assert alone < held

    def test_a_detectable_difference_is_detected_as_often_as_it_says(self):
        random, found, number = np.random.default_rng(1), 0, 150
        for seed in range(number):
            gains, sizes = simulated(random, 24, 5), np.ones((24, 5))
            effect = detectable_difference((0.01 / 24 + 0.0009 / 5 + 0.01 / 120) ** 0.5)  # of the true variances
            found += paired_interval(gains + effect, sizes, resamples=300, seed=seed).interval[0] > 0
        assert 0.65 <= found / number <= 0.9

    @settings(max_examples=20, deadline=None)
    @given(seed=st.integers(0, 2**32 - 1), shift=st.floats(-0.5, 0.5), seeds=st.integers(1, 4))
    def test_a_shift_of_one_variant_moves_the_interval_by_as_much(self, seed, shift, seeds):
        gains, sizes = simulated(np.random.default_rng(seed), 8, seeds), np.ones((8, seeds))
        plain, moved = (paired_difference(each, sizes, resamples=200, seed=1) for each in (gains, gains + shift))
        assert moved["difference"] == pytest.approx(plain["difference"] + shift)
        assert moved["interval"] == pytest.approx([end + shift for end in plain["interval"]])
        assert moved["standard_error"] == pytest.approx(plain["standard_error"])

    @settings(max_examples=20, deadline=None)
    @given(seed=st.integers(0, 2**32 - 1), seeds=st.integers(1, 4))
    def test_the_other_way_round_it_is_the_negative(self, seed, seeds):
        gains, sizes = simulated(np.random.default_rng(seed), 8, seeds), np.ones((8, seeds))
        one, other = (paired_interval(each, sizes, resamples=200) for each in (gains, -gains))
        assert other.interval == pytest.approx([-one.interval[1], -one.interval[0]])
        assert other.p_value == one.p_value

    def test_one_subject_says_nothing(self):
        found = paired_difference(np.array([[2.0, 1]]), np.array([[4.0, 4]]))
        assert found["difference"] == 3 / 8
        assert found["interval"] is found["detectable"] is None
        assert power_words(found) == "with one subject no difference can be told from chance"

    def test_a_subject_that_a_seed_has_not_tested(self):
        gains, sizes = np.array([[1, 0], [2, 1], [1, 1.0]]), np.array([[2, 0], [2, 2], [2, 2.0]])
        found = paired_difference(gains, sizes)
        assert found["difference"] == 6 / 10
        assert found["by_seed"] == [4 / 6, 2 / 4]


class TestTables:
    @pytest.fixture
    def table(self, predictions_of):
        """Return three variants with three seeds: the second is worse, the third the same as the first."""
        parts = []
        for seed in range(3):
            good = predictions_of([[40, 10], [10 - seed, 40 + seed]], ("anger", "fear"), subjects=20, seed=seed)
            bad = predictions_of([[25, 25], [25, 25]], ("anger", "fear"), subjects=20, seed=seed, variant="cnn")
            parts += [good, bad, good.assign(variant="same")]
        return pd.concat(parts, ignore_index=True)

    def test_gains_by_subject_and_seed(self, table):
        gains, sizes, images = paired_gains(table, "fmpn", "cnn")
        assert gains.shape == sizes.shape == (20, 3)
        assert sizes.sum() == 300
        assert images == 100
        assert gains.sum(axis=0).tolist() == [30, 31, 32]
        turned = paired_gains(table.sample(frac=1, random_state=0), "fmpn", "cnn")
        np.testing.assert_array_equal(turned[0], gains)

    def test_a_comparison_over_subjects_and_seeds(self, table):
        found = paired_test(table, "fmpn", "cnn", resamples=500)
        assert (found["subjects"], found["seeds"], found["images"]) == (20, 3, 100)
        assert found["difference"] == pytest.approx(93 / 300)
        assert found["by_seed"] == pytest.approx([0.30, 0.31, 0.32])
        assert found["p_value"] >= found["p_bootstrap"]
        assert paired_test(table, "fmpn", "cnn", resamples=500) == found

    def test_all_comparisons_are_corrected_together(self, table):
        found = compare_all(table, ["fmpn", "cnn", "same"], resamples=200)
        assert [(each["first"], each["second"]) for each in found] == [
            ("fmpn", "cnn"),
            ("fmpn", "same"),
            ("cnn", "same"),
        ]
        assert [each["p_holm"] for each in found] == holm([each["p_value"] for each in found])
        assert [shown(each) for each in found] == [1, 0, -1]


class TestHolm:
    def test_known_answer(self):
        assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
        assert holm([None, 0.6, 0.9]) == [None, 1.0, 1.0]
        assert holm([]) == []

    @given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
    def test_between_uncorrected_and_bonferroni(self, values):
        found = holm(values)
        for value, corrected in zip(values, found, strict=True):
            assert value <= corrected <= min(1, len(values) * value) + 1e-12
        assert holm(values[::-1]) == found[::-1]


def result(low: float, high: float, **more: float) -> dict:
    return {"interval": [low, high], **more}


UP, FLAT, DOWN = result(0.01, 0.03), result(-0.01, 0.02), result(-0.04, -0.01)


class TestVerdict:
    @pytest.mark.parametrize(
        ("baseline", "controls", "words"),
        [
            (UP, {"wrong-mask": UP, "au": UP}, "the mask helps: it is above no mask and above wrong-mask and au"),
            (
                UP,
                {"wrong-mask": FLAT},
                "a mask helps, whichever: it is above no mask, but not shown to be above wrong-mask",
            ),
            (
                UP,
                {"wrong-mask": UP, "au": DOWN},
                "a mask helps, whichever: it is above no mask, but not shown to be above au; "
                "the right mask is above wrong-mask",
            ),
            (UP, {}, "guidance helps: whether it has to be the right mask was not asked"),
            (FLAT, {"wrong-mask": FLAT}, "no difference that this data can show"),
            (FLAT, {"wrong-mask": UP}, "no difference that this data can show: the right mask is above wrong-mask"),
            (DOWN, {"wrong-mask": FLAT}, "the mask costs accuracy"),
            (None, {"wrong-mask": UP}, "the right mask is above wrong-mask: whether it is above no mask was not asked"),
            (
                None,
                {"wrong-mask": FLAT},
                "no difference that this data can show: whether it is above no mask was not asked",
            ),
        ],
    )
    def test_what_follows(self, baseline, controls, words):
        assert mask_verdict(baseline, controls) == words

    def test_what_holm_takes_away_is_not_shown(self):
        assert shown({**UP, "p_holm": 0.2}) == 0
        assert shown({**UP, "p_holm": 0.01}) == 1
        assert shown({"interval": None}) == 0


def test_the_power_line():
    words = power_words({"subjects": 24, "seeds": 1, "detectable": 0.0312})
    assert (
        words
        == "with 24 subjects and 1 seed a difference of 3.1 points could have been seen with a probability of 80 %"
    )
