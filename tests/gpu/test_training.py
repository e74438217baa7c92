"""Training on CUDA. Skipped where there is none."""

import numpy as np
import pytest
import torch

from facemotion.models.fmpn import FMPN
from facemotion.training.batches import Faces, centre_views, draw_views
from facemotion.training.checkpoint import load_model, save_model
from facemotion.training.data import TrainingData
from facemotion.training.device import repeatable
from facemotion.training.loop import fit
from facemotion.training.scoring import score
from facemotion.training.settings import TrainSettings, load_preset

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")]

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


def train(settings: TrainSettings, device: torch.device):
    own = settings.model
    with repeatable(device):
        torch.manual_seed(0)
        model = FMPN(7, classifier=own.classifier, width=own.width, blocks=own.blocks, dropout=own.dropout)
        model = model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        history = fit(model, make_faces(settings, device), np.arange(140), settings, seed=0)
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


def test_a_step_never_waits_for_the_device() -> None:
    settings = load_preset("compact", [*SMALL, "training.generator_epochs=0", "training.joint_epochs=1"])
    faces = make_faces(settings, CUDA)
    model = FMPN(7, classifier="resnet10t", width=8).to(CUDA)
    order = torch.arange(140)
    batches = faces.batches(order, centre_views(140, settings.data), 32)
    next(batches)
    optimiser = torch.optim.Adam(model.parameters(), fused=True)
    torch.cuda.set_sync_debug_mode("error")
    try:
        for batch in batches:
            with torch.autocast("cuda", torch.bfloat16):
                logits, mask = model(batch.color, batch.gray)
            loss = (mask.float() - batch.prior).square().mean() + logits.float().square().mean()
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
    finally:
        torch.cuda.set_sync_debug_mode("default")


def test_two_runs_on_one_device_agree() -> None:
    settings = load_preset("compact", [*SMALL, "training.joint_epochs=3"])
    one, other = (train(settings, CUDA)[0].state_dict() for _ in range(2))
    assert all(torch.equal(value, other[name]) for name, value in one.items())


def test_weights_trained_on_the_device_are_used_on_the_cpu(tmp_path) -> None:
    settings = load_preset("compact", [*SMALL, "training.joint_epochs=3"])
    model, _ = train(settings, CUDA)
    save_model(tmp_path / "m.safetensors", model, header={})
    own = settings.model
    here = FMPN(7, classifier=own.classifier, width=own.width, blocks=own.blocks, dropout=own.dropout)
    load_model(tmp_path / "m.safetensors", here)
    positions = np.arange(20)
    there = score(model, make_faces(settings, CUDA), positions)
    cpu = score(here, make_faces(settings, torch.device("cpu")), positions)
    np.testing.assert_allclose(there.probabilities, cpu.probabilities, atol=0.05)
