import os

import pytest

from facemotion import execution
from facemotion.errors import ConfigError, EnvironmentProblem
from facemotion.execution import local


def square(number: int) -> int:
    if number < 0:
        raise ConfigError(f"{number} is negative")
    return number * number


def process(number: int) -> int:
    return os.getpid()


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_results_come_in_the_order_of_the_tasks(workers: int) -> None:
    assert list(local.run(abs, [-3, 1, -2], workers=workers)) == [3, 1, 2]


def test_no_tasks_give_nothing() -> None:
    assert list(local.run(abs, [], workers=3)) == []


def test_one_worker_or_one_task_stays_in_this_process() -> None:
    assert set(local.run(process, [1, 2], workers=1)) == {os.getpid()}
    assert set(local.run(process, [1], workers=4)) == {os.getpid()}


def test_errors_of_a_task_reach_the_caller() -> None:
    with pytest.raises(ConfigError, match="-1 is negative"):
        list(local.run(square, [2, -1, 3], workers=1))
    with pytest.raises(ValueError, match="could not convert"):
        list(local.run(float, ["2", "x", "3"], workers=2))


def test_workers_must_be_positive() -> None:
    with pytest.raises(ConfigError, match="workers is 0"):
        local.run(abs, [1], workers=0)


def test_a_dead_worker_is_a_clear_error() -> None:
    with pytest.raises(EnvironmentProblem, match="a worker process died"):
        list(local.run(os._exit, [3, 3, 3], workers=2))


def test_executors_are_found_by_name() -> None:
    assert "local" in execution.executors()
    assert execution.load("local") is local
    with pytest.raises(ConfigError, match="unknown executor 'slurm'"):
        execution.load("slurm")
