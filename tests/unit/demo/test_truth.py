"""Which crop pixels an expression moves, according to the mesh."""

import numpy as np

from facemotion.alignment.settings import AlignSettings
from facemotion.demo.identity import build_subject
from facemotion.demo.truth import displacement, moving_share

SETTINGS = AlignSettings()
MOUTH, NOSE, BROWS = (slice(52, 68), slice(25, 45)), (slice(28, 36), slice(32, 38)), (slice(0, 6), slice(8, 62))


def test_no_expression_moves_nothing():
    assert displacement(build_subject(0), "surprise", SETTINGS, intensity=0.0).max() < 1e-6


def test_expressions_move_what_their_action_units_move():
    found = {kind: displacement(build_subject(0), kind, SETTINGS) for kind in ("surprise", "happiness", "anger")}
    assert found["surprise"][MOUTH].mean() > 4
    assert found["surprise"][BROWS].mean() > 1
    assert found["happiness"][BROWS].mean() < 0.5
    assert found["anger"][BROWS].mean() > 1
    for kind in ("surprise", "happiness"):
        assert found[kind][NOSE].mean() < 0.6


def test_stronger_moves_further():
    weak, strong = (displacement(build_subject(1), "fear", SETTINGS, intensity=share).mean() for share in (0.4, 0.8))
    assert 0 < weak < strong


def test_contempt_is_one_sided():
    found = displacement(build_subject(0), "contempt", SETTINGS)
    left, right = found[30:, :30].mean(), found[30:, 40:].mean()
    assert max(left, right) > 3 * min(left, right)


def test_the_size_of_the_crop_is_that_of_the_settings():
    found = displacement(build_subject(0), "fear", AlignSettings(crop_size=(40, 50)))
    assert found.shape == (40, 50)


def test_share_of_subjects():
    share = moving_share([0, 1], "surprise", SETTINGS, threshold=1.0)
    assert set(np.unique(share).tolist()) <= {0.0, 0.5, 1.0}
    assert share[MOUTH].mean() > 0.9
