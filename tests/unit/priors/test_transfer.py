import numpy as np
import pytest

from facemotion.alignment.geometry import alignment_id
from facemotion.alignment.settings import AlignSettings
from facemotion.config import FoldSettings
from facemotion.errors import PriorError
from facemotion.expressions import LABEL_SPACES
from facemotion.folds import build_folds
from facemotion.priors.merging import merge
from facemotion.priors.transfer import crop_similarity, to_alignment, to_classes


@pytest.fixture
def bank(study):
    return study.bank()


def settings(**changes):
    return AlignSettings(**{"face_size": (112, 96), "crop_size": (40, 40), **changes})


@pytest.fixture
def large(new_study):
    """Return a bank of smooth 40 x 40 crops that knows its alignment."""
    study = new_study(size=(40, 40))
    y, x = np.mgrid[:40, :40]
    for index in range(len(study.crops)):
        wave = 110 + 90 * np.sin((x + index % 3 * 9) / 9) * np.cos(y / 11) * (index % 3 + 1) / 3
        study.crops[index] = wave.astype(np.uint8)[..., None]
    own = settings()
    return study.bank(alignment=alignment_id(own), alignment_settings=own.as_json())


class TestClasses:
    def test_dropped_and_missing(self, bank):
        found = to_classes(bank, LABEL_SPACES["affectnet7"])
        assert found.classes == LABEL_SPACES["affectnet7"]
        assert found.missing() == ("neutral", "disgust", "fear", "sadness")
        np.testing.assert_array_equal(found.mask[:, 1], bank.mask[:, 0])
        step = found.meta.origins[-1]
        assert step["dropped"] == []
        assert step["missing"] == ["neutral", "disgust", "fear", "sadness"]
        assert step["policy"].startswith("no mask")
        assert step["of"] == bank.digest()

    def test_there_and_back_is_the_identity_on_shared_classes(self, bank):
        back = to_classes(to_classes(bank, LABEL_SPACES["affectnet8"]), bank.classes)
        for name in ("mean", "mask", "count"):
            np.testing.assert_array_equal(getattr(back, name), getattr(bank, name))
        assert [origin["operation"] for origin in back.meta.origins] == ["build", "transfer", "transfer"]

    def test_nothing_in_common(self, bank):
        with pytest.raises(PriorError, match="they share no class"):
            to_classes(bank, ("neutral", "contempt"))

    def test_it_can_be_saved_and_read(self, bank, tmp_path):
        found = to_classes(bank, ("anger", "fear"))
        found.save(tmp_path / "p.npz")
        assert type(found).load(tmp_path / "p.npz").missing() == ("fear",)


class TestAlignment:
    def test_same_geometry_leaves_the_arrays(self, large):
        target = settings(fit="eyes-nose")
        found = to_alignment(large, target)
        np.testing.assert_array_equal(found.mask, large.mask)
        np.testing.assert_array_equal(found.mean, large.mean)
        assert found.meta.alignment == alignment_id(target) != large.meta.alignment
        assert found.meta.origins[-1]["changed"] == {"fit": {"from": "five-points", "to": "eyes-nose"}}

    def test_a_larger_crop_keeps_the_middle(self, large):
        found = to_alignment(large, settings(crop_size=(60, 60)))
        assert found.size == (60, 60)
        np.testing.assert_allclose(found.mean[..., 10:50, 10:50], large.mean, atol=1e-6)
        assert found.meta.origins[-1]["size"] == {"from": [40, 40], "to": [60, 60]}

    def test_there_and_back_through_a_larger_crop(self, large):
        back = to_alignment(to_alignment(large, settings(crop_size=(60, 50))), settings())
        np.testing.assert_allclose(back.mean, large.mean, atol=1e-6)
        np.testing.assert_allclose(back.mask, large.mask, atol=1e-2)

    def test_scaled_template(self):
        matrix = crop_similarity(settings(), settings(face_size=(224, 192), crop_size=(80, 80)))
        np.testing.assert_allclose(matrix, [[2, 0, 0.5], [0, 2, 0.5]])

    def test_there_and_back_through_another_scale(self, large):
        double = settings(face_size=(224, 192), crop_size=(80, 80))
        back = to_alignment(to_alignment(large, double), settings())
        assert np.abs(back.mean - large.mean).max() < 0.05
        for fold, kind in np.ndindex(back.count.shape):
            assert np.corrcoef(back.mask[fold, kind].ravel(), large.mask[fold, kind].ravel())[0, 1] > 0.97

    def test_unknown_alignment(self, bank):
        with pytest.raises(PriorError, match="does not say how its faces were aligned"):
            to_alignment(bank, settings())


