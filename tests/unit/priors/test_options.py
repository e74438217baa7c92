"""What each option of PriorSettings computes: worked out by hand on small crops."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from facemotion.config import PriorSettings
from facemotion.errors import ConfigError, PriorError
from facemotion.folds import Fold
from facemotion.priors.bank import PriorBank
from facemotion.priors.differences import differences, local_range
from facemotion.priors.equalise import apply_phi, equalise, equalise_histogram, scale
from facemotion.priors.median import motion_medians
from facemotion.priors.merging import merge
from facemotion.priors.motion import About, build_bank
from facemotion.priors.transfer import to_classes


def gray(*values):
    """Return a 1 x n crop of gray pixels."""
    return np.repeat(np.array([values], dtype=np.uint8)[..., None], 3, axis=-1)


def bank_of(study, **settings):
    chosen = PriorSettings.model_validate(settings)
    return build_bank(study.crops, study.faces, study.manifest, study.folds, chosen, about=About("a" * 16))


ROWS = [
    ("A", "1", 1, "neutral"),
    ("A", "1", 5, "anger"),
    ("A", "1", 6, "anger"),
    ("B", "1", 1, "neutral"),
    ("B", "1", 4, "anger"),
]
CROPS = np.stack(
    [
        gray(10, 20, 30, 40),
        gray(10, 25, 20, 41),
        gray(12, 20, 30, 43),
        gray(100, 100, 100, 100),
        gray(100, 151, 0, 100),
    ]
)
# |difference| of the three pairs: 0 5 10 1 | 2 0 0 3 | 0 51 100 0


class TestMedian:
    def test_of_all_pairs(self, study_of):
        bank = bank_of(study_of(ROWS, CROPS), average="median")
        np.testing.assert_array_equal(bank.mean[2, 0, 0], (np.array([0, 5, 10, 1]) / 255).astype(np.float32))
        assert bank.count[2].tolist() == [3]

    def test_a_fold_leaves_out_its_subject(self, study_of):
        bank = bank_of(study_of(ROWS, CROPS), average="median")
        np.testing.assert_array_equal(bank.mean[0, 0, 0], (np.array([0, 51, 100, 0]) / 255).astype(np.float32))
        # two pairs: the mean of both
        np.testing.assert_array_equal(bank.mean[1, 0, 0], (np.array([1, 2.5, 5, 2]) / 255).astype(np.float32))

    def test_one_outlier_leaves_no_trace(self, study_of):
        crops = CROPS.copy()
        crops[4] = 255
        bank = bank_of(study_of(ROWS, crops), average="median")
        np.testing.assert_array_equal(bank.mean[2, 0, 0], (np.array([2, 5, 10, 3]) / 255).astype(np.float32))

    def test_the_memory_set_aside_changes_nothing(self, study):
        pairs = pd.DataFrame({"expressive": np.arange(1, 30), "neutral": np.arange(1, 30) % 3})
        folds, kinds = np.arange(29) % 2, np.arange(29) % 3
        expected = motion_medians(study.crops, pairs, 3 * folds + kinds, (2, 3))
        for memory in (1, 4 * 10 * 7):
            found = motion_medians(study.crops, pairs, 3 * folds + kinds, (2, 3), memory=memory, chunk=4)
            np.testing.assert_array_equal(found, expected)

    @pytest.mark.usefixtures("usual_collector")
    def test_blocks_bound_the_memory(self):
        block = np.random.default_rng(0).integers(0, 256, (64, 20, 20, 3), dtype=np.uint8)

        class Endless:
            shape = (10**6, 20, 20, 3)

            def __getitem__(self, rows):
                return block[rows % 64]

        pairs = pd.DataFrame({"expressive": np.arange(1000) + 1, "neutral": 0})
        peaks = []
        for memory in (200_000, 1_600_000):
            tracemalloc.start()
            zeros = np.zeros(1000, np.int64)
            motion_medians(Endless(), pairs, zeros, (1, 1), memory=memory)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert peaks[0] < 1_600_000 < peaks[1]  # all pixels of all pairs at once would be 1.6 MB


class TestRelative:
    def test_a_difference_is_set_against_the_contrast_round_it(self):
        still, moved = gray(100, 100, 100, 100, 200, 200), gray(100, 110, 100, 100, 210, 200)
        pairs = pd.DataFrame({"expressive": [1], "neutral": [0]})
        ((_, found),) = differences(np.stack([still, moved]), pairs, difference="relative")
        # the larger range of both faces round each pixel: 10 10 10 110 110 10
        flat, edge = 10 / (10 + 10 + 8), 10 / (10 + 110 + 8)
        np.testing.assert_array_equal(found[0], np.rint(np.array([0, flat, 0, 0, edge, 0]) * 255_000))

    def test_the_greatest_difference_stays_below_one(self):
        crops = np.stack([gray(*[0] * 4), gray(*[255] * 4)])
        ((_, found),) = differences(crops, pd.DataFrame({"expressive": [1], "neutral": [0]}), difference="relative")
        np.testing.assert_array_equal(found, np.rint(255 / 263 * 255_000))

    def test_in_a_bank(self, study_of):
        bank = bank_of(study_of(ROWS, CROPS), difference="relative")
        one = [0, 5 / (5 + 20 + 8), 10 / (10 + 21 + 8), 1 / (1 + 21 + 8)]
        two = [2 / (2 + 10 + 8), 0, 0, 3 / (3 + 13 + 8)]
        three = [0, 51 / (51 + 151 + 8), 100 / (100 + 151 + 8), 0]
        np.testing.assert_allclose(bank.mean[2, 0, 0], np.mean([one, two, three], axis=0), atol=2 / 255_000)

    @pytest.mark.parametrize("size", [(1, 1), (1, 5), (4, 3), (6, 6)])
    def test_local_range_against_scipy(self, size):
        from scipy import ndimage

        values = np.random.default_rng(0).integers(0, 255_000, (3, *size)).astype(np.float32)
        expected = ndimage.maximum_filter(values, (1, 3, 3)) - ndimage.minimum_filter(values, (1, 3, 3))
        np.testing.assert_array_equal(local_range(values.reshape(3, -1), size), expected.reshape(3, -1))


class TestPhi:
    def test_histogram_is_pillows(self):
        from PIL import Image, ImageOps

        rng = np.random.default_rng(3)
        for spread in (0.02, 0.1, 0.6):
            values = np.clip(np.abs(rng.normal(0, spread, (70, 70))), 0, 1)
            expected = ImageOps.equalize(Image.fromarray(np.rint(values * 255).astype(np.uint8)))
            np.testing.assert_array_equal(np.rint(equalise_histogram(values) * 255), np.asarray(expected))

    def test_histogram_by_hand(self):
        values = np.repeat([1, 2, 9], [510, 255, 255]).reshape(30, 34) / 255
        # the last level apart there are 765 pixels, so a step of 3; below the levels lie 0, 510 and 765
        found = equalise_histogram(values).ravel()[[0, 510, 765]]
        np.testing.assert_allclose(found * 255, [(0 + 1) // 3, (510 + 1) // 3, (765 + 1) // 3], atol=1e-4)

    def test_histogram_of_a_flat_map_is_as_it_was(self):
        np.testing.assert_allclose(equalise_histogram(np.full((20, 20), 0.2)), 51 / 255, rtol=1e-6)

    def test_none_only_scales(self):
        values = np.array([[[0.0, 0.1], [0.05, 0.2]], [[0.0, 0.0], [0.0, 0.0]]])
        np.testing.assert_allclose(scale(values), [[[0, 0.5], [0.25, 1]], [[0, 0], [0, 0]]], rtol=1e-6)

    @pytest.mark.parametrize(
        ("phi", "function"), [("ranks", equalise), ("histogram", equalise_histogram), ("none", scale)]
    )
    def test_in_a_bank_it_turns_the_mean_into_the_mask(self, study, phi, function):
        bank = bank_of(study, phi=phi)
        np.testing.assert_array_equal(bank.mean, bank_of(study).mean)
        level = 1 / 255 if phi == "histogram" else 0  # the stored float32 mean may round to the level beside
        np.testing.assert_allclose(bank.mask, function(bank.mean.astype(np.float64)), rtol=0, atol=level + 1e-6)
        assert bank.mask.dtype == np.float32

    def test_each_map_by_itself(self):
        maps = np.random.default_rng(0).random((2, 3, 20, 20)) / 4
        for phi in ("ranks", "histogram", "none"):
            np.testing.assert_array_equal(apply_phi(maps, phi)[1, 2], apply_phi(maps[1, 2], phi))


CHOSEN = {"phi": "histogram", "average": "median", "difference": "relative", "neutral": "sequence"}


class TestRecord:
    def test_the_bank_tells_and_outlives_saving(self, study, tmp_path):
        bank_of(study, **CHOSEN).save(tmp_path / "p.npz")
        meta = PriorBank.load(tmp_path / "p.npz").meta
        assert {name: getattr(meta, name) for name in CHOSEN} == CHOSEN

    def test_the_defaults_are_the_papers(self, study):
        assert (
            bank_of(study).to_bytes()
            == bank_of(study, phi="ranks", average="mean", difference="absolute", neutral="subject").to_bytes()
        )

    def test_a_bank_without_the_fields_is_read_as_the_papers(self, study):
        meta = bank_of(study).meta
        old = meta.model_dump(exclude={"phi", "average", "difference"})
        assert type(meta).model_validate(old) == meta

    def test_transfer_keeps_it(self, study):
        found = to_classes(bank_of(study, **CHOSEN), ("anger", "fear")).meta
        assert {name: getattr(found, name) for name in CHOSEN} == CHOSEN

    @pytest.mark.parametrize("name", ["phi", "average", "difference"])
    def test_an_unknown_value_is_refused(self, name):
        from facemotion.config import make

        with pytest.raises(ConfigError, match=f"{name} = 'best' is not allowed"):
            make(PriorSettings, {name: "best"})


class TestMerge:
    def halves(self, new_study, **settings):
        whole = new_study(subjects=6, folds=3)
        parts = []
        for names in (("S00", "S01", "S02"), ("S03", "S04", "S05")):
            kept = whole.manifest["subject"].isin(names)
            folds = replace(
                whole.folds,
                folds=tuple(
                    Fold(
                        tuple(name for name in fold.subjects if name in names),
                        tuple(name for name in fold.test_samples if name[:3] in names),
                    )
                    for fold in whole.folds.folds
                ),
            )
            manifest, faces = (table[kept].reset_index(drop=True) for table in (whole.manifest, whole.faces))
            parts.append(bank_of(type(whole)(whole.crops, faces, manifest, folds), **settings))
        return bank_of(whole, **settings), merge(parts)

    @pytest.mark.parametrize("phi", ["ranks", "histogram", "none"])
    @pytest.mark.parametrize("difference", ["absolute", "relative"])
    def test_halves_make_the_whole_under_every_phi(self, new_study, phi, difference):
        whole, merged = self.halves(new_study, phi=phi, difference=difference)
        assert merged.meta.phi == phi
        assert merged.meta.difference == difference
        np.testing.assert_allclose(merged.mean, whole.mean, atol=1e-7)
        np.testing.assert_allclose(merged.mask, whole.mask, atol=1e-6 if phi == "none" else 1 / 29 + 1e-6)

    def test_medians_are_averaged_and_it_says_so(self, new_study):
        whole, merged = self.halves(new_study, average="median")
        assert merged.meta.average == "median"
        assert merged.meta.origins[-1]["average"] == "weighted mean of medians"
        assert not np.array_equal(merged.mean, whole.mean)

    @pytest.mark.parametrize(
        "other", [{"phi": "none"}, {"average": "median"}, {"difference": "relative"}], ids=lambda one: next(iter(one))
    )
    def test_banks_of_different_rules_are_refused(self, study_of, other):
        first = bank_of(study_of(ROWS, CROPS))
        renamed = [(f"X{subject}", *rest) for subject, *rest in ROWS]
        second = bank_of(study_of(renamed, CROPS), **other)
        (name,) = other
        with pytest.raises(PriorError, match=f"were built with {name} "):
            merge([first, second])
