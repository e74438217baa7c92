import numpy as np
import pytest

from facemotion.priors.compare import Comparison, Stability
from facemotion.priors.verdicts import class_words, fold_words, pair_words, stability_words, unlike


def comparison(values, rows=("anger", "fear", "sadness"), columns=("anger", "fear", "sadness")):
    values = np.array(values, dtype=float)
    return Comparison(rows, columns, values, values)


class TestPair:
    @pytest.mark.parametrize(
        ("values", "share", "verdict"),
        [
            ([[0.9, 0.1, 0.2], [0.1, 0.8, 0.2], [0.1, 0.2, 0.7]], "100%", "the two agree\n"),
            ([[0.9, 0.1, 0.2], [0.1, 0.8, 0.2], [0.1, 0.8, 0.7]], "67%", "the two agree in part"),
            ([[0.1, 0.9, 0.2], [0.9, 0.8, 0.2], [0.1, 0.2, 0.7]], "33%", "the two do not agree"),
        ],
    )
    def test_whether_they_agree(self, values, share, verdict):
        words = pair_words(comparison(values))
        assert f"their own: {share} of 3: {verdict}" in words

    def test_own_and_others(self):
        words = pair_words(comparison([[0.9, 0.1, 0.2], [0.1, 0.8, 0.2], [0.1, 0.2, 0.7]]))
        assert "with their own 0.80 on average, at least 0.70 (sadness), with other classes' 0.15" in words

    def test_a_class_of_one_side_only_does_not_count(self):
        words = pair_words(comparison([[0.9, 0.1], [0.95, 0.8]], rows=("contempt", "fear"), columns=("anger", "fear")))
        assert "of 1" in words
        assert "with their own 0.80" in words

    def test_one_class(self):
        words = pair_words(comparison([[0.9]], rows=("fear",), columns=("fear",)))
        assert words.endswith("with their own 0.90 on average, at least 0.90 (fear)")

    @pytest.mark.parametrize("columns", [("happiness",), ("anger",)])
    def test_no_class_with_a_mask_in_both(self, columns):
        words = pair_words(comparison([[np.nan]], rows=("anger",), columns=columns))
        assert words == "they have no class with a mask in both, so nothing says whether they agree"


def test_classes_most_and_least_alike():
    words = class_words(comparison([[1, 0.3, 0.7], [0.3, 1, -0.2], [0.7, -0.2, 1]]))
    assert "most alike: anger and sadness (0.70); least alike: fear and sadness (-0.20)" in words
    assert class_words(comparison([[1]], rows=("fear",), columns=("fear",))) == "there are no two masks to compare"


def test_the_fold_that_differs_most():
    found = comparison([[0.9, 0.8, np.nan], [0.95, 0.4, np.nan]], rows=("fold 0", "fold 1"))
    assert fold_words(found).startswith("least like all subjects' mask: fear in fold 1 (0.40)")
    empty = comparison([[np.nan]], rows=("fold 0",), columns=("fear",))
    assert fold_words(empty) == "there are no masks to compare"


class TestStability:
    def test_classes_by_how_steady_they_are(self):
        values = np.array([0.7, 0.5, 0.2, np.nan])
        found = Stability(("anger", "fear", "sadness", "neutral"), values, 2 * values / (1 + values), np.array([9] * 4))
        lines = stability_words(found, 5).splitlines()
        assert lines[1] == "  (2 and 3 of the 5 folds' test subjects), mean over 9 ways to halve them"
        assert max(map(len, lines)) <= 80
        assert lines[-4:] == [
            "steady (0.8 and more): anger",
            "fair (0.5 to 0.8): fear",
            "mostly chance (below 0.5), more subjects are needed: sadness",
            "not to be halved, too few subjects show it: neutral",
        ]


class TestUnlike:
    def test_what_differs(self, study):
        bank = study.bank()
        assert unlike(bank, bank) == []
        other = bank.with_meta(alignment="b" * 16, average="median")
        assert unlike(bank, other) == [f"alignment {'a' * 16} and {'b' * 16}", "average mean and median"]

    def test_what_a_bank_of_masks_does_not_know_is_not_said(self, study):
        bank = study.bank()
        masks = type(bank)(
            bank.mean * 0,
            bank.mask,
            bank.count * 0,
            bank.meta.model_copy(update={"masks_only": True, "neutral": "unknown"}),
        )
        assert unlike(bank.with_meta(phi="none"), masks) == []
