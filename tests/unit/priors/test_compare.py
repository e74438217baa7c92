from dataclasses import replace

import numpy as np
import pytest

from facemotion.errors import PriorError
from facemotion.priors.compare import compare_banks, compare_folds, correlation, stability, structure, table


def test_correlation_and_structure_of_known_maps():
    ramp = np.linspace(0, 1, 100).reshape(10, 10)
    assert correlation(ramp, 3 * ramp + 1) == pytest.approx(1)
    assert correlation(ramp, -ramp) == pytest.approx(-1)
    assert np.isnan(correlation(ramp, np.ones((10, 10))))
    assert structure(ramp, ramp) == pytest.approx(1)
    assert structure(ramp, 1 - ramp) < 0.5


@pytest.fixture
def separate(new_study):
    """Return a bank of eight subjects in four folds, whose classes move in places of their own."""
    study = new_study(subjects=8, size=(12, 12), folds=4)
    random = np.random.default_rng(7)
    for index, (subject, name) in enumerate(zip(study.manifest["subject"], study.manifest["expression"], strict=True)):
        face = np.full((12, 12), 60 + 10 * int(subject[1:])) + random.integers(0, 12, (12, 12))
        kind = {"anger": 0, "happiness": 1, "surprise": 2}.get(name)
        if kind is not None:
            face[4 * kind : 4 * kind + 4] += 60
        study.crops[index] = face.astype(np.uint8)[..., None]
    return study


class TestBanks:
    def test_a_bank_with_itself(self, separate):
        found = compare_banks(separate.bank())
        assert found.rows == found.columns == ("anger", "happiness", "surprise")
        np.testing.assert_allclose(np.diag(found.correlation), 1)
        np.testing.assert_allclose(np.diag(found.structure), 1)
        np.testing.assert_allclose(found.correlation, found.correlation.T)
        assert found.correlation[0, 1] < 0.2
        assert found.recognised() == 1

    def test_two_folds_agree_class_by_class(self, separate):
        bank = separate.bank()
        found = compare_banks(bank, bank, folds=(0, 1))
        assert found.recognised() == 1
        assert all(value > 0.6 for value in found.own().values())

    def test_missing_masks_have_no_similarity(self, separate):
        found = compare_banks(separate.bank(), separate.bank(classes=("fear", "anger")))
        assert np.isnan(found.correlation[:, 0]).all()
        assert found.own()["anger"] == pytest.approx(1)
        assert found.recognised() == 1

    def test_nothing_in_common(self, separate):
        found = compare_banks(separate.bank(classes=("anger",)), separate.bank(classes=("surprise",)))
        with pytest.raises(PriorError, match="share no class"):
            found.recognised()

    def test_other_sizes(self, separate, study):
        with pytest.raises(PriorError, match="12 x 12 and 6 x 5 pixels cannot be compared"):
            compare_banks(separate.bank(), study.bank())


class TestFolds:
    def test_rows_are_folds(self, separate):
        found = compare_folds(separate.bank())
        assert found.rows == ("fold 0", "fold 1", "fold 2", "fold 3")
        assert found.correlation.shape == found.structure.shape == (4, 3)
        assert (found.correlation > 0.8).all()

    def test_without_folds(self, separate):
        bank = separate.bank()
        alone = type(bank)(
            bank.mean[-1:], bank.mask[-1:], bank.count[-1:], bank.meta.model_copy(update={"left_out": ()})
        )
        with pytest.raises(PriorError, match="has no folds"):
            compare_folds(alone)


class TestStability:
    def test_consistent_motion_is_stable_and_noise_is_not(self, separate, new_study):
        stable = stability(separate.bank())
        assert stable.splits.tolist() == [3, 3, 3]
        assert (stable.correlation > 0.5).all()
        assert (stable.reliability > stable.correlation).all()
        noise = stability(new_study(subjects=8, size=(12, 12), folds=4).bank())
        assert (np.abs(noise.correlation) < 0.4).all()

    def test_a_missing_class_has_none(self, separate):
        found = stability(separate.bank(classes=("anger", "fear")))
        assert np.isnan(found.correlation[1])
        assert found.splits[1] == 0

    def test_halves_are_what_a_bank_of_each_half_gives(self, separate):
        bank = separate.bank()
        sums = bank.mean.astype(float) * bank.count[..., None, None]
        own = sums[-1] - sums[:-1]
        kept = separate.manifest["subject"].isin([name for fold in (0, 1) for name in bank.meta.left_out[fold]])
        folds = replace(separate.folds, folds=separate.folds.folds[:2])
        half = type(separate)(
            separate.crops,
            separate.faces[kept].reset_index(drop=True),
            separate.manifest[kept].reset_index(drop=True),
            folds,
        ).bank()
        np.testing.assert_allclose(own[:2].sum(axis=0) / 8, half.mean[-1], rtol=1e-4)

    @pytest.mark.parametrize("phi", ["ranks", "histogram", "none"])
    def test_it_is_the_bank_s_own_phi_that_makes_the_halves_masks(self, new_study, phi):
        study = new_study(subjects=4, size=(20, 20), folds=2)
        bank = study.bank(phi=phi)
        alone = []
        for fold in (0, 1):
            kept = study.manifest["subject"].isin(bank.meta.left_out[fold])
            folds = replace(study.folds, folds=(study.folds.of(fold),))
            tables = (table[kept].reset_index(drop=True) for table in (study.faces, study.manifest))
            alone.append(type(study)(study.crops, *tables, folds).bank(phi=phi).mask[-1])
        expected = [correlation(*masks) for masks in zip(*alone, strict=True)]
        np.testing.assert_allclose(stability(bank).correlation, expected, atol=2e-3)

    def test_halves_that_contradict_each_other_have_nothing_in_common(self, new_study):
        study = new_study(subjects=2, size=(12, 12), folds=2)
        for index, (subject, role) in enumerate(zip(study.manifest["subject"], study.manifest["role"], strict=True)):
            ramp = np.arange(144).reshape(12, 12)
            moved = ramp if subject == "S00" else ramp[::-1, ::-1]
            study.crops[index] = (moved if role == "expressive" else ramp * 0).astype(np.uint8)[..., None]
        found = stability(study.bank())
        np.testing.assert_allclose(found.correlation, -1, atol=1e-6)
        assert found.reliability.tolist() == [0, 0, 0]

    def test_medians_do_not_add_up(self, separate):
        with pytest.raises(PriorError, match=r"holds medians.*--average mean"):
            stability(separate.bank(average="median"))

    def test_masks_only(self, separate):
        bank = separate.bank()
        masks = type(bank)(bank.mean * 0, bank.mask, bank.count * 0, bank.meta.model_copy(update={"masks_only": True}))
        with pytest.raises(PriorError, match="holds masks without means"):
            stability(masks)


def test_table():
    text = table(np.array([[1, np.nan], [0.25, -1]]), ("anger", "fear"), ("a", "happiness"))
    assert text.splitlines() == [
        "          a  happiness",
        "anger  1.00          –",
        "fear   0.25      -1.00",
    ]
