"""Any timm model is a classifier, for faces of the size that it is trained with."""

import pytest
import timm
import torch
from safetensors.torch import save_file
from torch import nn

from facemotion.errors import ConfigError
from facemotion.models.classifier import create_classifier, try_out


@pytest.mark.parametrize(
    "name", ["test_resnet", "test_vit", "test_efficientnet.r160_in1k", "test_convnext", "mixer_s32_224"]
)
def test_networks_of_every_kind_take_faces_of_the_size_that_is_set(name: str) -> None:
    model = create_classifier(name, 5, side=64)
    try_out(model, name, 5, 64)
    assert model(torch.rand(2, 3, 64, 64)).shape == (2, 5)


def test_a_network_of_one_size_that_cannot_be_given_another_keeps_its_own() -> None:
    model = create_classifier("xcit_nano_12_p8_224", 3, side=36)  # its patches do not divide 36
    try_out(model, "xcit_nano_12_p8_224", 3, 224)


def test_weights_of_a_transformer_are_brought_to_another_size(tmp_path) -> None:
    source = timm.create_model("test_vit", num_classes=10)
    with torch.no_grad():
        source.pos_embed.fill_(0.25)
    save_file(source.state_dict(), tmp_path / "vit.safetensors")
    own = create_classifier("test_vit", 3, pretrained=tmp_path / "vit.safetensors", side=64)
    assert own.pos_embed.shape != source.pos_embed.shape
    torch.testing.assert_close(own.pos_embed, torch.full_like(own.pos_embed, 0.25))
    assert torch.equal(own.patch_embed.proj.weight, source.patch_embed.proj.weight)


def test_trying_out_changes_nothing() -> None:
    model = create_classifier("test_resnet", 3)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    try_out(model, "test_resnet", 3, 32)
    assert model.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_faces_that_are_too_small_are_said_with_the_size_that_the_network_is_made_for() -> None:
    model = create_classifier("inception_v3", 7)
    with pytest.raises(
        ConfigError, match=r"'inception_v3' cannot take faces of 36 px .*made for 299: set data\.resize"
    ):
        try_out(model, "inception_v3", 7, 36)


def test_a_network_that_gives_something_else_than_a_number_a_class_is_refused() -> None:
    class Pair(nn.Module):
        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return x, x

    with pytest.raises(ConfigError, match=r"'pair' gives tuple for a face"):
        try_out(Pair(), "pair", 2, 8)
    with pytest.raises(ConfigError, match=r"'flat' gives \(1, 192\) for a face, not a number for each of 2 classes"):
        try_out(nn.Flatten(), "flat", 2, 8)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", r"no model ''; see timm\.list_models"),
        ("resnet18.nonsense", "cannot make 'resnet18.nonsense' for 7 classes"),
        ("hf-hub:somebody/net", "no model 'hf-hub:somebody/net'"),
    ],
)
def test_names_that_timm_does_not_know(name: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        create_classifier(name, 7)
