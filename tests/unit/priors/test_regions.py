import numpy as np
import pytest

from facemotion.alignment.geometry import alignment_id
from facemotion.alignment.settings import AlignSettings
from facemotion.priors.regions import REGIONS, bank_matrix, energy, region_pixels


def test_the_boxes_of_the_standard_crop():
    pixels = region_pixels((70, 70))
    for found, boxes in zip(pixels, REGIONS.values(), strict=True):
        expected = np.zeros((70, 70), bool)
        for top, bottom, left, right in boxes:
            expected[top:bottom, left:right] = True
        np.testing.assert_array_equal(found, expected)


def test_energy_is_the_mean_in_a_region():
    masks = np.zeros((2, 3, 70, 70), np.float32)
    masks[0, 1, :8, 8:62] = 0.5
    masks[1, 2] = np.nan
    found = energy(masks, region_pixels((70, 70)))
    assert found.shape == (2, 3, len(REGIONS))
    assert found[0, 1].tolist() == [0.5] + [0] * (len(REGIONS) - 1)
    assert np.isnan(found[1, 2]).all()


def test_a_region_outside_the_crop_has_none():
    matrix = np.array([[1.0, 0, 0], [0, 1.0, -30]])  # the crop begins 30 pixels further down
    found = energy(np.ones((40, 70)), region_pixels((40, 70), matrix))
    assert np.isnan(found[list(REGIONS).index("forehead")])
    assert found[list(REGIONS).index("chin")] == 1


def test_a_mask_of_other_size_shows_the_same_places_unless_its_alignment_says_otherwise(new_study):
    settings = AlignSettings(crop_size=(90, 80))
    bare = new_study(subjects=2, size=(140, 35)).bank()
    known = {"alignment": alignment_id(settings), "alignment_settings": settings.as_json()}
    wide = new_study(subjects=2, size=(90, 80)).bank(**known)
    np.testing.assert_allclose(bank_matrix(wide), [[1, 0, 5], [0, 1, 10]], atol=1e-9)
    inner = region_pixels(wide.size, bank_matrix(wide))[:, 10:80, 5:75]
    np.testing.assert_array_equal(inner, region_pixels((70, 70)))
    stretched = region_pixels(bare.size, bank_matrix(bare)).mean(axis=(1, 2))
    assert stretched == pytest.approx(region_pixels((70, 70)).mean(axis=(1, 2)), rel=0.15)
