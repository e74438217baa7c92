"""Trainings of a few made-up faces, over in a second."""

import numpy as np
import torch

from facemotion.models import variants
from facemotion.training.batches import Faces
from facemotion.training.data import TrainingData
from facemotion.training.loop import Journal, fit
from facemotion.training.settings import TrainSettings, load_preset
from facemotion.training.views import centre_views

CPU = torch.device("cpu")
SMALL = [
    "model.classifier=test_resnet",
    "model.width=2",
    "model.blocks=1",
    "model.dropout=0.3",
    "data.resize=40",
    "data.crop=36",
    "training.generator_epochs=2",
    "training.generator_batch=6",
    "training.joint_epochs=2",
    "training.joint_batch=6",
]
NUMBER = 16
"""Two whole batches and a rest of four."""


def small(*more: str) -> TrainSettings:
    return load_preset("compact", [*SMALL, *more])


def make_faces(settings: TrainSettings, **options) -> Faces:
    random = np.random.default_rng(1)
    crops = random.integers(0, 256, (NUMBER, 20, 20, 3), dtype=np.uint8)
    names, empty = np.arange(NUMBER).astype(str), np.full(NUMBER, "")
    labels = np.arange(NUMBER) % 3
    data = TrainingData(crops, np.arange(NUMBER), labels, names, names, empty, ("a", "b", "c"), "demo", "", "")
    masks = random.random((3, 20, 20), dtype=np.float32)
    return Faces(data, masks, np.array([True, True, False]), settings.data, CPU, **options)


def make_model(settings: TrainSettings, variant: str):
    torch.manual_seed(0)
    model = variants.build(variant, 3, settings.model, side=settings.data.crop)
    return model.to(memory_format=torch.channels_last)


def train(settings: TrainSettings, variant: str = "fmpn", **options):
    model = make_model(settings, variant)
    history = fit(model, make_faces(settings), np.arange(NUMBER), settings, seed=0, journal=Journal(**options))
    return model.state_dict(), history


def same(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(torch.equal(value, other[name]) for name, value in one.items())


def shares(faces: Faces, size: int = 6):
    return list(faces.shares(torch.arange(NUMBER), centre_views(NUMBER, faces.settings), size))
