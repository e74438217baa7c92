"""What Ray does that processes of this machine do not: tasks of killed workers are run again, nodes are asked."""

import os
import signal
import sys
from pathlib import Path

import pytest

from facemotion import execution
from facemotion.errors import EnvironmentProblem


def test_without_ray_its_absence_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(EnvironmentProblem, match=r"needs Ray: pip install 'facemotion\[ray\]'"):
        list(execution.load("ray").run(abs, [1], workers=1))


def killed_once(place: Path) -> str:
    """Kill this worker the first time, and return where the second one works."""
    try:
        place.touch(exist_ok=False)
    except FileExistsError:
        return os.getcwd()
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def test_the_task_of_a_killed_worker_is_run_again(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="Ray is not installed")
    places = [tmp_path / str(number) for number in range(3)]
    assert list(execution.load("ray").run(killed_once, places, workers=2, paths=[tmp_path])) == [os.getcwd()] * 3


def test_a_node_that_does_not_see_a_folder_is_named(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="Ray is not installed")
    with pytest.raises(EnvironmentProblem, match=r"the Ray node \S+ does not see .*nowhere: dataset and workspace"):
        list(execution.load("ray").run(abs, [1], workers=1, paths=[tmp_path / "nowhere"]))
