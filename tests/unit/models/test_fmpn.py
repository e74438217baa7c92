import pytest
import timm
import torch
from safetensors.torch import save_file
from torch import nn

from facemotion.config import make
from facemotion.errors import ConfigError, EnvironmentProblem
from facemotion.models import variants
from facemotion.models.fmpn import FMPN
from facemotion.models.network import Network, initialise
from facemotion.models.settings import ModelSettings

SMALL = {"classifier": "test_resnet", "width": 2, "blocks": 1, "dropout": 0.0}


def network(kind: type[Network] = Network, classes: int = 7, **settings) -> Network:
    return kind(classes, ModelSettings(**{**SMALL, **settings}))


def faces(number: int = 2, size: int = 32) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(7)
    return torch.rand(number, 3, size, size, generator=random), torch.rand(number, 1, size, size, generator=random)


def test_gives_logits_and_a_mask() -> None:
    logits, mask, _ = network(FMPN)(*faces())
    assert logits.shape == (2, 7)
    assert mask is not None
    assert mask.shape == (2, 1, 32, 32)


def test_the_baseline_has_a_classifier_and_nothing_else() -> None:
    model = network(classes=6)
    logits, mask, _ = model(*faces())
    assert logits.shape == (2, 6)
    assert mask is None
    assert {name.split(".")[0] for name in model.state_dict()} == {"classifier"}


def test_with_one_seed_all_variants_begin_with_the_same_weights() -> None:
    states = {}
    for name in variants.names():
        torch.manual_seed(3)
        states[name] = variants.build(name, 7, ModelSettings(**SMALL)).state_dict()
    for state in states.values():
        assert all(torch.equal(value, state[name]) for name, value in states["cnn"].items())
    assert states["fmpn"].keys() == states["no-mask-loss"].keys()
    assert all(torch.equal(value, states["no-mask-loss"][name]) for name, value in states["fmpn"].items())


