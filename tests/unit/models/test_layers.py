"""The networks against a slow re-derivation from the layer table, with explicit loops and equal weights."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from facemotion.models.fmpn import FMPN
from facemotion.models.fusion import FusionNet
from facemotion.models.mask_generator import MaskGenerator
from facemotion.models.narrow import NarrowConv2d
from facemotion.models.network import Network
from facemotion.training.settings import load_preset

EPS = 1e-5


def conv(x: np.ndarray, weight: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """Convolve (C, H, W) by loops over the kernel's taps."""
    out, _, kernel, _ = weight.shape
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    height, width = ((side - kernel) // stride + 1 for side in x.shape[1:])
    y = np.zeros((out, height, width))
    for i, j in itertools.product(range(kernel), repeat=2):
        taps = x[:, i : i + stride * height : stride, j : j + stride * width : stride]
        y += np.einsum("oc,chw->ohw", weight[:, :, i, j], taps)
    return y


def transposed(x: np.ndarray, weight: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scatter each pixel into a 4x4 patch at stride 2, then cut off the padding of 1."""
    _, out, kernel, _ = weight.shape
    y = np.zeros((out, 2 * x.shape[1] + 8, 2 * x.shape[2] + 8))
    for i, j in itertools.product(range(x.shape[1]), range(x.shape[2])):
        y[:, 2 * i : 2 * i + kernel, 2 * j : 2 * j + kernel] += np.einsum("c,cokl->okl", x[:, i, j], weight)
    return y[:, 1 : 1 + size[0], 1 : 1 + size[1]]


def norm(x: np.ndarray, weights: dict[str, np.ndarray], name: str) -> np.ndarray:
    mean, variance = weights[f"{name}.running_mean"], weights[f"{name}.running_var"]
    scale = weights[f"{name}.weight"] / np.sqrt(variance + EPS)
    return x * scale[:, None, None] + (weights[f"{name}.bias"] - mean * scale)[:, None, None]


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def block(x: np.ndarray, weights: dict[str, np.ndarray], name: str) -> np.ndarray:
    y = x
    for layer in (0, 3):
        y = norm(conv(y, weights[f"{name}.body.{layer}.weight"], 1, 1), weights, f"{name}.body.{layer + 1}")
        y = np.where(y > 0, y, weights[f"{name}.body.{layer + 2}.weight"] * y)
    return x + y


def generator(gray: np.ndarray, weights: dict[str, np.ndarray], blocks: int) -> list[np.ndarray]:
    """Return what each layer gives for a (1, H, W) face."""
    layers = [relu(norm(conv(gray, weights["enter.0.weight"], 1, 3), weights, "enter.1"))]
    for number in range(2):
        x = conv(layers[-1], weights[f"down.{number}.0.weight"], 2, 1)
        layers.append(relu(norm(x, weights, f"down.{number}.1")))
    for number in range(blocks):
        layers.append(block(layers[-1], weights, f"blocks.{number}"))
    for number, size in ((0, layers[1].shape[1:]), (1, layers[0].shape[1:])):
        x = transposed(layers[-1], weights[f"up.{number}.conv.weight"], size)
        layers.append(relu(norm(x, weights, f"up.{number}.norm")))
    layers.append(sigmoid(conv(layers[-1], weights["leave.weight"], 1, 3)))
    return layers


def disturbed(network: nn.Module, seed: int) -> dict[str, np.ndarray]:
    """Give every weight and statistic a value of its own; return them in float64."""
    random = torch.Generator().manual_seed(seed)
    state = network.state_dict()
    for name, value in state.items():
        if name.endswith("running_var"):
            state[name] = torch.rand(value.shape, generator=random) + 0.5
        elif value.dtype.is_floating_point:
            state[name] = torch.randn(value.shape, generator=random) * 0.3
    network.load_state_dict(state)
    return {name: value.double().numpy() for name, value in network.state_dict().items()}


@pytest.mark.parametrize("size", [(13, 13), (16, 11), (9, 18), (4, 5)])
def test_mask_generator_computes_the_layers_of_the_table(size: tuple[int, int]) -> None:
    network = MaskGenerator(width=3, blocks=2).eval()
    weights = disturbed(network, seed=sum(size))
    gray = torch.rand(1, 1, *size, generator=torch.Generator().manual_seed(1))
    seen: list[torch.Tensor] = []
    for part in (network.enter, *network.down, *network.blocks, *network.up):
        part.register_forward_hook(lambda module, inputs, output: seen.append(output))
    with torch.no_grad():
        mask = network(gray)
    expected = generator(gray[0].double().numpy(), weights, blocks=2)
    assert len(seen) == len(expected) - 1
    for own, reference in zip([*seen, mask], expected, strict=True):
        np.testing.assert_allclose(own[0].numpy(), reference, atol=2e-4, rtol=1e-3)
    assert mask.shape == gray.shape


def test_fusion_net_computes_the_layers_of_the_table() -> None:
    network = FusionNet().eval()
    weights = disturbed(network, seed=5)
    color, gray, mask = (torch.rand(1, channels, 9, 7) for channels in (3, 1, 1))
    with torch.no_grad():
        fused = network(color, gray, mask)[0].numpy()
    x = relu(norm(conv(color[0].double().numpy(), weights["whole.0.weight"], 1, 1), weights, "whole.1"))
    masked = (gray[0] * mask[0]).double().numpy()
    x = x + relu(norm(conv(masked, weights["masked.0.weight"], 1, 1), weights, "masked.1"))
    x = sigmoid(conv(block(x, weights, "block"), weights["leave.weight"], 1, 1))
    np.testing.assert_allclose(fused, x, atol=1e-5)


def test_the_reference_itself_agrees_with_torch() -> None:
    x, weight = torch.rand(2, 7, 6).double(), torch.rand(2, 3, 4, 4).double()
    own = transposed(x.numpy(), weight.numpy(), (14, 13))
    theirs = functional.conv_transpose2d(x[None], weight, stride=2, padding=1, output_padding=(0, 1))[0, :, :, :13]
    np.testing.assert_allclose(own, theirs.numpy())


def test_numbers_of_parameters_are_the_published_ones() -> None:
    assert sum(weight.numel() for weight in MaskGenerator().parameters()) == 6_040_968
    assert sum(weight.numel() for weight in FusionNet().parameters()) == 377


def test_parameters_by_kind_are_the_published_ones() -> None:
    kinds: dict[type[nn.Module], int] = {}
    for module in MaskGenerator().modules():
        own = sum(weight.numel() for weight in module.parameters(recurse=False))
        kinds[type(module)] = kinds.get(type(module), 0) + own
    assert kinds[nn.Conv2d] + kinds[NarrowConv2d] + kinds[nn.ConvTranspose2d] == 6_035_584
    assert kinds[nn.BatchNorm2d] == 5_376
    assert kinds[nn.PReLU] == 8
    assert all(module.bias is None for module in MaskGenerator().modules() if isinstance(module, nn.Conv2d))


def test_shapes_of_the_fusion_net_and_the_whole_at_299_pixels() -> None:
    with torch.device("meta"):
        model = FMPN(7)
        shapes: list[tuple[int, ...]] = []
        fusion = model.fusion
        for part in (*fusion.whole, *fusion.masked, *fusion.block.body, fusion.block, fusion.leave):
            part.register_forward_hook(lambda module, inputs, output: shapes.append(tuple(output.shape)))
        seen: list[tuple[int, ...]] = []
        model.classifier.register_forward_pre_hook(lambda module, inputs: seen.append(tuple(inputs[0].shape)))
        logits, mask, _ = model.eval()(torch.empty(2, 3, 299, 299), torch.empty(2, 1, 299, 299))
    assert shapes == [(2, 3, 299, 299)] * 14  # 2 branches of 3 layers, 6 layers of the block, the block, the last
    assert seen == [(2, 3, 299, 299)]
    assert logits.shape == (2, 7)
    assert mask is not None
    assert mask.shape == (2, 1, 299, 299)


def test_the_classifier_is_inception_v3_with_seven_classes() -> None:
    from torchvision.models import inception_v3

    with torch.device("meta"):
        own = Network(7).classifier
        theirs = inception_v3(weights=None, init_weights=False, aux_logits=False, num_classes=7)
    expected = {name: tuple(value.shape) for name, value in theirs.state_dict().items()}
    assert {name: tuple(value.shape) for name, value in own.state_dict().items()} == expected
    assert theirs.dropout.p == load_preset("paper").model.dropout


def test_a_fused_face_lies_between_0_and_1_whatever_the_weights() -> None:
    network = FusionNet().eval()
    disturbed(network, seed=2)
    fused = network(torch.rand(2, 3, 31, 30), torch.rand(2, 1, 31, 30), torch.rand(2, 1, 31, 30))
    assert fused.shape == (2, 3, 31, 30)
    assert 0 <= fused.min() < fused.max() <= 1


def test_shapes_at_299_pixels_are_those_of_the_table() -> None:
    with torch.device("meta"):
        network = MaskGenerator()
        shapes: list[tuple[int, ...]] = []
        for part in (network.enter, *network.down, *network.blocks, *network.up):
            part.register_forward_hook(lambda module, inputs, output: shapes.append(tuple(output.shape[1:])))
        mask = network(torch.empty(1, 1, 299, 299))
    inner = [(256, 74, 74)] * 5
    assert shapes == [(64, 299, 299), (128, 149, 149), *inner, (128, 149, 149), (64, 299, 299)]
    assert mask.shape == (1, 1, 299, 299)


@pytest.mark.parametrize("size", range(16, 24))
def test_a_mask_is_as_large_as_its_face_and_between_0_and_1(size: int) -> None:
    network = MaskGenerator(width=8, blocks=1)
    disturbed(network, seed=size)
    mask = network.eval()(torch.rand(2, 1, size, size + 1))
    assert mask.shape == (2, 1, size, size + 1)
    assert 0 <= mask.min() < mask.max() <= 1
