"""Capturing a function's kernels as a CUDA graph; and going back to what was before, where that fails.

What runs on CUDA alone is here, and nothing else: `facemotion.training.step` is the same with and without it.
"""

import functools
from collections.abc import Callable

import torch
from torch import Tensor, nn

__all__ = ["WARM_UP", "Before", "capture", "first_cause", "first_line", "recover"]

WARM_UP = 3
"""Calls before a capture, which make what is made once; whatever they change must be undone."""


@functools.cache
def _side_stream(device: torch.device) -> torch.cuda.Stream:
    """Return the one stream of a device on which functions are warmed up and captured.

    Libraries keep memory for each stream that they have worked on: another stream for each capture would add up, and
    that of a stream which works for the first time in a capture would come to lie in the graph's memory.
    """
    return torch.cuda.Stream(device)


def capture(
    function: Callable[[], None],
    device: torch.device,
    *,
    between: Callable[[], None],
    beside: torch.cuda.CUDAGraph | None = None,
) -> torch.cuda.CUDAGraph:
    """Call a function some times, then capture its kernels.

    Parameters
    ----------
    function : callable
        Works on memory that stays; what it allocates comes to lie in the graph's own memory.
    device : torch.device
        Where; it need not be torch's current device.
    between : callable
        Is called before the capture, to let go of memory that the first calls took.
    beside : torch.cuda.CUDAGraph, optional
        Another graph whose memory is shared: the two are never replayed at a time, and nothing of what is in that
        memory is read afterwards.

    Returns
    -------
    torch.cuda.CUDAGraph
        Each replay draws other random numbers: torch registers the device's own generator with the graph when the
        capture begins, and a replay goes on where the last one ended.

    Raises
    ------
    RuntimeError
        If something in the function cannot be captured; see `recover`.
    """
    with torch.cuda.device(device):  # the capture, and the generator, are those of the current device
        side, current = _side_stream(device), torch.cuda.current_stream(device)
        side.wait_stream(current)
        with torch.cuda.stream(side):
            for _ in range(WARM_UP):
                function()
        current.wait_stream(side)
        between()
        graph = torch.cuda.CUDAGraph()
        pool = None if beside is None else beside.pool()
        try:
            with torch.cuda.graph(graph, pool=pool, stream=side, capture_error_mode="thread_local"):
                function()
        finally:
            torch.cuda.set_stream(current)  # which older torch does not do where a capture fails
    return graph


def recover(device: torch.device) -> None:
    """Make a device's random numbers usable after a capture that failed; graphs that were captured before are not.

    Older torch leaves its generator as in a capture, in which an ordinary dropout is an error ("Offset increment
    outside graph capture"). A copy of its state is not.
    """
    if device.type == "cuda":
        index = torch.cuda.current_device() if device.index is None else device.index
        generator = torch.cuda.default_generators[index]
        generator.graphsafe_set_state(generator.clone_state())


def first_cause(error: BaseException) -> str:
    """Return the first line of what went wrong first: a capture that is broken off ends in an error of its own."""
    while isinstance(error.__context__, RuntimeError):
        error = error.__context__
    return first_line(error)


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says; its kind, where it says nothing."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


class Before:
    """All that a step changes, as it was: weights, buffers, moments, sums, random numbers.

    Parameters
    ----------
    network : torch.nn.Module
        Its parameters and buffers.
    optimiser : torch.optim.Optimizer
        Its moments, if it has any yet.
    sums : tensor
        Whose device's random numbers are kept.
    """

    def __init__(self, network: nn.Module, optimiser: torch.optim.Optimizer, sums: Tensor) -> None:
        self._optimiser, self._device = optimiser, sums.device
        moments = [value for each in optimiser.state.values() for value in each.values() if isinstance(value, Tensor)]
        tensors = [*network.parameters(), *network.buffers(), sums, *moments]
        self._fresh = not moments
        self._kept = [(tensor, tensor.detach().clone()) for tensor in tensors]
        on_cuda = self._device.type == "cuda"
        self._random = torch.cuda.get_rng_state(self._device) if on_cuda else torch.get_rng_state()

    @torch.no_grad()
    def restore(self) -> None:
        """Put everything back, in place."""
        for tensor, value in self._kept:
            tensor.copy_(value)
        if self._fresh:  # moments that a step has made begin at 0
            for each in self._optimiser.state.values():
                for value in each.values():
                    if isinstance(value, Tensor):
                        value.zero_()
        if self._device.type == "cuda":
            torch.cuda.set_rng_state(self._random, self._device)
        else:
            torch.set_rng_state(self._random)
