"""Running statistics after a short training."""

import numpy as np
import pytest
import torch
from torch import nn

from facemotion.models import variants
from facemotion.training.batch_norm import correct, fresh, measure
from facemotion.training.batches import Batch, Faces
from facemotion.training.data import TrainingData
from facemotion.training.loop import fit
from facemotion.training.scoring import Deployed, score
from facemotion.training.settings import load_preset


def seen(steps: int, momentum: float = 0.1) -> tuple[nn.BatchNorm2d, torch.Tensor]:
    """Give a layer that has seen the same batch some times, and the batch."""
    layer = nn.BatchNorm2d(3, momentum=momentum)
    batch = torch.randn(8, 3, 5, 5, generator=torch.Generator().manual_seed(0)) * 0.01 + 4
    for _ in range(steps):
        layer(batch)
    return layer, batch


@pytest.mark.parametrize("momentum", [0.1, 0.01])
@pytest.mark.parametrize("steps", [1, 7, 36])
def test_they_become_those_of_what_was_seen(steps: int, momentum: float) -> None:
    layer, batch = seen(steps, momentum)
    correct([layer])
    assert layer.running_mean is not None
    assert layer.running_var is not None
    torch.testing.assert_close(layer.running_mean, batch.mean(dim=(0, 2, 3)))
    torch.testing.assert_close(layer.running_var, batch.var(dim=(0, 2, 3)), rtol=2e-2, atol=1e-6)


def test_after_many_steps_they_are_left_as_they_are_to_the_bit() -> None:
    layer, _ = seen(1000)
    before = {name: value.clone() for name, value in layer.state_dict().items()}
    correct([layer])
    assert all(torch.equal(value, before[name]) for name, value in layer.state_dict().items())


def test_layers_that_have_seen_nothing_or_were_pretrained_are_left_as_they_are() -> None:
    new, (old, _) = nn.BatchNorm2d(3), seen(5)
    assert fresh(nn.Sequential(new, old, nn.BatchNorm2d(2, momentum=None))) == [new]
    correct([new])
    assert new.running_var is not None
    assert new.running_var.tolist() == [1, 1, 1]


def test_measuring_again_gives_the_means_over_the_batches_and_keeps_the_rest() -> None:
    settings = load_preset("compact", ["model.classifier=test_resnet", "model.width=2"])
    torch.manual_seed(0)
    model = variants.build("fmpn", 3, settings.model)
    new = fresh(model)
    first = model.get_submodule("fusion.whole.1")
    assert isinstance(first, nn.BatchNorm2d)
    assert first in new
    seen: list[torch.Tensor] = []
    first.register_forward_pre_hook(lambda layer, inputs: seen.append(inputs[0]))
    batches = [batch_of(torch.rand(5, 3, 32, 32, generator=torch.Generator().manual_seed(each))) for each in (1, 2)]
    measure(new, model, batches)
    assert first.running_mean is not None
    assert first.running_var is not None
    torch.testing.assert_close(first.running_mean, torch.stack([each.mean(dim=(0, 2, 3)) for each in seen]).mean(dim=0))
    torch.testing.assert_close(first.running_var, torch.stack([each.var(dim=(0, 2, 3)) for each in seen]).mean(dim=0))
    assert (first.momentum, int(first.num_batches_tracked or 0)) == (0.1, 0)


def batch_of(color: torch.Tensor) -> Batch:
    number = len(color)
    gray, nothing = color.mean(dim=1, keepdim=True), torch.zeros(number)
    return Batch(color, gray, gray, torch.zeros(number, dtype=torch.int64), nothing, nothing, number)


def test_a_network_that_has_learned_in_few_steps_knows_its_faces_when_it_is_tested() -> None:
    """Without the correction the fusion net's running variance is far too large, and all faces get one answer."""
    random = np.random.default_rng(0)
    labels = np.arange(24) % 3
    crops = (random.integers(0, 60, (24, 70, 70, 3)) + 70 * labels[:, None, None, None]).astype(np.uint8)
    names, empty = np.arange(24).astype(str), np.full(24, "")
    data = TrainingData(crops, np.arange(24), labels, names, names, empty, ("a", "b", "c"), "demo", "", "")
    own = ["model.width=4", "model.blocks=1", "model.classifier=test_resnet", "data.resize=36", "data.crop=32"]
    own += ["training.generator_epochs=1", "training.joint_epochs=8", "training.joint_batch=12"]
    masks, found = random.random((3, 70, 70), dtype=np.float32), {}
    for corrected in ("true", "false"):
        settings = load_preset("compact", [*own, f"training.corrected_statistics={corrected}"])
        faces = Faces(data, masks, np.ones(3, bool), settings.data, torch.device("cpu"))
        torch.manual_seed(0)
        model = variants.build("fmpn", 3, settings.model)
        history = fit(model, faces, np.arange(24), settings, seed=0)
        scored = score(Deployed(model, settings.data), crops, precision="float32")
        right = scored.probabilities.argmax(axis=1) == labels
        found[corrected] = right.mean(), history[-1]["train_accuracy"]
    assert found["true"][1] == found["false"][1] > 0.9
    assert found["true"][0] > 0.9
    assert found["false"][0] < 0.7
