"""The one way in which faces are cut out, normalised and scored."""

import numpy as np
import pytest
import torch

from facemotion.models import variants
from facemotion.training.batches import Faces
from facemotion.training.data import TrainingData
from facemotion.training.scoring import Deployed, score
from facemotion.training.settings import TrainSettings, load_preset
from facemotion.training.views import centre_views

SMALL = ["model.classifier=test_resnet", "model.width=2", "model.blocks=1", "data.resize=24", "data.crop=20"]


@pytest.fixture
def settings() -> TrainSettings:
    return load_preset("compact", SMALL)


@pytest.fixture
def crops() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (9, 18, 18, 3), dtype=np.uint8)


def deployed(settings: TrainSettings, variant: str = "fmpn") -> Deployed:
    torch.manual_seed(0)
    return Deployed(variants.build(variant, 3, settings.model), settings.data)


def test_faces_are_seen_as_in_a_batch_of_the_training_at_the_centre(settings, crops) -> None:
    labels, names = np.arange(9) % 3, np.arange(9).astype(str)
    classes = ("anger", "fear", "surprise")
    data = TrainingData(crops, np.arange(9), labels, names, names, names, classes, "demo", "", "")
    faces = Faces(data, np.zeros((3, 18, 18), np.float32), np.ones(3, bool), settings.data, torch.device("cpu"))
    (batch,) = faces.batches(torch.arange(9), centre_views(9, settings.data), 9)
    color, gray = deployed(settings).seen(torch.from_numpy(crops))
    assert torch.equal(color, batch.color)
    assert torch.equal(gray, batch.gray)


def test_gives_probabilities_and_masks_of_the_rows_that_are_asked_for(settings, crops) -> None:
    model = deployed(settings)
    scored = score(model, crops, [4, 2, 7], batch=2)
    with torch.no_grad():
        logits, mask = model.network(*model.seen(torch.from_numpy(crops[[4, 2, 7]])))[:2]
    np.testing.assert_allclose(scored.probabilities, logits.softmax(dim=1), atol=1e-6)
    np.testing.assert_allclose(scored.masks, mask[:, 0], atol=1e-6)


def test_all_rows_by_default_and_one_face_is_enough(settings, crops) -> None:
    model = deployed(settings)
    assert score(model, crops).probabilities.shape == (9, 3)
    np.testing.assert_allclose(score(model, crops[:1]).probabilities.sum(), 1, rtol=1e-5)


def test_a_variant_without_masks_gives_none(settings, crops) -> None:
    assert score(deployed(settings, "cnn"), crops).masks is None
