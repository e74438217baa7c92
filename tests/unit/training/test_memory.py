"""What a training needs of a device's memory is told without numbers, and is what a step really keeps."""

import pytest
import torch

from facemotion.models import variants
from facemotion.training.memory import bytes_needed, kept_per_face
from facemotion.training.settings import TrainSettings, load_preset

SMALL = ["model.classifier=test_resnet", "model.width=2", "model.blocks=1", "data.resize=72", "data.crop=64"]


def small(*more: str) -> TrainSettings:
    return load_preset("compact", [*SMALL, *more])


def really_kept(settings: TrainSettings, variant: str) -> float:
    """Return the bytes that autograd keeps of a face of the joint phase, as it computes."""
    torch.manual_seed(0)
    network, kept = variants.build(variant, 7, settings.model, side=64).train(), {}
    weights = {weight.data_ptr() for weight in network.parameters()}

    def note(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        result = network(torch.rand(2, 3, 64, 64), torch.rand(2, 1, 64, 64))
    del result
    return sum(kept.values()) / 2


@pytest.mark.parametrize("variant", variants.names())
def test_it_is_what_a_step_keeps(variant: str) -> None:
    settings = small()
    assert kept_per_face(settings, variant, 7)["joint"] == pytest.approx(really_kept(settings, variant), rel=0.02)


def test_it_grows_with_batch_size_area_and_precision() -> None:
    base = bytes_needed(small(), "fmpn", 7)
    assert bytes_needed(small("training.joint_batch=64", "training.generator_batch=64"), "fmpn", 7) > base
    assert bytes_needed(small("training.precision=float32"), "fmpn", 7) > base
    assert bytes_needed(small(), "fmpn", 7, crops=1000) == base + 1000
    one, four = (kept_per_face(small(f"data.crop={side}", "data.resize=128"), "fmpn", 7) for side in (64, 128))
    assert four["generator"] / one["generator"] == pytest.approx(4, rel=0.02)


def test_weights_to_begin_with_are_not_read() -> None:
    settings = small()
    missing = settings.model_copy(update={"model": settings.model.model_copy(update={"pretrained": "/nowhere.pth"})})
    assert bytes_needed(missing, "cnn", 7) == bytes_needed(settings, "cnn", 7)
