"""What the processes of torchrun share; that two train what one trains is seen in `cli/test_protocol.py`."""

from copy import deepcopy

import pytest
import timm
import torch
from torch import nn

from facemotion.training.distributed import Group, GroupBatchNorm, joined, share_batch_norm


@pytest.fixture
def group(tmp_path):
    """A group of this process alone."""
    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/store", rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


def test_without_torchrun_a_process_is_alone(monkeypatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with joined(torch.device("cpu")) as (group, device):
        assert (group, device) == (Group(0, 1), torch.device("cpu"))
        assert group.leads


@pytest.mark.parametrize("shape", [(8, 4, 3, 3), (5, 4, 2, 6)])
def test_batch_norm_of_a_group_is_batch_norm(shape, group) -> None:
    reference = nn.BatchNorm2d(4)
    with torch.no_grad():
        reference.weight.uniform_()
        reference.bias.uniform_()
    own = GroupBatchNorm(reference)
    own.load_state_dict(reference.state_dict())
    own.running_mean, own.running_var = torch.zeros(4), torch.ones(4)
    x = torch.randn(shape, requires_grad=True)
    y = x.detach().clone().requires_grad_()
    weights = torch.randn(shape)
    (reference(x) * weights).sum().backward()
    expected = reference.weight.grad.clone()
    reference.weight.grad = None
    (own(y) * weights).sum().backward()
    torch.testing.assert_close(x.grad, y.grad, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(own.weight.grad, expected, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(own.running_mean, reference.running_mean)
    torch.testing.assert_close(own.running_var, reference.running_var)
    torch.testing.assert_close(own.eval()(x), reference.eval()(x))


def test_what_a_network_s_own_batch_norm_does_besides_is_kept(group) -> None:
    torch.manual_seed(0)
    one = timm.create_model("lcnet_050", num_classes=3, drop_rate=0.0)
    two = deepcopy(one)
    share_batch_norm(two)
    assert not [module for module in two.modules() if type(module).__name__ == "BatchNormAct2d"]
    assert set(one.state_dict()) == set(two.state_dict())
    x = torch.rand(6, 3, 64, 64)
    outputs = [network(x) for network in (one, two)]
    torch.testing.assert_close(outputs[1], outputs[0], atol=1e-4, rtol=1e-4)
    for output in outputs:
        output.square().sum().backward()
    gradients = [network.conv_stem.weight.grad for network in (one, two)]
    torch.testing.assert_close(gradients[1], gradients[0], atol=0.05, rtol=1e-3)  # they are about 80
