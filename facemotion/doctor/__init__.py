"""What facemotion finds in its environment, and how to repair what is wrong: ``facemotion doctor``.

Each check is a function of what it needs that returns findings; a finding with a problem says in one sentence what is
wrong and what to do. Nothing is changed, and nothing is fetched.
"""

import platform
from importlib import metadata

from facemotion import datasets
from facemotion.doctor import devices, distributions, places
from facemotion.doctor.finding import Finding, as_text
from facemotion.workspace import Workspace

__all__ = ["Finding", "as_text", "run"]


def run(workspace: Workspace) -> list[Finding]:
    """Make all checks.

    Parameters
    ----------
    workspace : Workspace
        The workspace that would be used.

    Returns
    -------
    list of Finding
        In the order in which they are shown.
    """
    installed = list(metadata.distributions())
    return [
        Finding("Python", f"{platform.python_version()} ({platform.system()} {platform.machine()})"),
        *distributions.packages(installed),
        *distributions.opencv(installed),
        *distributions.runtimes(installed),
        *devices.torch_devices(),  # before onnxruntime: torch brings CUDA libraries that both can use
        *devices.execution_providers(repair=distributions.repair(installed)),
        *places.landmark_weights(),
        *devices.video(),
        *places.writable(workspace),
        *places.roots(datasets.names()),
    ]
