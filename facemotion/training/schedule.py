"""The learning rate: constant, then falling linearly; and the weight of a loss over the epochs."""

from typing import Literal

__all__ = ["Decay", "Schedule", "rate_factor", "weight_factor"]

Decay = Literal["linear", "as-released"]
Schedule = Literal["constant", "falling", "rising"]


def rate_factor(epoch: int, *, epochs: int, constant: int, decay: Decay = "linear") -> float:
    """Return the factor on the learning rate in an epoch.

    ``linear``: it is 1 for the first `constant` epochs and then falls by equal steps, as the paper has it ("decayed
    linearly to 0 from epoch 150"); the last epoch still learns, at one step above 0. ``as-released``: the same line one
    epoch earlier, as in the authors' code, so that the last epoch runs at a rate of 0.

    Parameters
    ----------
    epoch : int
        0-based.
    epochs : int
        Number of epochs of the phase.
    constant : int
        Epochs at the full rate.
    decay : {"linear", "as-released"}
        Which of the two lines.

    Examples
    --------
    >>> [rate_factor(epoch, epochs=4, constant=1) for epoch in range(4)]
    [1.0, 0.75, 0.5, 0.25]
    >>> [rate_factor(epoch, epochs=4, constant=1, decay="as-released") for epoch in range(4)]
    [0.75, 0.5, 0.25, 0.0]
    """
    if decay == "as-released":
        epoch += 1
    if epoch < constant:
        return 1.0
    return 1.0 - (epoch - constant + 1) / (epochs - constant + 1)


def weight_factor(epoch: int, *, epochs: int, schedule: Schedule) -> float:
    """Return the factor on the weight of a loss in an epoch, counted from 0.

    Examples
    --------
    >>> [weight_factor(epoch, epochs=4, schedule="falling") for epoch in range(4)]
    [1.0, 0.75, 0.5, 0.25]
    >>> [weight_factor(epoch, epochs=4, schedule="rising") for epoch in range(4)]
    [0.25, 0.5, 0.75, 1.0]
    """
    return {"constant": 1.0, "falling": 1 - epoch / epochs, "rising": (epoch + 1) / epochs}[schedule]
