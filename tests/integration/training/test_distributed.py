"""Two processes under torchrun give what one gives, within rounding."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from facemotion.models import variants as registry
from facemotion.runs import Training
from facemotion.runs.trained import load_trained
from facemotion.training.distributed import Group, GroupBatchNorm, joined
from facemotion.workspace import read_json, write_json

PROGRAM = """
import json, sys
from pathlib import Path
import torch
from facemotion.folds import Folds
from facemotion.priors.bank import PriorBank
from facemotion.training.data import load_training_data
from facemotion.runs import Run
from facemotion.runs.plan import Choice, Plan
from facemotion.runs.protocol import train_run
from facemotion.training.settings import TrainSettings

torch.set_num_threads(1)
study = json.loads(sys.argv[1])
settings = TrainSettings.model_validate(study["settings"])
header = {"schema_version": 1, "settings": settings.as_json(), "inputs": {"faces": "digest"}}
data = load_training_data(Path(study["folder"]), study["classes"])
plan = Plan(data, PriorBank.load(Path(study["bank"])), Folds.read(Path(study["folds"])), settings, header)
choice = Choice((0,), variants=tuple(study["variants"]))
train_run(plan, Run(Path(study["out"])), choice, device=torch.device("cpu"), say=print)
"""


def flat(model: nn.Module) -> np.ndarray:
    return torch.cat([weight.detach().flatten() for weight in model.parameters()]).double().numpy()


def weights(cell: Path) -> np.ndarray:
    training = Training.at(cell)
    assert training is not None
    return flat(load_trained(training).network)


def beginning(study, variant) -> np.ndarray:
    torch.manual_seed(0)
    return flat(registry.build(variant, 3, study.settings.model))


def test_two_processes_give_what_one_gives(make_study, tmp_path) -> None:
    # Adam turns rounding errors of vanishing gradients into whole steps: small ones, then
    rates = [f"training.{name}_rate=1e-5" for name in ("generator", "joint", "joint_generator")]
    # and statistics that are measured again make rounding errors of features without variance as large as features
    study = make_study().with_settings(*rates, "training.corrected_statistics=false")
    variants = ("fmpn", "cnn")
    study.run(tmp_path / "one", folds_to_train=(0,), variants=variants)
    study.bank.save(tmp_path / "bank.npz")
    write_json(tmp_path / "folds.json", study.folds.as_json({}))
    (tmp_path / "program.py").write_text(PROGRAM)
    given = {
        "folder": str(study.folder),
        "classes": study.data.classes,
        "bank": str(tmp_path / "bank.npz"),
        "folds": str(tmp_path / "folds.json"),
        "settings": study.settings.as_json(),
        "out": str(tmp_path / "two"),
        "variants": variants,
    }
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    result = subprocess.run(
        [*torchrun, str(tmp_path / "program.py"), json.dumps(given)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    assert result.stdout.count("test faces") == 2  # said once each, by the first process
    for variant in variants:
        cell = f"{variant}/fold-0/seed-0"
        one, two = (read_json(tmp_path / run / cell / "history.json")["epochs"] for run in ("one", "two"))
        assert len(one) == len(two) == (3 if variant == "fmpn" else 2)
        for alone, shared in zip(one, two, strict=True):
            for name in ("mask_loss", "class_loss"):
                assert (shared[name] is None) == (alone[name] is None)
                assert shared[name] is None or shared[name] == pytest.approx(alone[name], rel=1e-4)
        moved = [weights(tmp_path / run / cell) - beginning(study, variant) for run in ("one", "two")]
        assert np.corrcoef(*moved)[0, 1] > 0.98  # they went the same way: the gradients are those of the whole batch
    one, two = (pd.read_parquet(tmp_path / run / "predictions.parquet") for run in ("one", "two"))
    probabilities = [name for name in one if name.startswith("p_")]
    np.testing.assert_allclose(one[probabilities], two[probabilities], atol=1e-3)


def test_without_torchrun_a_process_is_alone(monkeypatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with joined(torch.device("cpu")) as (group, device):
        assert (group, device) == (Group(0, 1), torch.device("cpu"))
        assert group.leads


@pytest.mark.parametrize("shape", [(8, 4, 3, 3), (5, 4, 2, 6)])
def test_batch_norm_of_a_group_is_batch_norm(shape, tmp_path) -> None:
    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/store", rank=0, world_size=1)
    try:
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
    finally:
        torch.distributed.destroy_process_group()
