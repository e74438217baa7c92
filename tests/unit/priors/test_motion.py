import tracemalloc
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from facemotion.errors import LeakageError, PriorError
from facemotion.priors.motion import MOST_IN_CHUNK, luma, motion_sums


def gray(*values):
    """Return a 1 x n crop of gray pixels."""
    return np.repeat(np.array([values], dtype=np.uint8)[..., None], 3, axis=-1)


TWO_SUBJECTS = [
    ("A", "1", 1, "neutral"),
    ("A", "1", 5, "anger"),
    ("A", "1", 6, "anger"),
    ("A", "2", 1, "neutral"),
    ("A", "2", 7, "surprise"),
    ("B", "1", 1, "neutral"),
    ("B", "1", 4, "anger"),
]
CROPS = np.stack(
    [
        gray(10, 20, 30, 40),
        gray(10, 25, 20, 41),
        gray(12, 20, 30, 43),
        gray(0, 0, 0, 0),
        gray(255, 20, 30, 40),
        gray(100, 100, 100, 100),
        gray(100, 151, 0, 100),
    ]
)


class TestKnownAnswer:
    """Two subjects, hand-made crops: Eq. 1 worked out by hand."""

    def test_mean_over_all_subjects(self, study_of):
        bank = study_of(TWO_SUBJECTS, CROPS).bank()
        # anger, against the neutral of each subject's first sequence: |0 5 10 1|, |2 0 0 3|, |0 51 100 0|
        expected = np.array([2, 56, 110, 4]) / (3 * 255)
        np.testing.assert_array_equal(bank.mean[2, 0, 0], expected.astype(np.float32))
        np.testing.assert_array_equal(bank.mean[2, 1, 0], (np.array([245, 0, 0, 0]) / 255).astype(np.float32))
        assert bank.count[2].tolist() == [3, 1]
        assert bank.classes == ("anger", "surprise")

    def test_mask_is_the_rank(self, study_of):
        bank = study_of(TWO_SUBJECTS, CROPS).bank()
        np.testing.assert_allclose(bank.mask[2, 0, 0], [0, 2 / 3, 1, 1 / 3], rtol=1e-7)
        np.testing.assert_allclose(bank.mask[2, 1, 0], [1, 1 / 3, 1 / 3, 1 / 3], rtol=1e-7)

    def test_a_fold_leaves_out_its_subject(self, study_of):
        bank = study_of(TWO_SUBJECTS, CROPS).bank()
        assert bank.meta.left_out == (("A",), ("B",))
        np.testing.assert_array_equal(bank.mean[0, 0, 0], (np.array([0, 51, 100, 0]) / 255).astype(np.float32))
        np.testing.assert_array_equal(bank.mean[1, 0, 0], (np.array([2, 5, 10, 4]) / 510).astype(np.float32))
        assert bank.count.tolist() == [[1, 0], [2, 1], [3, 1]]

    def test_a_class_without_faces_is_missing(self, study_of):
        bank = study_of(TWO_SUBJECTS, CROPS).bank()
        assert bank.missing(0) == ("surprise",)
        assert bank.missing() == ()
        assert not bank.mask[0, 1].any()
        assert not bank.mean[0, 1].any()

    def test_own_neutral_by_sequence(self, study_of):
        bank = study_of(TWO_SUBJECTS, CROPS).bank(neutral="sequence")
        np.testing.assert_array_equal(bank.mean[2, 1, 0], (np.array([255, 20, 30, 40]) / 255).astype(np.float32))

    def test_luma_weights_colours(self):
        crops = np.array([[[[255, 0, 0], [0, 255, 0], [0, 0, 255], [1, 2, 3]]]], dtype=np.uint8)
        assert luma(crops).tolist() == [[76245, 149685, 29070, 299 + 2 * 587 + 3 * 114]]


