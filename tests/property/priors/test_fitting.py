"""A bank that was scaled and shifted by a known amount is brought back."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from facemotion.priors.agreement import agree, agreement
from facemotion.priors.bank import PriorBank, PriorMeta
from facemotion.priors.fitting import central, fit_banks, fit_masks
from facemotion.priors.resampling import resample

CLASSES = ("anger", "happiness", "surprise")
SIDES = st.sampled_from([(70, 70), (81, 81), (64, 60)])
SCALE_TOLERANCE, SHIFT_TOLERANCE = 0.005, 0.1  # as a share, and in pixels


def bank_of(masks: np.ndarray) -> PriorBank:
    """Return a bank of masks, (3, H, W), for all subjects."""
    kept = masks[None].astype(np.float32)
    meta = PriorMeta(
        classes=CLASSES,
        dataset="demo",
        alignment="a" * 16,
        neutral="subject",
        fold_scheme="none",
        folds_digest="",
        manifest_digest="",
        left_out=(),
        versions={},
        origins=({"operation": "build"},),
    )
    return PriorBank(mean=kept, mask=kept, count=np.ones((1, 3), dtype=np.int64), meta=meta)


def masks_of(seed: int) -> np.ndarray:
    """Return three smooth masks that share a part, in [0, 1]."""
    random = np.random.default_rng(seed)
    common, own = random.normal(size=(70, 70)), random.normal(size=(3, 70, 70))
    smooth = np.stack([gaussian_filter(common + each, 2.5, mode="reflect") for each in own])
    low, high = smooth.min(axis=(1, 2), keepdims=True), smooth.max(axis=(1, 2), keepdims=True)
    return (smooth - low) / (high - low)


def carried(masks: np.ndarray, scale: float, shift: tuple[float, float], size: tuple[int, int]) -> np.ndarray:
    middle = [scale * (old - 1) / 2 for old in masks.shape[1:]]
    x, y = (size[1] - 1) / 2 + shift[0] - middle[1], (size[0] - 1) / 2 + shift[1] - middle[0]
    return resample(masks, np.array([[scale, 0, x], [0, scale, y]]), size, order=3).clip(0, 1)


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    stretch=st.floats(0.9, 1.12),
    shift=st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
    size=SIDES,
)
def test_a_bank_that_was_moved_is_brought_back(seed, stretch, shift, size):
    masks, scale = masks_of(seed), stretch * size[0] / 70
    first, moved = bank_of(masks), bank_of(carried(masks, scale, shift, size))
    fit = fit_banks(first, moved)
    assert fit.scale == pytest.approx(1 / scale, rel=SCALE_TOLERANCE)
    expected = [-each / scale for each in shift]
    assert fit.shift == pytest.approx(expected, abs=SHIFT_TOLERANCE)
    assert fit.after > 0.99
    found = agreement(first, moved, fit=fit)
    assert min(*found.same, *found.own) > 0.98
    assert found.region == fit.region


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_of_identical_banks_it_is_the_identity(seed):
    bank = bank_of(masks_of(seed))
    fit = fit_banks(bank, bank)
    assert (fit.scale, fit.shift, fit.region) == (1.0, (0.0, 0.0), central((70, 70)))
    assert fit.before == fit.after == pytest.approx(1)
    assert fit.carry(bank.mask) is bank.mask
    found = agreement(bank, bank, fit=fit)
    np.testing.assert_allclose([*found.same, *found.own], 1)


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), other=st.integers(0, 2**32 - 1))
def test_it_never_agrees_less_than_without_and_draws_nothing(seed, other):
    first, second = masks_of(seed).mean(axis=0), masks_of(other).mean(axis=0)
    fit = fit_masks(first, second)
    assert fit.before is not None
    assert fit.after >= fit.before
    assert fit_masks(first, second) == fit


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), order=st.permutations(range(3)), gain=st.floats(0.2, 1), rise=st.floats(0, 0.5))
def test_agreement_does_not_depend_on_order_or_brightness(seed, order, gain, rise):
    masks = masks_of(seed)
    other = np.clip(masks + np.random.default_rng(seed).normal(size=masks.shape) / 5, 0, 1)
    sides = [dict(zip(CLASSES, side, strict=True)) for side in (masks, other)]
    plain = agree(*sides, region=(0, 70, 0, 70))
    turned = {CLASSES[index]: gain * sides[0][CLASSES[index]] + rise for index in order}
    found = agree(turned, sides[1], region=(0, 70, 0, 70))
    assert found.classes == tuple(CLASSES[index] for index in order)
    for kind in ("same", "other", "own"):
        np.testing.assert_allclose(getattr(found, kind), getattr(plain, kind)[list(order)], atol=1e-9)
    back = agree(sides[1], sides[0], region=(0, 70, 0, 70))
    for kind in ("same", "other", "own"):
        np.testing.assert_allclose(getattr(back, kind), getattr(plain, kind), atol=1e-12)


def test_a_class_that_one_side_lacks_does_not_count():
    masks = masks_of(0)
    bank, lacking = bank_of(masks), bank_of(masks)
    present = np.array([1, 1, 0])
    shown = present[:, None, None].astype(np.float32)
    lacking = replace(
        lacking, mean=lacking.mean * shown, mask=lacking.mask * shown, count=lacking.count * present.astype(np.int64)
    )
    assert fit_banks(bank, lacking).classes == agreement(bank, lacking).classes == ("anger", "happiness")
