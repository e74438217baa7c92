"""Where a trained network looks, on a network whose answer is known, and on one that was trained."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from facemotion.errors import ConfigError
from facemotion.inference.explain import attention_of, explain
from facemotion.inference.explain_picture import draw
from facemotion.models.network import Output
from facemotion.runs import Run
from facemotion.runs.trained import load_trained


class Corner(nn.Module):
    """Two channels, of which one is the face and one its negative; the first class goes by the former."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = nn.Conv2d(1, 2, 1, bias=False)
        self.stage.weight.data = torch.tensor([1.0, -1.0]).reshape(2, 1, 1, 1)

    def forward(self, color: torch.Tensor, gray: torch.Tensor) -> Output:
        features = self.stage(gray)
        return Output(features.mean(dim=(2, 3)), None)


def test_attention_is_the_mean_over_channels_or_what_speaks_for_the_class() -> None:
    model = Corner()
    gray = torch.zeros(2, 1, 4, 4)
    gray[:, :, 0, 0], gray[:, :, 3, 3] = 1, -1
    labels = torch.tensor([0, 1])
    mean = attention_of(model, model.stage, gray.expand(2, 3, 4, 4), gray, labels, method="mean")
    weighted = attention_of(model, model.stage, gray.expand(2, 3, 4, 4), gray, labels, method="gradient")
    expected = torch.zeros(4, 4)
    expected[0, 0] = expected[3, 3] = 0.5
    assert torch.equal(mean[0], expected)
    assert weighted[0, 0, 0] > 0
    assert weighted[0, 3, 3] == 0
    assert (weighted[1, 3, 3] > 0, weighted[1, 0, 0]) == (True, 0)


@pytest.fixture
def trained(make_study, tmp_path):
    study = make_study()
    study.run(tmp_path / "run", folds_to_train=(0,), variants=("guided",))
    return study, load_trained(Run(tmp_path / "run").trainings[0])


@pytest.mark.parametrize("method", ["mean", "gradient"])
def test_a_table_and_a_picture_of_a_training(trained, tmp_path, method) -> None:
    study, model = trained
    part = study.plan().part(0)
    masks, known = study.plan().prior(0)
    crops, labels = study.data.crops[study.data.rows[part.test]], study.data.labels[part.test]
    known = known.copy()
    known[2] = False
    found = explain(model, crops, labels, (masks, known), stage=3, method=method, steps=4)
    again = explain(model, crops, labels, (masks, known), stage=3, method=method, steps=4)
    assert found.content == again.content == json.loads(json.dumps(found.content, allow_nan=False))
    assert found.content["faces"] == len(labels)
    assert found.content["classes"]["surprise"]["cosine"] is None
    assert all(-1 <= row["cosine"] <= 1 for row in list(found.content["classes"].values())[:2])
    curves = found.content["curves"]
    assert curves["share"] == [0, 0.25, 0.5, 0.75, 1]
    whole = model.deployed().eval()
    with torch.inference_mode():
        right = whole(torch.from_numpy(crops))[0].numpy()[np.arange(len(labels)), labels].mean()
    for order in ("attention", "prior", "random"):
        assert curves["deletion"][order][0] == pytest.approx(right, abs=1e-5)
        assert curves["insertion"][order][-1] == pytest.approx(right, abs=1e-5)
    draw(found, tmp_path / "explained.png")
    assert (tmp_path / "explained.png").read_bytes()[:4] == b"\x89PNG"


def test_a_stage_that_is_not_there_is_said(trained) -> None:
    study, model = trained
    masks, known = study.plan().prior(0)
    with pytest.raises(ConfigError, match="has no stage 9"):
        explain(model, study.data.crops[study.data.rows[:2]], study.data.labels[:2], (masks, known), stage=9)
