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
from facemotion.training.compiling import from_compiler, prepared
from facemotion.training.device import Precision, autocast, check_cpu_precision
from facemotion.training.distributed import ALONE, Group
from facemotion.training.graph import Before, capture, first_cause, first_line, recover
from facemotion.training.losses import attention_loss, class_loss, mask_loss
from facemotion.training.phases import Phase
from facemotion.training.settings import TrainingSettings

__all__ = ["Step", "make_optimiser", "set_rates"]


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


Size = tuple[int, int]
"""Faces of a share, and of the batch that it is of: two processes can have as many of batches that differ."""


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
        Precision, and whether the network is compiled and a graph is wanted.
    group : Group
        The processes that share each batch; more than one make no graph.
    say : callable
        Is told, once, why there is no graph, or no compiled network, where one is wanted.

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
        self._plain, self._faces, self._phase, self._optimiser = network, faces, phase, optimiser
        self._network = prepared(network, settings, group)
        self._precision: Precision = settings.precision
        self._cpu_precision: Precision = settings.cpu_precision
        if faces.device.type == "cpu":
            check_cpu_precision(self._cpu_precision)
        self._group, self._say = group, say
        self._compiles, self._whole = settings.compile and group.size == 1, 0
        self.sums = torch.zeros(3, device=faces.device)
        self._mask_weight = torch.zeros((), device=faces.device)
        self._held: dict[Size, Share] = {}
        self._graphs: dict[Size, torch.cuda.CUDAGraph] = {}
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
        size = len(share), share.size
        if size in self._held:
            self._held[size].fill(share)
        else:
            held = self._held[size] = share.clone(self._faces.device)
            if self._compiles and not self._whole:
                self._try_to_compile(held)
            if self._wanted:
                self._try_to_capture(size)
        if size in self._graphs:
            self._graphs[size].replay()
        else:
            self._learn(self._held[size])

    def _learn(self, share: Share) -> None:
        batch = self._faces.show(share)
        # code is made for the first size alone: the rests of ten folds would each need their own
        network = self._network if self._whole in (0, len(share)) else self._plain
        mask_part, class_part, right = self._losses(batch, network)
        self._optimiser.zero_grad(set_to_none=True)
        # gradients are averaged over the processes, while each has weighed its share of the whole batch
        total = self._mask_weight * mask_part + self._phase.class_weight * class_part
        (self._group.size * total).backward()
        self._optimiser.step()
        self.sums += torch.stack([mask_part.detach() * batch.size, class_part.detach() * batch.size, right])

    def _losses(self, batch: Batch, network: nn.Module) -> tuple[Tensor, Tensor, Tensor]:
        """Return mask loss, cross entropy and the number of right answers; what has no part in the phase is 0."""
        nothing = torch.zeros((), device=batch.color.device)
        with autocast(batch.color.device, self._precision, on_cpu=self._cpu_precision):
            if not self._phase.class_weight:
                return mask_loss(network(batch.gray), batch), nothing, nothing
            logits, mask, attention = network(batch.color, batch.gray)
        right = (logits.argmax(dim=1) == batch.labels).sum().float()
        compared = {"mask": (mask_loss, mask), "attention": (attention_loss, attention)}
        loss, seen = compared.get(self._phase.guidance or "", (None, None))
        mask_part = loss(seen, batch) if loss is not None else nothing
        return mask_part, class_loss(logits, batch), right

    def _try_to_compile(self, share: Share) -> None:
        """Try a step with the compiled network, and undo it; where that fails, say why and take the network as it is.

        Processes that train together cannot: one that takes another way would leave the others waiting.
        """
        before, self._whole = Before(self._plain, self._optimiser, self.sums), len(share)
        try:
            self._learn(share)
        except Exception as error:
            if not from_compiler(error):
                raise
            self._network = self._plain
            self._say(f"the networks cannot be compiled ({first_line(error)}); they are computed as they are, slower")
        finally:
            self._optimiser.zero_grad(set_to_none=True)
            before.restore()

    def _try_to_capture(self, size: Size) -> None:
        """Capture the step for batches of a size; where that fails, say why and make no other try."""
        before = Before(self._plain, self._optimiser, self.sums)
        try:
            self._graphs[size] = self._captured(self._held[size])
        except RuntimeError as error:
            self._wanted = False
            self._graphs.clear()  # their random numbers went with the capture that failed
            recover(self._faces.device)
            reason = first_cause(error)
            self._say(f"the training step cannot be captured as a CUDA graph ({reason}); it goes on without, slower")
        finally:
            self._optimiser.zero_grad(set_to_none=True)
            before.restore()

    def _captured(self, share: Share) -> torch.cuda.CUDAGraph:
        return capture(
            lambda: self._learn(share),
            self._faces.device,
            between=lambda: self._optimiser.zero_grad(set_to_none=True),  # gradients come to lie in the graph's memory
            beside=next(iter(self._graphs.values()), None),
        )
