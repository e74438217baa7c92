"""Several pictures looked at together: the same results, in fewer calls, and no thread is left whatever happens."""

import _thread
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemotion.landmarks._lockstep import THREAD, Lockstep, Session

UNFIT = -1
"""A row with this is one that the network below cannot take."""


class Adding:
    """A network that adds a number of its own to each row, and to their sums; it keeps what it was called with."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.batches: list[np.ndarray] = []

    def get_inputs(self) -> list[Any]:
        return [SimpleNamespace(name=f"input_{self.number}")]

    def run(self, names: None, feeds: dict[str, Any], /) -> list[np.ndarray]:
        batch = feeds[self.get_inputs()[0].name]
        self.batches.append(batch.copy())
        if (batch == UNFIT).any():
            raise ValueError(f"the network {self.number} cannot take it")
        return [batch + self.number, batch.reshape(len(batch), -1).sum(axis=1) + self.number]


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == THREAD]


def ask(network: Session, batch: np.ndarray) -> list[np.ndarray]:
    return network.run(None, {network.get_inputs()[0].name: batch})


def followed(networks: list[Session], program: list[tuple[int, int, list[int]]]) -> list[Any]:
    """Ask networks one after the other, each with rows of some length; what comes out goes into the next question."""
    seen: list[Any] = []
    carried = 0.0
    for place, length, rows in program:
        batch = np.repeat(np.array(rows, np.float32)[:, None], length, axis=1)
        batch[batch != UNFIT] += carried
        try:
            whole, sums = ask(networks[place], batch)
            carried = float(sums.sum() % 7)
            seen.append((whole.tolist(), sums.tolist()))
        except ValueError as error:
            seen.append(str(error))
    return seen


question = st.tuples(st.integers(0, 2), st.integers(1, 2), st.lists(st.integers(UNFIT, 9), min_size=1, max_size=3))


@given(st.lists(st.lists(question, max_size=5), min_size=2, max_size=6))
def test_what_comes_out_is_that_of_one_picture_after_the_other(programs: list[list[Any]]) -> None:
    alone, together = ([Adding(number) for number in (1, 2, 3)] for _ in range(2))
    expected = [followed(alone, program) for program in programs]
    lockstep = Lockstep(16)
    joined = [lockstep.joined(network) for network in together]
    assert lockstep.each(lambda program: followed(joined, program), programs) == expected
    assert threads() == []
    if not any(UNFIT in rows for program in programs for _, _, rows in program):
        for one, other in zip(alone, together, strict=True):
            assert sum(map(len, other.batches)) == sum(map(len, one.batches))
            assert len(other.batches) <= len(one.batches)


def joined(*numbers: int) -> tuple[Lockstep, list[Adding], list[Session]]:
    lockstep, networks = Lockstep(4), [Adding(number) for number in numbers]
    return lockstep, networks, [lockstep.joined(network) for network in networks]


def test_what_is_asked_at_the_same_time_is_one_call() -> None:
    lockstep, (first, second), (one, two) = joined(1, 2)

    def look(levels: int) -> None:  # a pyramid of several levels, and then the windows of all of them
        for level in range(levels):
            ask(one, np.full((1, 3 + level), levels, np.float32))
        ask(two, np.full((levels, 2), levels, np.float32))

    lockstep.each(look, [1, 3, 2])
    assert [batch[:, 0].tolist() for batch in first.batches] == [[1, 3, 2], [3, 2], [3]]  # in the order of the pictures
    assert [batch[:, 0].tolist() for batch in second.batches] == [[1, 3, 3, 3, 2, 2]]  # those who are through wait


def test_a_failing_batch_is_the_failure_of_the_picture_that_brings_it_about() -> None:
    lockstep, (network,), (session,) = joined(1)

    def look(value: int) -> str:
        try:
            return str(ask(session, np.full((1, 1), value, np.float32))[1])
        except ValueError as error:
            return str(error)

    assert lockstep.each(look, [5, UNFIT, 6]) == ["[6.]", "the network 1 cannot take it", "[7.]"]
    assert [len(batch) for batch in network.batches] == [3, 1, 1, 1]


def test_a_buffer_that_is_filled_again_changes_no_question() -> None:
    lockstep, _, (session,) = joined(1)
    shared = np.empty((1, 1), np.float32)

    def look(value: int) -> float:
        shared[:] = value
        return float(ask(session, shared)[0][0, 0])

    assert lockstep.each(look, [3, 4, 5]) == [4, 5, 6]


class Interrupting(Adding):
    def run(self, names: None, feeds: dict[str, Any], /) -> list[np.ndarray]:
        raise KeyboardInterrupt


def raise_late(session: Session, place: int) -> None:
    ask(session, np.zeros((1, 1), np.float32))
    if place == 1:
        raise LookupError("of this picture")
    ask(session, np.zeros((1, 1), np.float32))


def interrupt(session: Session, place: int) -> None:
    if place == 2:
        _thread.interrupt_main()  # as Ctrl-C does; this picture notices where it asks next
    ask(session, np.zeros((1, 1), np.float32))


@pytest.mark.parametrize(
    ("network", "look", "raised"),
    [
        (Adding, raise_late, LookupError),
        (Adding, interrupt, KeyboardInterrupt),
        (Interrupting, raise_late, KeyboardInterrupt),
    ],
    ids=["a picture fails", "Ctrl-C in a picture", "Ctrl-C in a network"],
)
def test_what_ends_the_work_ends_all_pictures(
    network: type[Adding], look: Callable[[Session, int], None], raised: type[BaseException]
) -> None:
    lockstep = Lockstep(4)
    session = lockstep.joined(network(1))
    finished: list[int] = []

    def looked(place: int) -> None:
        look(session, place)
        finished.append(place)

    with pytest.raises(raised):
        lockstep.each(looked, [0, 1, 2, 3])
    assert finished == []
    assert threads() == []


def test_one_at_a_time_is_no_thread_and_the_network_itself() -> None:
    lockstep, network = Lockstep(), Adding(1)
    assert lockstep.joined(network) is network
    assert lockstep.each(lambda _: threading.current_thread(), [1, 2]) == [threading.current_thread()] * 2
