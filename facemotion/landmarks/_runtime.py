"""How landmark sources run their networks by onnxruntime: one thread, on the device asked for or not at all."""

import onnxruntime

from facemotion.errors import EnvironmentProblem

__all__ = ["demand", "options", "providers"]


def options() -> onnxruntime.SessionOptions:
    """Return session options with one thread: frames are spread over processes, and several pools would fight."""
    onnxruntime.set_default_logger_severity(3)  # a missing CUDA is told by `demand`, not on the terminal
    chosen = onnxruntime.SessionOptions()
    chosen.intra_op_num_threads = chosen.inter_op_num_threads = 1
    chosen.log_severity_level = 3
    return chosen


def providers(device: str) -> list[str]:
    """Return the execution providers to ask for on a device, ``cpu`` or ``cuda``."""
    return ["CUDAExecutionProvider"] * (device == "cuda") + ["CPUExecutionProvider"]


def demand(session: onnxruntime.InferenceSession, device: str) -> None:
    """Check that a session runs on the device that was asked for; onnxruntime falls back to the CPU silently.

    Raises
    ------
    EnvironmentProblem
        If it does not.
    """
    if providers(device)[0] not in session.get_providers():
        message = (
            "onnxruntime cannot use CUDA here: install onnxruntime-gpu and its CUDA libraries, or use the CPU; "
            "`facemotion doctor` tells more"
        )
        raise EnvironmentProblem(message)
