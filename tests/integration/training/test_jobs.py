"""Trainings side by side: the same bytes, and one that fails does not end the others."""

import os
from functools import partial
from types import SimpleNamespace

import pytest
import torch

from facemotion.errors import ConfigError, EnvironmentProblem
from facemotion.progress import Lines, Shown
from facemotion.runs import Run, jobs
from facemotion.runs.jobs import Jobs
from facemotion.runs.training import Training
from facemotion.training.memory import bytes_needed
from facemotion.training.settings import load_preset


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


def test_a_training_that_fails_is_named_and_the_others_go_on(study, tmp_path, monkeypatch) -> None:
    def here(function, tasks, *, workers, paths):  # what becomes of a task does not depend on the process
        return map(function, tasks)

    monkeypatch.setattr(jobs.execution, "load", lambda name: SimpleNamespace(run=here))
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


def none() -> float:
    raise AssertionError("what a training needs on CUDA does not matter on a CPU")


def test_how_many_by_default_on_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = torch.get_num_threads()
    cpu = torch.device("cpu")
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert Jobs(None).on(cpu, 10, needed=none) == 1
    monkeypatch.setattr(os, "cpu_count", lambda: 8 * max(threads, 2))
    assert Jobs(None).on(cpu, 10, needed=none) == 8
    assert Jobs(None).on(cpu, 3, needed=none) == 3
    assert Jobs(4).on(cpu, 3, needed=none) == 3
    with pytest.raises(ConfigError, match="jobs is 0"):
        Jobs(0).on(cpu, 3, needed=none)


@pytest.mark.parametrize(
    ("preset", "free", "cores", "expected"),
    [
        ("compact", 80e9, 16, 8),
        ("compact", 8e9, 16, 5),
        ("paper", 24e9, 16, 2),
        ("paper", 8e9, 16, 1),
        ("paper", 80e9, 4, 2),
    ],
)
def test_how_many_by_default_on_cuda_follows_from_preset_memory_and_cores(
    monkeypatch: pytest.MonkeyPatch, preset: str, free: float, cores: int, expected: int
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (int(free), int(80e9)))
    settings = load_preset(preset)
    found = Jobs(None).on(torch.device("cuda"), 30, needed=lambda: bytes_needed(settings, "fmpn", 7))
    assert found == expected


def test_the_epochs_of_a_training_are_shown_while_it_is_under_way(study, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "telling", partial(jobs.telling, every=0))
    monkeypatch.setattr(jobs, "watching", partial(jobs.watching, every=0.001))
    shown: list[list[str]] = []
    view = Lines(lambda works: shown.append([str(work) for work in works]), every=0.0)
    plan = study.with_settings("training.joint_epochs=60").plan()
    training = Training(tmp_path, "cnn", 1, 0)
    how = {"jobs": 1, "executor": "local", "device": torch.device("cpu"), "progress": Shown(view)}
    assert jobs.train_side_by_side([training], plan, **how) == []
    inner = [lines[1] for lines in shown if len(lines) == 2]
    assert {line.partition(", ")[0] for line in inner} == {"cnn"}
    assert any("of 60" in line and line.endswith("left") for line in inner)
    assert shown[-1][0].startswith("trainings, 1 at a time: 1 of 1")
    assert not list(tmp_path.rglob(".epochs*"))
