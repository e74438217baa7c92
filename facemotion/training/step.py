"""One step of training: resampling, networks, losses, gradients, optimiser, sums; on CUDA one graph of kernels.

A step of a small network is hundreds of kernels that take less time to compute than to launch. A CUDA graph launches
them at once. It needs everything in the same place each time: what a batch is made of is copied into memory that stays,
one set for each size of batch, and rates and weights that change are tensors. On a CPU, and where a graph cannot be
made, the same function runs on the same memory.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from facemotion.training.batches import Batch, Faces, Share
from facemotion.training.device import Precision, autocast, check_cpu_precision
from facemotion.training.distributed import ALONE, Group
from facemotion.training.losses import attention_loss, class_loss, mask_loss
from facemotion.training.phases import Phase
from facemotion.training.settings import TrainingSettings

__all__ = ["Step", "from_compiler", "make_optimiser", "set_rates"]

WARM_UP = 3
"""Steps before a graph is captured, which make what is made once; what they learn is undone."""


def make_optimiser(model: nn.Module, phase: Phase, settings: TrainingSettings) -> torch.optim.Adam:
    """Return the optimiser of a phase; parts that do not learn in it are frozen."""
    for name, part in model.named_children():
        part.requires_grad_(name in phase.rates)
    device = next(model.parameters()).device
    on_cuda = device.type == "cuda"
    groups = [
        # a graph reads the rate where it lies
        {"params": list(model.get_submodule(name).parameters()), "name": name}
        | ({"lr": torch.tensor(rate, device=device)} if on_cuda else {})
        for name, rate in phase.rates.items()
    ]
    betas, fused = (settings.beta1, 0.999), device.type in ("cpu", "cuda")
    found = torch.optim.Adam(groups, betas=betas, weight_decay=settings.weight_decay, fused=fused, capturable=on_cuda)
    # no warning that a step is not captured: the steps before a graph are not, nor is any where none can be made
    found._warned_capturable_if_run_uncaptured = True  # type: ignore[attr-defined]
    return found


def set_rates(optimiser: torch.optim.Optimizer, phase: Phase, factor: float) -> None:
    """Set each part's learning rate to a factor of the phase's."""
    for group in optimiser.param_groups:
        rate = phase.rates[group["name"]] * factor
        if isinstance(group["lr"], Tensor):
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate


class Step:
    """The step of a phase; called with a share of faces, it learns from them. Nothing in it waits for the device.

    Parameters
    ----------
    network : torch.nn.Module
        What learns: the whole, or the mask generator alone in the phase of that name.
    faces : Faces
        The data, on the network's device.
    phase : Phase
        What the losses weigh.
    optimiser : torch.optim.Adam
        See `make_optimiser`.
    settings : TrainingSettings
        Precision, and whether a graph is wanted.
    group : Group
        The processes that share each batch; more than one make no graph.
    say : callable
        Is told, once, why there is no graph where one is wanted.

    Attributes
    ----------
    sums : float32 tensor of shape (3,)
        Sums over the faces since `begin`: of the mask loss, of the class loss, and of right answers.
    """

    def __init__(
        self,
        network: nn.Module,
        faces: Faces,
        phase: Phase,
        optimiser: torch.optim.Adam,
        settings: TrainingSettings,
        *,
        group: Group = ALONE,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._network, self._faces, self._phase, self._optimiser = network, faces, phase, optimiser
        self._precision: Precision = settings.precision
        self._cpu_precision: Precision = settings.cpu_precision
        if faces.device.type == "cpu":
            check_cpu_precision(self._cpu_precision)
        self._group, self._say = group, say
        self.sums = torch.zeros(3, device=faces.device)
        self._mask_weight = torch.zeros((), device=faces.device)
        self._held: dict[int, Share] = {}
        self._graphs: dict[int, torch.cuda.CUDAGraph] = {}
        self._wanted = settings.cuda_graph and self._can_capture()
        if self._wanted and group.size > 1:
            self._wanted = False
            say("several processes train together: their steps are not captured as CUDA graphs")

    @property
    def graphs(self) -> int:
        """How many graphs have been captured: one for each size of batch."""
        return len(self._graphs)

    def _can_capture(self) -> bool:
        return self._faces.device.type == "cuda"

    def begin(self, mask_weight: float) -> None:
        """Begin an epoch: sums are 0, and the comparison with the prior has this weight."""
        self._network.train()
        self.sums.zero_()
        self._mask_weight.fill_(mask_weight)

    def __call__(self, share: Share) -> None:
        """Learn from the faces of a share; it may be overwritten afterwards."""
        number = len(share)
        if number in self._held:
            self._held[number].fill(share)
        else:
            self._held[number] = share.clone(self._faces.device)
            if self._wanted:
                self._try_to_capture(number)
        if number in self._graphs:
            self._graphs[number].replay()
        else:
            self._learn(self._held[number])

    def _learn(self, share: Share) -> None:
        batch = self._faces.show(share)
        mask_part, class_part, right = self._losses(batch)
        self._optimiser.zero_grad(set_to_none=True)
        # gradients are averaged over the processes, while each has weighed its share of the whole batch
        total = self._mask_weight * mask_part + self._phase.class_weight * class_part
        (self._group.size * total).backward()
        self._optimiser.step()
        self.sums += torch.stack([mask_part.detach() * batch.size, class_part.detach() * batch.size, right])

    def _losses(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Return mask loss, cross entropy and the number of right answers; what has no part in the phase is 0."""
        nothing = torch.zeros((), device=batch.color.device)
        with autocast(batch.color.device, self._precision, on_cpu=self._cpu_precision):
            if not self._phase.class_weight:
                return mask_loss(self._network(batch.gray), batch), nothing, nothing
            logits, mask, attention = self._network(batch.color, batch.gray)
        right = (logits.argmax(dim=1) == batch.labels).sum().float()
        compared = {"mask": (mask_loss, mask), "attention": (attention_loss, attention)}
        loss, seen = compared.get(self._phase.guidance or "", (None, None))
        mask_part = loss(seen, batch) if loss is not None else nothing
        return mask_part, class_loss(logits, batch), right

    def _try_to_capture(self, number: int) -> None:
        """Capture the step for batches of a size; where that fails, say why and make no other try."""
        state = _State(self._network, self._optimiser, self.sums)
        try:
            self._graphs[number] = self._captured(self._held[number])
        except RuntimeError as error:
            if from_compiler(error):
                raise
            self._wanted = False
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            self._say(f"the training step cannot be captured as a CUDA graph ({reason}); it goes on without, slower")
        finally:
            self._optimiser.zero_grad(set_to_none=True)
            state.restore()

    def _captured(self, share: Share) -> torch.cuda.CUDAGraph:
        device = self._faces.device
        current, side = torch.cuda.current_stream(device), torch.cuda.Stream(device)
        side.wait_stream(current)
        with torch.cuda.stream(side):
            for _ in range(WARM_UP):
                self._learn(share)
        current.wait_stream(side)
        self._optimiser.zero_grad(set_to_none=True)  # so that gradients come to lie in the graph's own memory
        graph = torch.cuda.CUDAGraph()
        # one replay at a time, and nothing but what was there before outlives it: the graphs can share their memory
        pool = next(iter(self._graphs.values())).pool() if self._graphs else None
        # the generator of random numbers takes part by itself: each replay goes on where the last one ended
        try:
            with torch.cuda.graph(graph, pool=pool, capture_error_mode="thread_local"):
                self._learn(share)
        finally:
            torch.cuda.set_stream(current)  # which older torch does not do where a capture fails
        return graph


class _State:
    """All that a step changes, as it was: weights, buffers, moments, sums, random numbers."""

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


def from_compiler(error: RuntimeError) -> bool:
    """Tell whether an error is of torch.compile."""
    from torch._dynamo.exc import TorchDynamoException  # slow to import

    return isinstance(error, TorchDynamoException)