class TestPairs:
    def test_next_sequence_when_the_first_neutral_has_no_crop(self, study_of):
        bank = study_of(TWO_SUBJECTS, CROPS, failed=("A_1_001",)).bank()
        np.testing.assert_array_equal(bank.mean[2, 1, 0], (np.array([255, 20, 30, 40]) / 255).astype(np.float32))

    def test_unpaired_and_unaligned_are_counted(self, study_of):
        bank = study_of(TWO_SUBJECTS, CROPS, failed=("B_1_001", "A_1_005")).bank()
        assert bank.meta.unpaired == {"anger": 1}
        assert bank.meta.unaligned == {"anger": 1}
        assert bank.count[2].tolist() == [1, 1]

    def test_no_neutral_at_all(self, study_of):
        with pytest.raises(PriorError, match="no expressive face can be paired"):
            study_of(TWO_SUBJECTS, CROPS, failed=("A_1_001", "A_2_001", "B_1_001")).bank()

    def test_tables_of_different_samples(self, study):
        study.faces = study.faces.iloc[1:]
        with pytest.raises(PriorError, match="list different samples"):
            study.bank()

    def test_fewer_crops_than_rows(self, study):
        study.crops = study.crops[:-1]
        with pytest.raises(PriorError, match="more crops than the"):
            study.bank()


class TestFolds:
    def test_folds_differ_exactly_by_the_left_out(self, new_study):
        study = new_study(subjects=6, folds=3)
        bank = study.bank()
        for fold, left_out in enumerate(bank.meta.left_out):
            kept = ~study.manifest["subject"].isin(left_out)
            manifest = study.manifest[kept].reset_index(drop=True)
            faces = study.faces[kept].reset_index(drop=True)
            folds = replace(study.folds, folds=tuple(study.folds.of(other) for other in range(3) if other != fold))
            alone = type(study)(study.crops, faces, manifest, folds).bank()
            np.testing.assert_array_equal(bank.mean[fold], alone.mean[-1])
            np.testing.assert_array_equal(bank.mask[fold], alone.mask[-1])
            np.testing.assert_array_equal(bank.count[fold], alone.count[-1])

    def test_a_subject_in_two_folds_is_a_leak(self, study):
        first, *others = study.folds.folds
        doubled = replace(first, subjects=(*first.subjects, others[0].subjects[0]))
        study.folds = replace(study.folds, folds=(doubled, *others))
        with pytest.raises(LeakageError, match="tested more than once"):
            study.bank()


class TestSums:
    @pytest.mark.parametrize("chunk", [0, MOST_IN_CHUNK + 1])
    def test_a_chunk_that_is_not_exact_is_refused(self, chunk):
        pairs = pd.DataFrame({"expressive": [0], "neutral": [0]})
        with pytest.raises(PriorError, match="expected 1 to 65"):
            motion_sums(np.zeros((1, 2, 2, 3), np.uint8), pairs, np.zeros(1, np.int64), 1, chunk=chunk)

    def test_the_largest_chunk_is_exact(self):
        crops = np.zeros((MOST_IN_CHUNK + 1, 1, 1, 3), dtype=np.uint8)
        crops[1:] = 255
        crops[1] = 254
        pairs = pd.DataFrame({"expressive": np.arange(1, len(crops)), "neutral": 0})
        sums = motion_sums(crops, pairs, np.zeros(len(pairs), np.int64), 1, chunk=MOST_IN_CHUNK)
        assert sums.tolist() == [[MOST_IN_CHUNK * 255_000 - 1000]]

    @pytest.mark.usefixtures("usual_collector")
    def test_memory_does_not_grow_with_the_images(self):
        block = np.random.default_rng(0).integers(0, 256, (64, 20, 20, 3), dtype=np.uint8)

        class Endless:
            shape = (10**6, 20, 20, 3)

            def __getitem__(self, rows):
                return block[rows % 64]

        peaks = []
        for number in (2_000, 2_000, 8_000):
            pairs = pd.DataFrame({"expressive": np.arange(number) + 1, "neutral": 0})
            groups = np.zeros(number, np.int64)
            tracemalloc.start()
            motion_sums(Endless(), pairs, groups, 1)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert peaks[2] < 1.2 * peaks[1]

    def test_classes_can_be_added_and_ordered(self, study):
        bank = study.bank(classes=("surprise", "fear", "anger"))
        assert bank.classes == ("surprise", "fear", "anger")
        assert bank.missing() == ("fear",)
        np.testing.assert_array_equal(bank.mask[:, 2], study.bank().mask[:, 0])

    def test_progress_is_told(self, study):
        seen = []

        def progress(items, label, /, *, total=None):
            for item in items:
                seen.append(label)
                yield item

        study.bank(progress=progress, chunk=10)
        assert seen == ["mean differences: chunks of pairs"] * 3
