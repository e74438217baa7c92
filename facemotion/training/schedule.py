"""The learning rate: constant, then falling linearly."""

__all__ = ["rate_factor"]


def rate_factor(epoch: int, *, epochs: int, constant: int) -> float:
    """Return the factor on the learning rate in an epoch.

    It is 1 for the first `constant` epochs and then falls by equal steps, as the paper has it ("decayed linearly to 0
    from epoch 150"); the last epoch still learns, at one step above 0. (The released code starts to fall one epoch
    earlier, and its last epoch runs at a rate of 0.)

    Parameters
    ----------
    epoch : int
        0-based.
    epochs : int
        Number of epochs of the phase.
    constant : int
        Epochs at the full rate.

    Examples
    --------
    >>> [rate_factor(epoch, epochs=4, constant=2) for epoch in range(4)]
    [1.0, 1.0, 0.6666666666666667, 0.33333333333333337]
    """
    if epoch < constant:
        return 1.0
    return 1.0 - (epoch - constant + 1) / (epochs - constant + 1)