class Spy(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.seen = torch.empty(0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.seen = x
        return x.mean(dim=(2, 3))


def test_the_classifier_sees_the_range_that_its_weights_expect() -> None:
    model = Network(3)
    model.classifier = Spy()
    color, gray = faces()
    model(color, gray)
    torch.testing.assert_close(model.classifier.seen, color * 2 - 1)  # inception_v3.tv_in1k: mean and deviation 0.5


def test_as_released_computes_torchvisions_transform_input() -> None:
    model = Network(3, ModelSettings(input_range="as-released"))
    model.classifier = Spy()
    color, gray = faces()
    model(color, gray)
    for channel, (mean, std) in enumerate([(0.485, 0.229), (0.456, 0.224), (0.406, 0.225)]):
        expected = color[:, channel] * (std / 0.5) + (mean - 0.5) / 0.5
        torch.testing.assert_close(model.classifier.seen[:, channel], expected)


def test_initialises_as_the_released_code_does() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(64, 128, 5), nn.BatchNorm2d(4096), nn.Linear(300, 500))
    initialise(network)
    conv, norm, linear = network
    assert conv.weight.std().item() == pytest.approx(0.02 * (2 / (25 * (64 + 128))) ** 0.5, rel=0.02)
    assert linear.weight.std().item() == pytest.approx(0.02 * (2 / 800) ** 0.5, rel=0.02)
    assert norm.weight.mean().item() == pytest.approx(1, abs=0.002)
    assert norm.weight.std().item() == pytest.approx(0.02, rel=0.1)
    assert not conv.bias.any()
    assert not norm.bias.any()


def test_inception_is_initialised_so_and_other_networks_as_timm_does() -> None:
    torch.manual_seed(0)
    assert Network(7).classifier.fc.weight.std().item() < 0.001
    torch.manual_seed(0)
    reference = timm.create_model("test_resnet", num_classes=7)
    torch.manual_seed(0)
    own = network().classifier
    assert all(torch.equal(value, own.state_dict()[name]) for name, value in reference.state_dict().items())


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_takes_weights_from_a_local_file_but_for_the_last_layer(tmp_path, suffix) -> None:
    source = timm.create_model("test_resnet", num_classes=1000)
    path = tmp_path / f"weights{suffix}"
    save_file(source.state_dict(), path) if suffix == ".safetensors" else torch.save(source.state_dict(), path)
    own = network(pretrained=str(path)).classifier
    assert torch.equal(own.conv1[0].weight, source.conv1[0].weight)
    assert own.fc.weight.shape[0] == 7


def test_takes_torchvisions_inception_as_the_authors_did(tmp_path) -> None:
    from torchvision.models import inception_v3

    source = inception_v3(weights=None, init_weights=False, aux_logits=True)
    torch.save(source.state_dict(), tmp_path / "inception.pth")
    own = Network(7, ModelSettings(pretrained=str(tmp_path / "inception.pth"))).eval()
    color, gray = torch.rand(1, 3, 80, 80), torch.rand(1, 1, 80, 80)
    source.fc = own.classifier.fc  # the last layer is new
    with torch.no_grad():
        torch.testing.assert_close(own(color, gray).logits, source.eval()(color * 2 - 1), atol=1e-4, rtol=1e-3)


class TestErrors:
    def test_unknown_network(self) -> None:
        with pytest.raises(ConfigError, match=r"no model 'resnet10x'; similar ones: .*resnet"):
            Network(7, ModelSettings(classifier="resnet10x"))

    def test_unknown_variant(self) -> None:
        with pytest.raises(ConfigError, match="unknown variant 'mlp'"):
            variants.load("mlp")

    def test_missing_weights(self, tmp_path) -> None:
        with pytest.raises(ConfigError, match=r"pretrained = '.*absent\.pth' is not allowed.*does not exist"):
            make(ModelSettings, {"pretrained": str(tmp_path / "absent.pth")})

    def test_weights_that_are_gone(self, tmp_path) -> None:
        path = tmp_path / "weights.pth"
        torch.save({}, path)
        settings = ModelSettings(pretrained=path)
        path.unlink()
        with pytest.raises(ConfigError, match=r"--pretrained: .*weights\.pth does not exist any more"):
            Network(7, settings)

    def test_weights_of_another_network(self, tmp_path) -> None:
        path = tmp_path / "other.safetensors"
        save_file({"layer.weight": torch.zeros(2, 2)}, path)
        with pytest.raises(EnvironmentProblem, match="not those of 'test_resnet'"):
            network(pretrained=str(path))

    def test_pickles_are_refused(self, tmp_path) -> None:
        path = tmp_path / "pickle.pth"
        torch.save(nn.Linear(2, 2), path)
        with pytest.raises(EnvironmentProblem, match="pickled objects are not loaded"):
            network(pretrained=str(path))

    def test_a_folder_is_no_file_of_weights(self, tmp_path) -> None:
        with pytest.raises(ConfigError, match="is a folder; a file is needed"):
            make(ModelSettings, {"pretrained": str(tmp_path)})

    def test_half_a_file_of_weights(self, tmp_path) -> None:
        path = tmp_path / "half.pth"
        torch.save(timm.create_model("test_resnet").state_dict(), path)
        path.write_bytes(path.read_bytes()[:2000])
        with pytest.raises(EnvironmentProblem, match=r"half\.pth cannot be loaded into 'test_resnet'"):
            network(pretrained=str(path))

    def test_weights_of_a_larger_network_name_what_does_not_fit(self, tmp_path) -> None:
        path = tmp_path / "larger.safetensors"
        state = timm.create_model("test_resnet").state_dict()
        save_file({**state, "conv1.0.weight": torch.zeros(99, 3, 3, 3)}, path)
        with pytest.raises(EnvironmentProblem, match=r"not those of 'test_resnet' \(.*conv1\.0\.weight"):
            network(pretrained=str(path))

    def test_no_network(self, monkeypatch) -> None:
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")

        def offline(*args, **kwargs):
            raise OSError("no network")

        monkeypatch.setattr("timm.models._builder.load_pretrained", offline)
        with pytest.raises(EnvironmentProblem, match=r"OSError: no network.*local file"):
            network(pretrained=True)
