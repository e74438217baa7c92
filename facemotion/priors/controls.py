"""Banks that guide wrongly on purpose: controls that ask whether it is the *right* mask that helps.

Both keep everything of a bank but which mask belongs to which class, fold by fold, so that training with them differs
in nothing else.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from facemotion.errors import PriorError
from facemotion.priors.bank import PriorBank

__all__ = ["DERANGEMENT_STEP", "deranged", "one_for_all"]

DERANGEMENT_STEP = 3
"""Each class takes the mask of the class so many places further, which never is itself with six or seven classes."""


def deranged(bank: PriorBank, order: Sequence[int] | None = None) -> PriorBank:
    """Return a bank in which each class has another class's mask.

    Parameters
    ----------
    bank : PriorBank
        The right masks.
    order : sequence of int, optional
        For each class, the place of the class whose mask it takes; `DERANGEMENT_STEP` places further by default.

    Raises
    ------
    PriorError
        If a class would keep its own mask, or two would take the same.
    """
    number = len(bank.classes)
    chosen = [(place + DERANGEMENT_STEP) % number for place in range(number)] if order is None else list(order)
    if sorted(chosen) != list(range(number)) or any(place == own for own, place in enumerate(chosen)):
        raise PriorError(f"order {chosen} is no derangement of {number} classes: each must take another's mask, once")
    taken = {name: bank.classes[place] for name, place in zip(bank.classes, chosen, strict=True)}
    return replace(
        bank,
        mean=bank.mean[:, chosen],
        mask=bank.mask[:, chosen],
        count=bank.count[:, chosen],
        meta=_with_origin(bank, {"operation": "derange", "masks_of": taken}),
    )


def one_for_all(bank: PriorBank) -> PriorBank:
    """Return a bank in which every class has the mean of all classes' masks.

    Raises
    ------
    PriorError
        If a class has no mask.
    """
    if not (bank.count > 0).all():
        raise PriorError("a class of the bank has no mask, so the mean over classes is not of all; choose another bank")

    def shared(values: np.ndarray) -> np.ndarray:
        average = values.mean(axis=1, keepdims=True, dtype=np.float64).astype(np.float32)
        return np.repeat(average, len(bank.classes), axis=1)

    origin = {"operation": "average", "classes": list(bank.classes)}
    return replace(bank, mean=shared(bank.mean), mask=shared(bank.mask), meta=_with_origin(bank, origin))


def _with_origin(bank: PriorBank, origin: dict[str, Any]) -> Any:
    return bank.meta.model_copy(update={"origins": (*bank.meta.origins, origin)})
