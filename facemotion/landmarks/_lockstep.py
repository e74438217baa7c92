"""Several pictures looked at together, so that a network is called once for all of them where that pays: on a GPU.

Which networks a picture asks, how often and with what depends on what is in it. So each picture has a thread, and of
all threads one runs at a time: until its picture asks a network, or is done. When all pictures wait, the network that
comes first answers all that wait for it, in one call for inputs of one shape, and those go on. Whatever the size of a
pyramid, the windows of all pictures thus meet at the next network. Nothing depends on time: the same pictures in the
same order give the same batches.
"""

import functools
import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["AT_ONCE", "Lockstep", "Session"]

AT_ONCE = {"cpu": 1, "cuda": 16}
"""Pictures that are looked at together, by device: on a CPU, a batch takes as long as its pictures one by one."""

THREAD = "facemotion-picture"
"""What the threads are called."""

T = TypeVar("T")
R = TypeVar("R")
Outputs = list[NDArray[np.float32]]


class Session(Protocol):
    """What is used of an ``onnxruntime.InferenceSession``: a network with one input, all of whose outputs are wanted.

    Rows of its outputs depend on the same row of the input alone.
    """

    def get_inputs(self) -> Sequence[Any]:
        """Return what tells the input's name."""
        ...

    def run(self, names: None, feeds: dict[str, Any], /) -> Any:
        """Return the outputs."""
        ...


class Lockstep:
    """Joins what several pictures ask of some networks.

    Parameters
    ----------
    at_once : int
        Pictures that are looked at together.
    """

    def __init__(self, at_once: int = 1) -> None:
        self.at_once = at_once
        self._joined = 0
        self._here = threading.local()

    def joined(self, network: Session) -> Session:
        """Return what takes the place of a network; of several, that which was joined first answers first."""
        if self.at_once == 1:
            return network
        self._joined += 1
        return _Joined(network, self._joined, self._here)

    def each(self, function: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """Return ``function(item)`` for each item, in order.

        What it returns is that of one call after the other. A batch that fails is tried again picture by picture, and
        its failure is raised in the picture that brings it about.

        Parameters
        ----------
        function : callable
            What is done with a picture. It asks networks only in the thread in which it is called.
        items : sequence
            The pictures, not many more than `at_once`: each has a thread.

        Raises
        ------
        BaseException
            The first that `function` raises, or an interrupt; the other pictures are broken off where they ask next.
        """
        if self.at_once == 1 or len(items) < 2:
            return [function(item) for item in items]
        lanes = [_Lane(functools.partial(function, item), self._here) for item in items]
        try:
            for lane in lanes:
                lane.go()
            while waiting := [lane for lane in lanes if lane.asked is not None]:
                first = min(lane.asked.place for lane in waiting)  # type: ignore[union-attr]
                ready = [lane for lane in waiting if lane.asked.place == first]  # type: ignore[union-attr]
                _answer(ready)
                for lane in ready:
                    lane.go()
        finally:
            for lane in lanes:
                lane.stop()
        return [lane.result for lane in lanes]


class _BrokenOff(BaseException):
    """Raised where a picture asks a network, if it is not to go on; ``except Exception`` does not take it."""


class _Asked:
    """What a picture asks of a network."""

    def __init__(self, network: Session, place: int, name: str, batch: NDArray[Any]) -> None:
        self.network, self.place, self.name = network, place, name
        self.batch = batch.copy()  # whoever asks may fill a buffer again for the next picture
        self.answer: Outputs | Exception | None = None


class _Lane:
    """A picture and its thread, which runs only within `go`."""

    def __init__(self, work: Callable[[], Any], here: threading.local) -> None:
        self.asked: _Asked | None = None
        self.result: Any = None
        self._error: BaseException | None = None
        self._broken = False
        self._go, self._back = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, args=(work, here), name=THREAD, daemon=True)

    def go(self) -> None:
        """Let the picture go on until it asks a network or is done; raise what it raises."""
        if self._thread.ident is None:
            self._thread.start()
        self._go.release()
        self._back.acquire()
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """End the thread, if it has not ended."""
        if self._thread.ident is not None:
            self._broken = True
            self._go.release()
            self._thread.join()

    def ask(self, asked: _Asked) -> Outputs:
        """Wait, in the picture's thread, for a network's answer."""
        self.asked = asked
        self._back.release()
        self._go.acquire()
        self.asked = None
        if self._broken:
            raise _BrokenOff
        if isinstance(asked.answer, Exception):
            raise asked.answer
        return asked.answer or []

    def _run(self, work: Callable[[], Any], here: threading.local) -> None:
        self._go.acquire()
        here.lane = self
        try:
            if not self._broken:
                self.result = work()
        except BaseException as error:
            self._error = error
        finally:
            self._back.release()


class _Joined:
    """A network whose calls are joined while pictures are looked at together; else it is called at once."""

    def __init__(self, network: Session, place: int, here: threading.local) -> None:
        self._network, self._place, self._here = network, place, here

    def get_inputs(self) -> Sequence[Any]:
        return self._network.get_inputs()

    def run(self, names: None, feeds: dict[str, Any], /) -> Any:
        lane: _Lane | None = getattr(self._here, "lane", None)
        if lane is None:
            return self._network.run(names, feeds)
        [(name, batch)] = feeds.items()
        return lane.ask(_Asked(self._network, self._place, name, batch))


def _answer(lanes: Sequence[_Lane]) -> None:
    """Answer what pictures ask of one network."""
    groups: dict[tuple[int, ...], list[_Asked]] = {}
    for lane in lanes:
        if lane.asked is not None:
            groups.setdefault(lane.asked.batch.shape[1:], []).append(lane.asked)
    for group in groups.values():
        for asked, answer in zip(group, _outputs(group), strict=True):
            asked.answer = answer


def _outputs(group: Sequence[_Asked]) -> Sequence[Outputs | Exception]:
    """Return what a network gives for inputs of one shape, or what it raises for them."""
    batches = [asked.batch for asked in group]
    try:
        outputs = group[0].network.run(None, {group[0].name: np.concatenate(batches)})
    except Exception as error:  # the memory may not suffice for all of them, or a single one is odd
        return [error] if len(group) == 1 else [_outputs([asked])[0] for asked in group]
    ends = np.cumsum([len(batch) for batch in batches])[:-1]
    return [list(parts) for parts in zip(*(np.split(output, ends) for output in outputs), strict=True)]
