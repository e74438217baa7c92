"""Tasks on a Ray cluster: that of an address, or one that is started on this machine and ends with this process.

Data go by path: every node must see the folders that the tasks read and write, at the same place, and have facemotion's
dependencies. Workers take over the caller's working directory and module path, as spawned processes do. Ray runs a task
again whose worker was killed, up to `RETRIES` times, on another node if there is one.
"""

import importlib
import logging
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from facemotion.errors import ConfigError, EnvironmentProblem
from facemotion.execution import Tasks

__all__ = ["ADDRESS", "connect", "processors", "run"]

T = TypeVar("T")
R = TypeVar("R")

ADDRESS = "RAY_ADDRESS"
"""Ray's own environment variable: the cluster to use, ``auto`` for the one of this machine; without it, a new one."""
RETRIES = 2
HELD = 4
"""Results per worker that wait for an earlier one, at most, those under way included."""
PATIENCE = 60
"""Seconds that a node has to answer whether it sees the folders."""


def run(function: Callable[[T], R], tasks: Tasks[T], *, workers: int, paths: Sequence[Path] = ()) -> Iterator[R]:
    """Yield ``function(task)`` for each task, in order; see `facemotion.execution`.

    Parameters
    ----------
    function : callable
        What is called.
    tasks : Tasks
        What it is called with.
    workers : int
        Tasks at a time, at most.
    paths : sequence of Path
        What every node must see.

    Raises
    ------
    ConfigError
        If `workers` is less than 1.
    EnvironmentProblem
        If Ray is not installed or not reached, a node does not see a path, or a task's workers die again and again.
    """
    if workers < 1:
        raise ConfigError(f"workers is {workers}; at least 1 is needed")
    if not len(tasks):
        return iter(())
    ray = connect(workers)
    remote = _remote(ray)
    _demand(ray, remote, paths)
    return _spread(ray, remote, function, tasks, workers)


def connect(workers: int = 1) -> Any:
    """Connect this process with the cluster of the environment, or with a new one of its own; return the module ray.

    Parameters
    ----------
    workers : int
        Tasks at a time that a new cluster must bear.

    Raises
    ------
    EnvironmentProblem
        If Ray is not installed, or the cluster is not reached.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent to anybody
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        ray: Any = importlib.import_module("ray")
    except ImportError as error:
        message = "the executor ray needs Ray: pip install 'facemotion[ray]', or use --executor local"
        raise EnvironmentProblem(message) from error
    if ray.is_initialized():
        return ray
    own = {} if os.environ.get(ADDRESS) else {"num_cpus": max(workers, os.cpu_count() or 1)}
    try:
        ray.init(**own, include_dashboard=False if own else None, log_to_driver=False, logging_level=logging.ERROR)
    except Exception as error:  # many types, from the network to the session folder
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        where = os.environ.get(ADDRESS, "this machine")
        raise EnvironmentProblem(f"Ray cannot be used on {where} ({reason}); see --ray-address") from error
    return ray


def processors() -> int:
    """Return the processors of the cluster, at least 1."""
    return max(1, int(connect().cluster_resources().get("CPU", 1)))


def _spread(ray: Any, remote: Any, function: Callable[[T], R], tasks: Tasks[T], workers: int) -> Iterator[R]:
    place = os.getcwd(), [entry for entry in sys.path if entry]
    waiting: deque[Any] = deque()
    running: list[Any] = []
    try:
        for task in tasks:
            while True:
                while waiting and waiting[0] not in running:
                    yield ray.get(waiting.popleft())
                if len(running) < workers and len(waiting) < HELD * workers:
                    break
                running = ray.wait(running, num_returns=1)[1]
            waiting.append(remote.remote(ray.cloudpickle.dumps((function, task)), *place))
            running.append(waiting[-1])
        while waiting:
            yield ray.get(waiting.popleft())
    except ray.exceptions.RayTaskError as error:
        raise error.cause from None
    except ray.exceptions.RayError as error:  # a worker crashed, ran out of memory, a node went away
        message = "a worker process died (killed, or out of memory); run it again, with fewer --workers if it recurs"
        raise EnvironmentProblem(message) from error
    finally:
        for reference in waiting:
            ray.cancel(reference, force=True)  # what is under way is broken off


def _remote(ray: Any) -> Any:
    """Return what Ray calls. It is a closure, so that it goes to the workers by value and needs nothing there."""

    def call(blob: bytes, folder: str, entries: list[str]) -> Any:
        import os
        import pickle
        import sys

        os.environ["OPENCV_FOR_THREADS_NUM"] = "1"  # Ray counts on one core a task
        os.chdir(folder)
        sys.path.extend(entry for entry in entries if entry not in sys.path)
        function, task = pickle.loads(blob)
        return function(task)

    return ray.remote(max_retries=RETRIES)(call)


def _demand(ray: Any, remote: Any, paths: Sequence[Path]) -> None:
    """Ask every node whether it sees the caller's folder and some paths."""
    from ray.util.scheduling_strategies import (  # pyright: ignore[reportMissingImports]
        NodeAffinitySchedulingStrategy,
    )

    wanted = [os.path.abspath(path) for path in (os.curdir, *paths)]
    blob = ray.cloudpickle.dumps((_unseen, wanted))
    asked = {}
    for node in ray.nodes():
        if node["Alive"] and node["Resources"].get("CPU"):
            here = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            options = {"scheduling_strategy": here, "num_cpus": 0}
            name = node.get("NodeManagerHostname") or node["NodeManagerAddress"]
            asked[name] = remote.options(**options).remote(blob, os.sep, [entry for entry in sys.path if entry])
    for name, answer in asked.items():
        try:
            unseen = ray.get(answer, timeout=PATIENCE)
        except ray.exceptions.RayError as error:
            raise EnvironmentProblem(f"the Ray node {name} cannot run facemotion: {_first_line(error)}") from error
        if unseen:
            message = (
                f"the Ray node {name} does not see {', '.join(unseen)}: dataset and workspace must lie on a file "
                "system that all nodes share, at the same place"
            )
            raise EnvironmentProblem(message)


def _unseen(paths: Sequence[str]) -> list[str]:
    return [path for path in paths if not os.path.exists(path)]


def _first_line(error: BaseException) -> str:
    cause = getattr(error, "cause", None) or error
    lines = str(cause).strip().splitlines()
    return lines[0] if lines else type(cause).__name__
