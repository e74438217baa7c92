"""What facemotion finds in its environment, and how to repair what is wrong: ``facemotion doctor``.

Each check is a function of what it needs that returns findings; a finding with a problem says in one sentence what is
wrong and what to do. Nothing is changed, and nothing is fetched.
"""

import platform
from collections.abc import Iterator
from importlib import metadata

from facemotion import datasets
from facemotion.doctor import devices, distributions, places
from facemotion.doctor.finding import Finding, as_line, as_text, problems
from facemotion.workspace import Workspace

__all__ = ["Finding", "as_line", "as_text", "problems", "run"]


def run(workspace: Workspace) -> Iterator[Finding]:
    """Make all checks, one after the other, and yield what each finds as it has it.

    Parameters
    ----------
    workspace : Workspace
        The workspace that would be used.

    Yields
    ------
    Finding
        In the order in which they are shown.
    """
    yield Finding("Python", f"{platform.python_version()} ({platform.system()} {platform.machine()})")
    installed = list(metadata.distributions())
    yield from distributions.packages(installed)
    yield from distributions.opencv(installed)
    yield from distributions.runtimes(installed)
    yield from devices.torch_devices()  # before onnxruntime: torch brings CUDA libraries that both can use
    yield from devices.execution_providers(repair=distributions.repair(installed))
    yield from places.landmark_weights()
    yield from devices.video()
    yield from places.writable(workspace)
    yield from places.roots(datasets.names())
