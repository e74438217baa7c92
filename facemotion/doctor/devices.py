"""Checks of what computes and decodes: onnxruntime's providers, torch's devices, ffmpeg."""

import importlib
import warnings
from importlib import resources
from typing import Any

from facemotion.doctor.finding import Finding, first_line

__all__ = ["execution_providers", "torch_devices", "video"]

PROVIDER = "ExecutionProvider"
"""How the names of onnxruntime's execution providers end."""
ELSEWHERE = f"Azure{PROVIDER}"
"""Calls a service on the network, and is not tried."""


def execution_providers(*, repair: str) -> list[Finding]:
    """Make and run a session with each execution provider that onnxruntime claims to have.

    Parameters
    ----------
    repair : str
        The command that installs onnxruntime afresh.

    Notes
    -----
    A claim means little: onnxruntime-gpu lists CUDA on machines that have none, and a session that asks for it falls
    back to the CPU. Only ``session.get_providers()`` tells. CUDA that does not work is a problem where torch sees a
    GPU.
    """
    try:
        import onnxruntime

        from facemotion.landmarks import _runtime

        _runtime.load_cuda_libraries()
        claimed = onnxruntime.get_available_providers()
        model = resources.files("facemotion.landmarks").joinpath("weights", "pnet.onnx").read_bytes()
        failures = {name: _attempt(onnxruntime, model, name) for name in claimed if name != ELSEWHERE}
    except Exception as error:  # an emptied module lacks attributes, a foreign one fails to load
        return [Finding("onnxruntime", "broken", f"onnxruntime cannot be used ({first_line(error)}): {repair}")]
    findings = []
    for name, failure in failures.items():
        problem = ""
        if failure and name == f"CPU{PROVIDER}":
            problem = f"onnxruntime cannot run the face detector on the CPU ({failure}): {repair}"
        elif failure and name == f"CUDA{PROVIDER}" and _torch_sees_gpu():
            problem = (
                "torch sees a GPU that onnxruntime cannot use: install the CUDA libraries that it was built for, "
                'pip install "onnxruntime-gpu[cuda,cudnn]"'
            )
        findings.append(
            Finding(f"  {name.removesuffix(PROVIDER)}", "does not work here" if failure else "works", problem)
        )
    return findings


def torch_devices() -> list[Finding]:
    """Tell whether torch sees CUDA devices; none is no problem, a driver that does not fit is one."""
    try:
        torch = importlib.import_module("torch")
    except Exception as error:
        problem = f"torch cannot be imported ({first_line(error)}): pip install --force-reinstall torch"
        return [Finding("torch devices", "broken", problem)]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        works = torch.cuda.is_available()
    if works:
        names = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
        return [Finding("torch devices", f"{', '.join(names)} (CUDA {torch.version.cuda})")]
    problem = ""
    if caught:
        told = str(caught[0].message).split(". ")[0]
        problem = f"torch cannot use this machine's GPU ({told}): update its driver, or install the torch that fits it"
    return [Finding("torch devices", "CPU only", problem)]


def video() -> list[Finding]:
    """Tell which ffmpeg PyAV decodes videos with."""
    try:
        av = importlib.import_module("av")
    except Exception as error:
        problem = (
            f"PyAV, which decodes videos, cannot be imported ({first_line(error)}): pip install --force-reinstall av"
        )
        return [Finding("video", "broken", problem)]
    version = getattr(av, "ffmpeg_version_info", "") or "of unknown version"
    return [Finding("video", f"PyAV {av.__version__} with ffmpeg {version}")]


def _attempt(runtime: Any, model: bytes, provider: str) -> str:
    """Run the smallest network by one execution provider; return why it does not work, or an empty string."""
    import numpy as np

    runtime.set_default_logger_severity(4)  # what fails is told by the table
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    try:
        session = runtime.InferenceSession(model, options, providers=[provider], enable_fallback=0)
        if provider not in session.get_providers():
            return "it fell back to another provider"
        given = session.get_inputs()[0].name
        session.run(None, {given: np.zeros((1, 12, 12, 3), np.float32)})
    except Exception as error:  # each provider has its own
        return first_line(error)
    return ""


def _torch_sees_gpu() -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return bool(importlib.import_module("torch").cuda.is_available())
    except Exception:
        return False
