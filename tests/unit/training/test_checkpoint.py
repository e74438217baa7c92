import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from facemotion.errors import WorkspaceError
from facemotion.training.checkpoint import load_model, load_state, read_header, save_model, save_state


def network(channels: int = 3) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(1, channels, 3), nn.BatchNorm2d(channels))


def stepped(model: nn.Module) -> torch.optim.Adam:
    optimiser = torch.optim.Adam(model.parameters(), lr=0.1)
    model(torch.rand(2, 1, 5, 5)).square().mean().backward()
    optimiser.step()
    return optimiser


def test_weights_come_back_with_their_header(tmp_path) -> None:
    model, other = network(), network()
    save_model(tmp_path / "m.safetensors", model, header={"classes": ["anger"], "variant": "cnn"})
    header = load_model(tmp_path / "m.safetensors", other)
    assert header == read_header(tmp_path / "m.safetensors") == {"classes": ["anger"], "variant": "cnn"}
    assert all(torch.equal(value, other.state_dict()[name]) for name, value in model.state_dict().items())


def test_a_state_holds_the_moments_of_the_optimiser(tmp_path) -> None:
    model, other = network(), network()
    optimiser = stepped(model)
    fresh = torch.optim.Adam(other.parameters(), lr=0.1)
    save_state(tmp_path / "s.safetensors", model, optimiser, header={"key": "k"})
    assert load_state(tmp_path / "s.safetensors", other, fresh) == {"key": "k"}
    before, after = optimiser.state_dict()["state"], fresh.state_dict()["state"]
    assert before.keys() == after.keys()
    for number, moments in before.items():
        assert all(torch.equal(torch.as_tensor(value), after[number][name]) for name, value in moments.items())


def test_moments_lie_in_memory_as_their_weights_do(tmp_path) -> None:
    """Fused Adam pairs weights and moments by their place in memory."""
    model, other = (
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)).to(memory_format=torch.channels_last)  # type: ignore
        for _ in range(2)
    )
    optimiser = torch.optim.Adam(model.parameters(), lr=0.1, fused=True)
    fresh = torch.optim.Adam(other.parameters(), lr=0.1, fused=True)
    faces = torch.rand(2, 3, 5, 5)

    def step(network: nn.Module, adam: torch.optim.Adam) -> None:
        adam.zero_grad()
        network(faces).square().mean().backward()
        adam.step()

    step(model, optimiser)
    save_state(tmp_path / "s.safetensors", model, optimiser, header={})
    load_state(tmp_path / "s.safetensors", other, fresh)
    weight = other[0].weight
    assert fresh.state[weight]["exp_avg"].stride() == weight.stride()
    step(model, optimiser)
    step(other, fresh)
    assert all(torch.equal(value, other.state_dict()[name]) for name, value in model.state_dict().items())


def test_the_same_weights_give_the_same_bytes(tmp_path) -> None:
    model = network()
    for name in ("a", "b"):
        save_model(tmp_path / name, model, header={"z": 1, "a": 2})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


class TestFaults:
    def test_half_a_file(self, tmp_path) -> None:
        path = tmp_path / "m.safetensors"
        save_model(path, network(), header={})
        path.write_bytes(path.read_bytes()[:-20])
        with pytest.raises(WorkspaceError, match="cannot be read as a checkpoint"):
            load_model(path, network())
        assert read_header(path) == {}

    def test_another_network(self, tmp_path) -> None:
        save_model(tmp_path / "m.safetensors", network(4), header={})
        with pytest.raises(WorkspaceError, match="holds another model"):
            load_model(tmp_path / "m.safetensors", network(3))

    def test_a_file_of_somebody_else(self, tmp_path) -> None:
        save_file(network().state_dict(), tmp_path / "m.safetensors")
        with pytest.raises(WorkspaceError, match="not a checkpoint of facemotion"):
            load_model(tmp_path / "m.safetensors", network())

    def test_a_missing_file(self, tmp_path) -> None:
        with pytest.raises(WorkspaceError, match="cannot be read"):
            load_state(tmp_path / "absent", network(), stepped(network()))
        assert read_header(tmp_path / "absent") == {}
