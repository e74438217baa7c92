import numpy as np
import pytest

from facemotion.alignment.geometry import alignment_id
from facemotion.alignment.settings import AlignSettings
from facemotion.expressions import EXPRESSIONS
from facemotion.priors.action_units import ACTION_UNITS, PROTOTYPES, action_unit_bank, action_unit_maps
from facemotion.priors.equalise import apply_phi
from facemotion.priors.regions import REGIONS, bank_matrix, energy, region_pixels


@pytest.fixture(scope="module")
def found():
    """Return the energy of each class's equalised map in each region."""
    maps = action_unit_maps(EXPRESSIONS, (70, 70))
    values = energy(apply_phi(np.stack(list(maps.values()))), region_pixels((70, 70)))
    return {name: dict(zip(REGIONS, row, strict=True)) for name, row in zip(maps, values, strict=True)}


def test_every_expression_has_a_prototype_of_known_units():
    assert tuple(PROTOTYPES) == EXPRESSIONS
    assert {unit for units in PROTOTYPES.values() for unit in units} == set(ACTION_UNITS)


def test_they_lie_where_the_units_are(found):
    assert sorted(sorted(found, key=lambda name: found[name]["folds"])[-2:]) == ["contempt", "happiness"]
    assert max(found, key=lambda name: found[name]["nostrils"]) == "disgust"
    assert max(found, key=lambda name: found[name]["chin"]) in ("surprise", "fear")
    assert min(found["surprise"]["forehead"], found["sadness"]["forehead"]) > 0.7
    assert found["happiness"]["brows"] < 0.5 < found["anger"]["brows"]


def test_they_are_symmetric_and_tell_all_pixels_apart():
    for level in action_unit_maps(EXPRESSIONS, (70, 70)).values():
        np.testing.assert_allclose(level, level[:, ::-1], rtol=1e-9)
        assert (level > 0).all()
        assert level.max() <= 1


def test_neutral_has_none():
    assert list(action_unit_maps(("neutral", "fear"), (8, 8))) == ["fear"]


@pytest.mark.parametrize("phi", ["ranks", "histogram", "none"])
def test_by_the_bank_s_own_phi_and_alike_in_all_folds(study, phi):
    bank = study.bank(phi=phi)
    masks = action_unit_bank(bank).mask
    level = np.stack(list(action_unit_maps(bank.classes, bank.size).values()))
    for fold in masks:
        np.testing.assert_allclose(fold, apply_phi(level, phi), atol=1e-6)


def test_another_crop_shows_the_same_places(new_study):
    """A crop of twice the pixels, of a face of twice the size, holds the same map; a wider crop more around it."""
    for settings in (AlignSettings(face_size=(224, 192), crop_size=(140, 140)), AlignSettings(crop_size=(90, 90))):
        study = new_study(subjects=2, size=settings.crop_size)
        known = {"alignment": alignment_id(settings), "alignment_settings": settings.as_json()}
        bank = study.bank(**known)
        level = action_unit_maps(("fear",), bank.size, bank_matrix(bank))["fear"]
        plain = action_unit_maps(("fear",), (70, 70))["fear"]
        inner = level[10:80, 10:80] if settings.crop_size == (90, 90) else level.reshape(70, 2, 70, 2).mean(axis=(1, 3))
        np.testing.assert_allclose(inner, plain, atol=0.05)
