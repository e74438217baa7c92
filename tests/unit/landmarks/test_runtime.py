"""Whether a network computes what it should on a device; there need be none here, so sessions stand in for its own."""

from importlib import resources
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch

from facemotion import landmarks
from facemotion.errors import ConfigError, EnvironmentProblem
from facemotion.landmarks import _runtime
from facemotion.landmarks.settings import landmark_settings

WEIGHTS = resources.files("facemotion.landmarks").joinpath("weights")
NETWORKS = [name for name in landmarks.sources() if landmarks.settings_model(name)().runs_a_network]


class OnCuda:
    """A session that says that it runs on CUDA, and gives what the CPU computes, changed."""

    def __init__(self, name: str, change: Any) -> None:
        self._session = onnxruntime.InferenceSession(
            model(name), _runtime.options(), providers=["CPUExecutionProvider"]
        )
        self._change = change

    def get_providers(self) -> list[str]:
        return ["CUDAExecutionProvider", "CPUExecutionProvider"]

    def run(self, outputs: None, feeds: dict[str, np.ndarray]) -> list[Any]:
        return [self._change(output) for output in self._session.run(outputs, feeds)]


def model(name: str) -> bytes:
    return WEIGHTS.joinpath(f"{name}.onnx").read_bytes()


def fail(_: np.ndarray) -> np.ndarray:
    raise RuntimeError("CUDNN_STATUS_NOT_INITIALIZED\nat some place")


@pytest.mark.parametrize("name", _runtime.DIGESTS)
def test_a_device_that_computes_nearly_the_same_is_accepted(name: str) -> None:
    _runtime.verify(OnCuda(name, lambda output: output * np.float32(1 + 2e-4)), "cuda", model(name), batch=2)


@pytest.mark.parametrize("name", _runtime.DIGESTS)
@pytest.mark.parametrize(
    "change",
    [
        lambda output: output + np.float32(0.01),
        np.zeros_like,
        lambda output: output * np.nan,
        lambda output: output[:1],
    ],
    ids=["a little off", "zeros", "not numbers", "another shape"],
)
def test_a_device_that_computes_something_else_is_told(name: str, change: Any) -> None:
    message = (
        r"a face detector's network computes something else on cuda than on the CPU; .*use the CPU; `facemotion doc"
    )
    with pytest.raises(EnvironmentProblem, match=message):
        _runtime.verify(OnCuda(name, change), "cuda", model(name), batch=2)


def test_a_device_that_fails_is_told_with_its_reason() -> None:
    with pytest.raises(EnvironmentProblem, match=r"fails on cuda \(CUDNN_STATUS_NOT_INITIALIZED\); repair its driver"):
        _runtime.verify(OnCuda("onet", fail), "cuda", model("onet"))


@pytest.mark.parametrize("name", NETWORKS)
def test_an_unknown_device_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=r"unknown device 'cuda:1': expected cpu or cuda"):
        landmarks.create(landmark_settings({"source": name}), device="cuda:1")


@pytest.mark.parametrize("name", sorted({*landmarks.sources()} - {*NETWORKS}))
def test_a_source_without_a_network_has_no_device(name: str) -> None:
    with pytest.raises(ConfigError, match=rf"source {name} runs no network, so that there is nothing to do on cuda"):
        landmarks.create(landmark_settings({"source": name}), device="cuda")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
@pytest.mark.parametrize("name", ["mtcnn", "retinaface"])
def test_cuda_that_is_not_there_is_told_and_nothing_else_printed(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    message = (
        r'onnxruntime cannot use CUDA here: install its CUDA libraries, pip install "onnxruntime-gpu\[cuda,cudnn\]", '
        "or use the CPU; `facemotion doctor` tells more"
    )
    _runtime.load_cuda_libraries.cache_clear()
    with pytest.raises(EnvironmentProblem, match=message):
        landmarks.create(landmark_settings({"source": name}), device="cuda")
    assert capfd.readouterr() == ("", "")
