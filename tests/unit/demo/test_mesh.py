import numpy as np
import pytest

from facemotion.demo.mesh import EYES, GROUPS, load_head


def test_the_head_has_every_part():
    head = load_head()
    assert set(head.group.tolist()) == set(range(len(GROUPS)))
    assert head.triangles.max() < len(head.base)
    assert set(head.masks) == {"lips", "eyelids", "ears"}


def test_the_subjects_left_eye_lies_at_positive_x():
    head = load_head()
    left, right = (head.base[head.vertices(group)].mean(axis=0) for group in EYES)
    assert left[0] > 0 > right[0]


def test_morphing_is_linear_and_leaves_the_base_alone():
    head = load_head()
    before = head.base.copy()
    once, twice = (head.morph({"fu/jawOpen": weight}) - head.base for weight in (0.5, 1.0))
    assert np.allclose(2 * once, twice)
    assert np.abs(twice).max() > 0.05
    assert np.array_equal(head.base, before)


def test_an_unknown_target_is_a_key_error():
    with pytest.raises(KeyError):
        load_head().morph({"fu/noSuchUnit": 1.0})
