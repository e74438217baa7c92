"""Trainings side by side: the same bytes, and one that fails does not end the others."""

import os

import pytest
import torch

from facemotion.errors import ConfigError, EnvironmentProblem
from facemotion.runs import Run
from facemotion.runs.jobs import Jobs


@pytest.fixture
def study(make_study):
    return make_study()


def written(out) -> dict[str, bytes]:
    """Return the bytes of what was trained; the curves hold times."""
    kept = ("model.safetensors", "predictions.parquet", "masks.npz", "metrics.json")
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.name in kept}


@pytest.mark.parametrize("executor", ["local", "ray"])
def test_the_bytes_are_those_of_one_after_the_other(study, tmp_path, executor: str) -> None:
    if executor == "ray":
        pytest.importorskip("ray", reason="Ray is not installed")
    chosen = {"variants": ("cnn", "fmpn"), "folds_to_train": (1,)}
    said: list[str] = []
    one = study.run(tmp_path / "one", **chosen)
    two = study.run(tmp_path / "two", **chosen, jobs=Jobs(2, executor), say=said.append)
    assert one == two
    assert written(tmp_path / "one") == written(tmp_path / "two")
    assert [line.split(":")[0] for line in said if "test faces" in line] == [
        "fmpn, fold 1, seed 0",
        "cnn, fold 1, seed 0",
    ]


def test_a_training_that_fails_is_named_and_the_others_go_on(study, tmp_path) -> None:
    out = tmp_path / "run"
    broken = out / "cnn" / "fold-1" / "seed-0"
    (broken / "model.safetensors").mkdir(parents=True)  # its weights cannot be written
    chosen = {"variants": ("cnn", "fmpn"), "folds_to_train": (1,), "jobs": Jobs(2)}
    with pytest.raises(
        EnvironmentProblem, match=r"1 of 2 trainings failed \(cnn, fold 1, seed 0: .*the others are done"
    ):
        study.run(out, **chosen)
    assert {training.variant for training in Run(out).begun} >= {"fmpn"}
    assert set(Run(out).predictions["variant"]) == {"fmpn"}
    (broken / "model.safetensors").rmdir()
    study.run(out, **chosen)
    assert set(Run(out).predictions["variant"]) == {"cnn", "fmpn"}


def test_how_many_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = torch.get_num_threads()
    cpu = torch.device("cpu")
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert Jobs(None).on(cpu, 10) == 1
    monkeypatch.setattr(os, "cpu_count", lambda: 8 * max(threads, 2))
    assert Jobs(None).on(cpu, 10) == 8
    assert Jobs(None).on(cpu, 3) == 3
    assert Jobs(4).on(cpu, 3) == 3
    with pytest.raises(ConfigError, match="jobs is 0"):
        Jobs(0).on(cpu, 3)
