"""How landmark sources run their networks by onnxruntime: one thread, on the device asked for or not at all."""

import contextlib
import functools
import io
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from facemotion.errors import EnvironmentProblem
from facemotion.workspace import digest_bytes

__all__ = ["DIGESTS", "demand", "load_cuda_libraries", "options", "providers", "shipped", "verify"]

DIGESTS = {
    "pnet": "8ffeece9f40b75c6130c404a7a9cc8d9249bc91930291b3cef835daba0ea3c87",
    "rnet": "8cb012f852d8c3773d890b9c06acf3a7fda8756f5428450a32fdcd036e71242c",
    "onet": "12e40e741d1d2e4d4c1b12671e807613ca921cd7728c97d5d2d186dea499ca37",
    "retinaface": "b7a7acab55e104dce6f32cdfff929bd83946da5cd869b9e2e9bdffafd1b7e4a5",
}
"""SHA-256 of the files in ``weights``, see the licences there."""

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
CUDA_OPTIONS = {"use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC"}
"""In place of onnxruntime's defaults: 10 bits of precision less, and a trial of every algorithm for each new shape."""
TOLERANCE = 1e-3
"""How far what a network computes on a device may be from what it computes on the CPU, absolutely and relatively."""
SIDE = 64
"""Pixels of the known input where a network takes any."""

_ADVICE = "repair its driver and libraries, or use the CPU; `facemotion doctor` tells more"


def options() -> onnxruntime.SessionOptions:
    """Return session options with one thread: frames are spread over processes, and several pools would fight."""
    onnxruntime.set_default_logger_severity(4)  # a missing CUDA is told by `demand`, not on the terminal
    chosen = onnxruntime.SessionOptions()
    chosen.intra_op_num_threads = chosen.inter_op_num_threads = 1
    chosen.log_severity_level = 3
    return chosen


def providers(device: str) -> list[Any]:
    """Return the execution providers to ask for on a device, ``cpu`` or ``cuda``; of the latter, load the libraries."""
    if device != "cuda":
        return [CPU]
    load_cuda_libraries()
    return [(CUDA, CUDA_OPTIONS), CPU]


@functools.cache
def load_cuda_libraries() -> None:
    """Load the CUDA libraries that pip installed, which onnxruntime does not look for by itself."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception):  # `demand` tells whether it helped
        onnxruntime.preload_dlls()


def demand(session: Any, device: str) -> None:
    """Check that a session runs on the device that was asked for; onnxruntime falls back to the CPU silently.

    Raises
    ------
    EnvironmentProblem
        If it does not.
    """
    if device == "cuda" and CUDA not in session.get_providers():
        message = (
            "onnxruntime cannot use CUDA here: install its CUDA libraries, "
            'pip install "onnxruntime-gpu[cuda,cudnn]", or use the CPU; `facemotion doctor` tells more'
        )
        raise EnvironmentProblem(message)


def verify(session: Any, device: str, model: bytes | Path, *, batch: int = 1) -> None:
    """Check that a session runs on the device asked for, and computes there what it computes on the CPU.

    Parameters
    ----------
    session : onnxruntime.InferenceSession
        On `device`, ``cpu`` or ``cuda``.
    model : bytes or Path
        What it runs.
    batch : int
        Length of the known input that it is tried with, where it takes any.

    Raises
    ------
    EnvironmentProblem
        If it does not, fails, or is off by more than `TOLERANCE`.
    """
    demand(session, device)
    if device == "cpu":
        return
    reference: Any = onnxruntime.InferenceSession(model, options(), providers=providers("cpu"))
    name, known = reference.get_inputs()[0].name, _known(reference.get_inputs()[0].shape, batch)
    expected = reference.run(None, {name: known})
    try:
        found = session.run(None, {name: known})
    except Exception as error:  # onnxruntime's exceptions have no common base
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise EnvironmentProblem(f"a face detector's network fails on {device} ({reason}); {_ADVICE}") from error
    pairs = list(zip(found, expected, strict=True))
    if not all(one.shape == two.shape and np.allclose(one, two, TOLERANCE, TOLERANCE) for one, two in pairs):
        message = f"a face detector's network computes something else on {device} than on the CPU; {_ADVICE}"
        raise EnvironmentProblem(message)


def _known(shape: list[Any], batch: int) -> Any:
    """Return an input of a shape of which some lengths are names: those of the batch and of the picture's sides."""
    lengths = [each if isinstance(each, int) else SIDE if place else batch for place, each in enumerate(shape)]
    return np.random.default_rng(0).uniform(-1, 1, lengths).astype(np.float32)


def shipped(name: str, device: str) -> onnxruntime.InferenceSession:
    """Return a session of a network whose weights come with facemotion.

    Parameters
    ----------
    name : str
        Of `DIGESTS`.
    device : str
        ``cpu`` or ``cuda``.

    Raises
    ------
    EnvironmentProblem
        If the weight file is damaged, or CUDA is asked for and does not work.
    """
    data = resources.files("facemotion.landmarks").joinpath("weights", f"{name}.onnx").read_bytes()
    if digest_bytes(data) != DIGESTS[name]:
        message = f"facemotion's weight file {name}.onnx is damaged (its SHA-256 is wrong); install facemotion again"
        raise EnvironmentProblem(message)
    session = onnxruntime.InferenceSession(data, options(), providers=providers(device))
    verify(session, device, data, batch=2)
    return session
