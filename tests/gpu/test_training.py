"""Training on CUDA. Skipped where there is none."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from facemotion.models import variants
from facemotion.models.network import Network
from facemotion.training.batches import Faces, Share
from facemotion.training.checkpoint import load_model, save_model
from facemotion.training.data import TrainingData
from facemotion.training.device import repeatable
from facemotion.training.loop import Journal, fit
from facemotion.training.scoring import Deployed, score
from facemotion.training.settings import TrainSettings, load_preset
from facemotion.training.views import centre_views, draw_views

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
    pytest.mark.filterwarnings("default", "error:::facemotion"),  # a warning of somebody else's module is not ours
]

CUDA = torch.device("cuda")
SMALL = ["model.width=8", "model.dropout=0.0", "training.generator_epochs=6", "training.joint_epochs=20"]


def made_up(number: int = 140) -> tuple[TrainingData, np.ndarray]:
    """Give faces with a bright band by class, half hidden in noise, and the bands."""
    random = np.random.default_rng(0)
    labels = np.arange(number) % 7
    bands = (np.arange(70)[:, None] // 10 == np.arange(7)[:, None, None]) * np.ones((1, 1, 70))
    crops = random.integers(0, 160, (number, 70, 70, 3)) + 60 * bands[labels][..., None]
    names = np.arange(number).astype(str)
    classes = ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")
    empty = np.array([""] * number)
    data = TrainingData(crops.astype(np.uint8), np.arange(number), labels, names, names, empty, classes, "demo", "", "")
    return data, bands.astype(np.float32)


def make_faces(settings: TrainSettings, device: torch.device, **options) -> Faces:
    data, masks = made_up()
    return Faces(data, masks, np.ones(7, bool), settings.data, device, **options)


def make_model(settings: TrainSettings, variant: str = "fmpn") -> Network:
    return variants.build(variant, 7, settings.model, side=settings.data.crop)


def train(settings: TrainSettings, device: torch.device, variant: str = "fmpn", **options):
    with repeatable(device, deterministic=settings.training.deterministic):
        torch.manual_seed(0)
        model = make_model(settings, variant)
        model = model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        journal = Journal(**options)
        history = fit(model, make_faces(settings, device), np.arange(140), settings, seed=0, journal=journal)
    return model, history


def curve(history, name: str) -> np.ndarray:
    return np.array([epoch[name] for epoch in history if epoch["phase"] == "joint"])


def test_bf16_and_float32_learn_alike() -> None:
    half = train(load_preset("compact", SMALL), CUDA)[1]
    full = train(load_preset("compact", [*SMALL, "training.precision=float32"]), CUDA)[1]
    np.testing.assert_allclose(curve(half, "mask_loss"), curve(full, "mask_loss"), rtol=0.15)
    assert abs(curve(half, "class_loss") - curve(full, "class_loss")).mean() < 0.2
    assert min(half[-1]["train_accuracy"], full[-1]["train_accuracy"]) > 0.9


def test_the_device_and_the_cpu_see_the_same_batches() -> None:
    settings = load_preset("compact", SMALL)
    views = draw_views(30, settings.data, torch.Generator().manual_seed(0))
    order = torch.randperm(140, generator=torch.Generator().manual_seed(1))[:30]
    for options in ({}, {"resident_bytes": 0}):
        there = make_faces(settings, CUDA, **options).batches(order, views, 16)
        here = make_faces(settings, torch.device("cpu")).batches(order, views, 16)
        for one, other in zip(there, here, strict=True):
            torch.testing.assert_close(one.color.cpu(), other.color, atol=1e-3, rtol=0)
            torch.testing.assert_close(one.prior.cpu(), other.prior, atol=1e-2, rtol=0)
            assert torch.equal(one.labels.cpu(), other.labels)


class Watched(Faces):
    """Faces that let nothing wait for the device in the later epochs of a phase, from the second batch to the last.

    (What is done once, capturing graphs above all, is done in the first epoch. Before its first batch an epoch's order
    and views are sent; after its last one its losses are fetched.)
    """

    epochs = 0
    watched = 0

    def shares(self, *arguments, **options) -> Iterator[Share]:
        first, self.epochs = self.epochs % EPOCHS == 0, self.epochs + 1
        try:
            for number, share in enumerate(super().shares(*arguments, **options)):
                if number and not first:
                    torch.cuda.set_sync_debug_mode("error")
                    self.watched += 1
                yield share
        finally:
            torch.cuda.set_sync_debug_mode("default")


EPOCHS = 3
"""Epochs of each phase that is watched."""


@pytest.mark.parametrize("graph", ["true", "false"])
@pytest.mark.parametrize("resident", [1 << 30, 0])
@pytest.mark.parametrize("precision", ["bf16", "float32"])
def test_a_step_of_either_phase_never_waits_for_the_device(precision: str, resident: int, graph: str) -> None:
    lengths = [f"training.{phase}_epochs={EPOCHS}" for phase in ("generator", "joint")]
    own = [f"training.precision={precision}", f"training.cuda_graph={graph}"]
    settings = load_preset("compact", [*SMALL, *lengths, *own])
    data, masks = made_up()
    faces = Watched(data, masks, np.ones(7, bool), settings.data, CUDA, resident_bytes=resident)
    model = make_model(settings).to(CUDA, memory_format=torch.channels_last)  # type: ignore[call-overload]
    fit(model, faces, np.arange(140), settings, seed=0)
    assert faces.watched == 2 * (EPOCHS - 1) * 4  # 5 batches an epoch, of which the first is not watched


def test_the_watch_sees_a_step_that_waits() -> None:
    settings = load_preset("compact", SMALL)
    data, masks = made_up()
    faces = Watched(data, masks, np.ones(7, bool), settings.data, CUDA)
    faces.epochs = 1  # as if the first epoch were over
    batches = faces.shares(torch.arange(140), centre_views(140, settings.data), 32)
    next(batches)
    second = faces.show(next(batches))
    with pytest.raises(RuntimeError, match="synchroniz"):
        second.color.sum().item()
    batches.close()  # type: ignore[attr-defined]


def test_crops_lie_on_the_device_as_bytes_or_not_at_all() -> None:
    settings = load_preset("compact", SMALL)
    data, _ = made_up()
    size = len(data.rows) * 70 * 70 * 3
    for resident, expected in ((1 << 30, size), (0, 0)):
        before = torch.cuda.memory_allocated()
        faces = make_faces(settings, CUDA, resident_bytes=resident)
        added = torch.cuda.memory_allocated() - before
        assert expected <= added < expected + size / 4  # the masks and labels come to it
        del faces


def test_compiled_networks_learn_alike() -> None:
    common = [*SMALL, "training.joint_epochs=6", "training.precision=float32"]
    plain = train(load_preset("compact", common), CUDA)[1]
    compiled = train(load_preset("compact", [*common, "training.compile=true"]), CUDA)[1]
    np.testing.assert_allclose(curve(compiled, "mask_loss"), curve(plain, "mask_loss"), rtol=0.15)
    assert abs(curve(compiled, "class_loss") - curve(plain, "class_loss")).mean() < 0.2


def test_the_networks_stay_channels_last() -> None:
    model, _ = train(load_preset("compact", [*SMALL, "training.joint_epochs=1"]), CUDA)
    kernels = [weight for weight in model.parameters() if weight.dim() == 4 and min(weight.shape[1:]) > 1]
    assert len(kernels) > 10
    assert all(weight.is_contiguous(memory_format=torch.channels_last) for weight in kernels)


def test_a_training_that_was_killed_goes_on_to_the_same_bits(tmp_path) -> None:
    settings = load_preset("compact", [*SMALL, "training.generator_epochs=2", "training.joint_epochs=3"])
    whole = train(settings, CUDA)[0].state_dict()

    def kill(epoch) -> None:
        if (epoch["phase"], epoch["epoch"]) == ("joint", 1):
            raise KeyboardInterrupt

    state = tmp_path / "state.safetensors"
    with pytest.raises(KeyboardInterrupt):
        train(settings, CUDA, state=state, every=0, after_epoch=kill)
    found = train(settings, CUDA, state=state)[0].state_dict()
    assert all(torch.equal(value, found[name]) for name, value in whole.items())


def test_two_runs_on_one_device_agree() -> None:
    settings = load_preset("compact", [*SMALL, "training.joint_epochs=3"])
    one, other = (train(settings, CUDA)[0].state_dict() for _ in range(2))
    assert all(torch.equal(value, other[name]) for name, value in one.items())


def test_weights_trained_on_the_device_are_used_on_the_cpu(tmp_path) -> None:
    settings = load_preset("compact", [*SMALL, "training.joint_epochs=3"])
    model, _ = train(settings, CUDA)
    save_model(tmp_path / "m.safetensors", model, header={})
    here = make_model(settings)
    load_model(tmp_path / "m.safetensors", here)
    positions = np.arange(20)
    crops = made_up()[0].crops
    there = score(Deployed(model, settings.data).to(CUDA), crops, positions)
    cpu = score(Deployed(here, settings.data), crops, positions)
    np.testing.assert_allclose(there.probabilities, cpu.probabilities, atol=0.05)
