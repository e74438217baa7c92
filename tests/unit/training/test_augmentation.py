"""Changed faces: what is drawn, what becomes of colour, gray and prior, and that by default nothing changes."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from facemotion.training.augmentation import Looks, change, draw_looks
from facemotion.training.batches import Batch
from facemotion.training.losses import class_loss
from facemotion.training.settings import DataSettings

LUMA = torch.tensor([0.299, 0.587, 0.114]).reshape(1, 3, 1, 1)
NOTHING = {
    "brightness": 1.0,
    "contrast": 1.0,
    "saturation": 1.0,
    "left": 0,
    "top": 0,
    "right": 0,
    "bottom": 0,
    "other": 0,
}


def settings(**given_: float) -> DataSettings:
    return DataSettings(resize=10, crop=10, **given_)


def looks(number: int = 2, **given_: float) -> Looks:
    return Looks(**{name: torch.full((number,), float(value)) for name, value in (NOTHING | given_).items()})


def faces(number: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(0)
    return torch.rand(number, 3, 10, 10, generator=random), torch.rand(number, 1, 10, 10, generator=random)


def test_nothing_is_drawn_by_default_so_that_what_follows_is_as_it_was() -> None:
    generator = torch.Generator().manual_seed(3)
    before = generator.get_state()
    assert draw_looks(5, settings(), generator) is None
    assert torch.equal(generator.get_state(), before)


@given(st.floats(0, 0.9), st.floats(0, 1), st.floats(0, 0.5), st.integers(0, 99))
def test_what_is_drawn_stays_within_what_is_set(jitter: float, erasing: float, mixing: float, seed: int) -> None:
    drawn = draw_looks(50, settings(jitter=jitter, erasing=erasing, mixing=mixing), torch.Generator().manual_seed(seed))
    if drawn is None:
        assert (jitter, erasing, mixing) == (0, 0, 0)
        return
    own = Looks(*drawn)
    assert (drawn[:3] >= 1 - jitter - 1e-6).all()
    assert (drawn[:3] <= 1 + jitter + 1e-6).all()
    assert (drawn[3:7] >= 0).all()
    assert (drawn[3:7] <= 1 + 1e-6).all()
    assert ((own.right - own.left) * (own.bottom - own.top) <= 0.2 + 1e-6).all()
    assert (own.other <= mixing).all()


def test_about_as_many_faces_are_erased_as_is_set() -> None:
    own = Looks(*draw_looks(2000, settings(erasing=0.3), torch.Generator().manual_seed(0)))
    assert 0.25 < (own.right > own.left).float().mean() < 0.35


def test_faces_that_are_not_changed_stay_as_they_are() -> None:
    color, prior = faces()
    same, gray, mask = change(color, prior, looks(), LUMA)
    torch.testing.assert_close(same, color)
    torch.testing.assert_close(gray, (color * LUMA).sum(1, keepdim=True))
    assert torch.equal(mask, prior)


def test_brightness_contrast_and_saturation_are_what_they_are_called() -> None:
    color, prior = faces()
    color = 0.2 + 0.3 * color  # nothing is clipped
    luma = (color * LUMA).sum(1, keepdim=True)
    torch.testing.assert_close(change(color, prior, looks(brightness=1.5), LUMA)[0], 1.5 * color)
    torch.testing.assert_close(change(color, prior, looks(saturation=0), LUMA)[0], luma.expand_as(color))
    flat = change(color, prior, looks(contrast=0), LUMA)[0]
    torch.testing.assert_close(flat, luma.mean(dim=(2, 3), keepdim=True).expand_as(color))


def test_an_erased_rectangle_is_flat_in_colour_and_gray_and_nothing_moves_there() -> None:
    color, prior = faces()
    changed, gray, mask = change(color, prior, looks(left=0.2, top=0.5, right=0.6, bottom=1.0), LUMA)
    inside = torch.zeros(10, 10, dtype=torch.bool)
    inside[5:, 2:6] = True
    assert (mask[..., inside] == 0).all()
    assert torch.equal(mask[..., ~inside], prior[..., ~inside])
    torch.testing.assert_close(changed[..., ~inside], color[..., ~inside])
    assert changed[..., inside].std(dim=-1).max() < 1e-6
    torch.testing.assert_close(gray, (changed * LUMA).sum(1, keepdim=True))


def test_a_mixture_is_one_in_colour_gray_prior_and_answer() -> None:
    color, prior = faces(3)
    changed, gray, mask = change(color, prior, looks(3, other=0.25), LUMA)
    torch.testing.assert_close(changed, 0.75 * color + 0.25 * color.roll(-1, 0))
    torch.testing.assert_close(mask, 0.75 * prior + 0.25 * prior.roll(-1, 0))
    torch.testing.assert_close(gray, (changed * LUMA).sum(1, keepdim=True))
    labels, weight = torch.tensor([0, 1, 2]), torch.full((3,), 1 / 3)
    plain = Batch(changed, gray, mask, labels, weight, weight, 3)
    mixed = Batch(changed, gray, mask, labels, weight, weight, 3, labels.roll(-1), torch.full((3,), 0.25))
    turned = Batch(changed, gray, mask, labels.roll(-1), weight, weight, 3)
    logits = torch.rand(3, 4)
    expected = 0.75 * class_loss(logits, plain) + 0.25 * class_loss(logits, turned)
    torch.testing.assert_close(class_loss(logits, mixed), expected)


@pytest.mark.parametrize("given_", [{"jitter": 1.0}, {"erasing": 1.5}, {"mixing": 0.6}, {"mixing": -0.1}])
def test_settings_out_of_range_are_refused(given_) -> None:
    with pytest.raises(ValueError, match=next(iter(given_))):
        settings(**given_)