class TestMerge:
    def halves(self, new_study):
        """Return a study's bank and those of its even and odd subjects, with the folds of the whole."""
        study = new_study(subjects=8, folds=2)
        banks = []
        for rest in (0, 1):
            kept = study.manifest["subject"].str[1:].astype(int) // 2 % 2 == rest
            manifest, faces = study.manifest[kept].reset_index(drop=True), study.faces[kept].reset_index(drop=True)
            folds = build_folds(manifest, FoldSettings(scheme="round-robin", folds=2))
            banks.append(type(study)(study.crops, faces, manifest, folds).bank())
        return study.bank(), banks

    def test_two_halves_are_the_whole(self, new_study):
        whole, banks = self.halves(new_study)
        merged = merge(banks)
        assert merged.meta.left_out == whole.meta.left_out
        for name in ("count", "mean", "mask"):
            np.testing.assert_array_equal(getattr(merged, name), getattr(whole, name))

    def test_parts_of_parts_are_the_whole(self, new_study):
        study = new_study(subjects=6, folds=2)
        banks = []
        for rest in range(3):
            kept = study.manifest["subject"].str[1:].astype(int) // 2 == rest
            manifest, faces = study.manifest[kept].reset_index(drop=True), study.faces[kept].reset_index(drop=True)
            folds = build_folds(manifest, FoldSettings(scheme="round-robin", folds=2))
            banks.append(type(study)(study.crops, faces, manifest, folds).bank())
        merged = merge([merge(banks[:2]), banks[2]])
        for name in ("count", "mean", "mask"):
            np.testing.assert_array_equal(getattr(merged, name), getattr(study.bank(), name))

    def test_resampled_means_are_not_rounded(self, large, new_study):
        target = settings(crop_size=(47, 47), face_size=(132, 113))
        carried = to_alignment(large, target)
        merged = merge([carried, carried.with_meta(dataset="mmi")])
        np.testing.assert_allclose(merged.mean[0], carried.mean[-1], rtol=1e-6)
        np.testing.assert_allclose(merged.mask[0], carried.mask[-1], atol=1e-2)

    def test_two_datasets_give_masks_of_all_subjects(self, study, new_study):
        other = new_study(seed=5, subjects=3).bank(classes=("anger", "fear")).with_meta(dataset="mmi")
        merged = merge([study.bank(), other])
        assert merged.meta.dataset == "demo+mmi"
        assert merged.meta.sources == ("demo", "mmi")
        assert merged.folds == 0
        assert merged.classes == ("anger", "fear", "happiness", "surprise")
        assert merged.count.tolist() == [[16, 0, 10, 10]]
        expected = (study.bank().mean[-1, 0] * 10 + other.mean[-1, 0] * 6) / 16
        np.testing.assert_allclose(merged.mean[0, 0], expected, rtol=1e-5)
        members = merged.meta.origins[0]["banks"]
        assert [member["dataset"] for member in members] == ["demo", "mmi"]
        assert members[1]["digest"] == other.digest()

    def test_the_same_subjects_twice(self, bank):
        with pytest.raises(PriorError, match="subject 'S00' of demo is in two of the banks"):
            merge([bank, bank])

    def test_a_member_of_a_merged_bank_again(self, bank, new_study):
        both = merge([bank, new_study(seed=3).bank().with_meta(dataset="mmi")])
        for pair in ([both, bank], [bank, both], [both, both]):
            with pytest.raises(PriorError, match="both hold faces of demo, and not both say of which subjects"):
                merge(pair)

    def test_a_third_dataset_joins_a_merged_bank(self, bank, new_study):
        others = [new_study(seed=3).bank().with_meta(dataset=name) for name in ("mmi", "oulu-casia")]
        step_by_step, at_once = merge([merge([bank, others[0]]), others[1]]), merge([bank, *others])
        assert step_by_step.meta.sources == ("demo", "mmi", "oulu-casia")
        np.testing.assert_array_equal(step_by_step.mean, at_once.mean)
        np.testing.assert_array_equal(step_by_step.mask, at_once.mask)

    def test_one_bank(self, bank):
        with pytest.raises(PriorError, match="at least two"):
            merge([bank])

    def test_other_alignment(self, bank, study):
        with pytest.raises(PriorError, match="different alignments"):
            merge([bank, study.bank(alignment="b" * 16).with_meta(dataset="mmi")])

    def test_masks_only(self, bank):
        masks = type(bank)(bank.mean * 0, bank.mask, bank.count * 0, bank.meta.model_copy(update={"masks_only": True}))
        with pytest.raises(PriorError, match="masks without counts"):
            merge([bank, masks.with_meta(dataset="mmi")])
