"""How landmark sources run their networks by onnxruntime: one thread, on the device asked for or not at all."""

from importlib import resources

import onnxruntime

from facemotion.errors import EnvironmentProblem
from facemotion.workspace import digest_bytes

__all__ = ["DIGESTS", "demand", "options", "providers", "shipped"]

DIGESTS = {
    "pnet": "8ffeece9f40b75c6130c404a7a9cc8d9249bc91930291b3cef835daba0ea3c87",
    "rnet": "8cb012f852d8c3773d890b9c06acf3a7fda8756f5428450a32fdcd036e71242c",
    "onet": "12e40e741d1d2e4d4c1b12671e807613ca921cd7728c97d5d2d186dea499ca37",
    "retinaface": "b7a7acab55e104dce6f32cdfff929bd83946da5cd869b9e2e9bdffafd1b7e4a5",
}
"""SHA-256 of the files in ``weights``, see the licences there."""


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
    demand(session, device)
    return session
