"""The losses: of the mask (Eq. 2), of where a classifier looks, and of its answers (Eq. 4)."""

from torch import Tensor
from torch.nn import functional

from facemotion.models.resizing import area
from facemotion.training.batches import Batch

__all__ = ["attention_loss", "class_loss", "mask_loss"]

_TINY = 1e-12


def mask_loss(mask: Tensor, batch: Batch) -> Tensor:
    """Return the mean squared error between masks and priors (Eq. 2) over the faces whose class has a prior."""
    return ((mask.float() - batch.prior).square().mean(dim=(1, 2, 3)) * batch.mask_weight).sum()


def attention_loss(attention: Tensor, batch: Batch) -> Tensor:
    """Return one minus the cosine between a channel mean and the prior, both centred, over the faces that have one.

    Parameters
    ----------
    attention : float tensor of shape (N, 1, h, w)
        The mean over the channels of a stage's features.
    batch : Batch
        Its priors are brought to the same size.
    """
    own = attention.float().flatten(1)
    prior = area(batch.prior, (attention.shape[-2], attention.shape[-1])).flatten(1)
    own, prior = own - own.mean(dim=1, keepdim=True), prior - prior.mean(dim=1, keepdim=True)
    lengths = (own.square().sum(dim=1) * prior.square().sum(dim=1) + _TINY).sqrt()
    return ((1 - (own * prior).sum(dim=1) / lengths) * batch.mask_weight).sum()


def class_loss(logits: Tensor, batch: Batch) -> Tensor:
    """Return the mean cross entropy (Eq. 4); of mixed faces, with both classes by their shares."""
    each = functional.cross_entropy(logits.float(), batch.labels, reduction="none")
    if batch.other_labels is not None and batch.other_share is not None:
        others = functional.cross_entropy(logits.float(), batch.other_labels, reduction="none")
        each = (1 - batch.other_share) * each + batch.other_share * others
    return (each * batch.class_weight).sum()
