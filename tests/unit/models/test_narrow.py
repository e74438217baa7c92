"""Convolutions from and to one channel: by rows they are what torch computes."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from facemotion.models.mask_generator import MaskGenerator
from facemotion.models.narrow import NarrowConv2d, compute_by_rows, from_one, to_one

FORMS = ((1, from_one), (0, to_one))


def both(features: torch.Tensor, weight: torch.Tensor, form, aligned: int):
    """Return results and gradients of a form, and those of torch's own convolution."""
    found = []
    for function in (
        lambda x, w: form(x, w, aligned=aligned),
        lambda x, w: functional.conv2d(x, w, padding=w.shape[-1] // 2),
    ):
        x, w = features.clone().requires_grad_(), weight.clone().requires_grad_()
        out = function(x, w)
        (out * torch.linspace(-1, 1, out.numel()).reshape(out.shape)).sum().backward()
        found.append((out.detach(), x.grad, w.grad))
    return found


@settings(max_examples=20, deadline=None)
@given(
    kernel=st.sampled_from([1, 3, 5, 7]),
    aligned=st.sampled_from([1, 8]),
    channels=st.integers(1, 5),
    size=st.tuples(st.integers(1, 3), st.integers(1, 12), st.integers(1, 12)),
    narrow=st.sampled_from(FORMS),
)
def test_results_and_gradients_are_those_of_an_ordinary_convolution(kernel, aligned, channels, size, narrow) -> None:
    number, height, width = size
    enters, form = narrow
    random = torch.Generator().manual_seed(kernel + channels)
    features = torch.rand(number, 1 if enters else channels, height, width, generator=random, dtype=torch.float64)
    shape = (channels, 1, kernel, kernel) if enters else (1, channels, kernel, kernel)
    weight = torch.rand(shape, generator=random, dtype=torch.float64)
    for one, other in zip(*both(features, weight, form, aligned), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-4)  # `to_one` adds up in float32


@pytest.mark.parametrize(("enters", "form"), FORMS)
def test_in_bf16_they_differ_by_its_rounding(enters: int, form) -> None:
    random = torch.Generator().manual_seed(0)
    features = torch.rand(2, 1 if enters else 16, 40, 40, generator=random)
    weight = torch.randn((16, 1, 7, 7) if enters else (1, 16, 7, 7), generator=random) / 28
    exact = functional.conv2d(features, weight, padding=3)
    with torch.autocast("cpu", torch.bfloat16):
        direct, rows = functional.conv2d(features, weight, padding=3), form(features, weight, aligned=8)
    assert direct.dtype == rows.dtype == torch.bfloat16
    worst = (direct.float() - exact).abs().max()
    assert (rows.float() - exact).abs().max() <= 2 * worst


def test_the_form_is_a_matter_of_training_alone() -> None:
    torch.manual_seed(0)
    network, faces = MaskGenerator(4, 1), torch.rand(2, 1, 20, 20)
    names = list(network.state_dict())
    before = network.eval()(faces)
    compute_by_rows(network, True)
    assert torch.equal(network(faces), before)
    assert list(network.state_dict()) == names
    rows = network.train()(faces)
    compute_by_rows(network, False)
    direct = network(faces)
    assert not torch.equal(rows, direct)
    torch.testing.assert_close(rows, direct, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("channels", "out", "kernel"), [(2, 3, 7), (1, 3, 4)])
def test_other_convolutions_are_refused(channels: int, out: int, kernel: int) -> None:
    with pytest.raises(ValueError, match="one channel and an odd side"):
        NarrowConv2d(channels, out, kernel)
