"""``facemotion align --device cuda`` where there is no CUDA: an error before anything is written."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

import facemotion as fm
from facemotion.errors import ConfigError, EnvironmentProblem

pytestmark = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")


def everything() -> dict[str, int]:
    return {
        os.path.join(folder, name): os.stat(os.path.join(folder, name)).st_mtime_ns
        for folder, _, names in os.walk(".")
        for name in names
    }


@pytest.fixture
def of_source(tmp_path: Path, build_detector: Callable[..., Path]) -> dict[str, list[object]]:
    """Return the options of each source that runs a network."""
    kernel = np.full((3, 8, 8), 1 / 192, np.float32)
    pack = build_detector(tmp_path / "det_1g.onnx", {8: (kernel, np.full(4, 8.0), np.zeros((5, 2)))})
    return {"mtcnn": [], "retinaface": ["--landmarks", "retinaface"], "insightface": ["--model-pack", pack]}


@pytest.mark.parametrize("name", ["mtcnn", "retinaface", "insightface"])
def test_without_cuda_nothing_is_written(run, rendered, of_source, name) -> None:
    arguments = ["align", "--dataset", "ckplus", "--root", rendered, *of_source[name], "--device", "cuda"]
    before = everything()
    for more in ([], ["--dry-run"]):
        output = run(*arguments, *more, fails=True).output
        assert "onnxruntime cannot use CUDA here" in output
        assert "`facemotion doctor` tells more" in output
        assert not any(word in output for word in ("would run", "selected", "aligned"))
    assert everything() == before


def test_what_was_aligned_on_the_cpu_stays(run, rendered) -> None:
    run("align", "--dataset", "ckplus", "--root", rendered, "--workers", 1)
    before = everything()
    for more in ([], ["--force"], ["--dry-run"], ["--fit", "eyes-nose"]):
        assert "cannot use CUDA" in run("align", "--dataset", "ckplus", "--device", "cuda", *more, fails=True).output
    assert everything() == before
    assert "up to date" in run("align", "--dataset", "ckplus", "--device", "cpu").output


def test_a_source_that_runs_no_network_refuses_a_device(run, rendered) -> None:
    arguments = ["align", "--dataset", "ckplus", "--root", rendered, "--device", "cuda"]
    for name in ("given", "precomputed"):
        output = run(*arguments, "--landmarks", name, fails=True).output
        assert f"the landmark source {name} runs no network" in output
    assert everything() == {}


@pytest.mark.parametrize("selected", [[], ["--validation", "test"]])
def test_it_is_told_before_a_dataset_is_ingested(run, tmp_path, selected) -> None:
    (tmp_path / "fer2013").mkdir()  # not even that it is empty is noticed before
    arguments = ["align", "--dataset", "fer2013", "--root", tmp_path / "fer2013", "--device", "cuda", *selected]
    assert "the landmark source given runs no network" in run(*arguments, fails=True).output
    assert "cannot use CUDA" in run(*arguments, "--landmarks", "mtcnn", fails=True).output
    assert everything() == {}


def test_python_code_chooses_a_device_too(rendered) -> None:
    data = fm.open("ckplus", root=rendered)
    with pytest.raises(EnvironmentProblem, match="onnxruntime cannot use CUDA here"):
        data.run("align", device="cuda")
    with pytest.raises(ConfigError, match="unknown device 'gpu': expected cpu or cuda"):
        data.run("align", device="gpu")
    assert everything() == {}
