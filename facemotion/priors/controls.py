"""Banks that guide otherwise on purpose: controls that ask whether it is the *right* mask that helps.

Each takes a bank and gives one that differs from it in nothing but its masks: classes, folds, who is left out of which,
alignment and size stay, so that training with it differs in nothing else. What a fold's masks become depends on that
fold's masks alone, so that none of them sees a test subject that the bank's own does not see.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from facemotion.errors import ConfigError, PriorError
from facemotion.priors.bank import PriorBank

__all__ = ["CONTROLS", "DERANGEMENT_STEP", "Control", "apply_control", "deranged", "flipped", "one_for_all", "shuffled"]

DERANGEMENT_STEP = 3
"""Each class takes the mask of the class so many places further; 1 where that would be itself (three classes)."""


@dataclass(frozen=True)
class Control:
    """A control: what it is called, what it is, and how it is made.

    Attributes
    ----------
    name : str
        As the command line has it.
    description : str
        One line.
    make : callable
        Takes the bank and a seed; gives the control's bank.
    """

    name: str
    description: str
    make: Callable[[PriorBank, int], PriorBank]


def apply_control(bank: PriorBank, name: str, *, seed: int = 0) -> PriorBank:
    """Return the bank of a control.

    Parameters
    ----------
    bank : PriorBank
        The right masks.
    name : str
        One of `CONTROLS`.
    seed : int
        Of those that draw (``shuffled``).

    Raises
    ------
    ConfigError
        If there is no such control.
    PriorError
        If it cannot be made of this bank.
    """
    if name not in CONTROLS:
        raise ConfigError(f"there is no control {name!r}: known are {', '.join(CONTROLS)}")
    return CONTROLS[name].make(bank, seed)


def deranged(bank: PriorBank, order: Sequence[int] | None = None) -> PriorBank:
    """Return a bank in which each class has another class's mask.

    Parameters
    ----------
    bank : PriorBank
        The right masks.
    order : sequence of int, optional
        For each class, the place of the class whose mask it takes; by default `DERANGEMENT_STEP` places further among
        the classes that have a mask, while those that have none keep none.

    Raises
    ------
    PriorError
        If a class would keep its own mask, or two would take the same.
    """
    number = len(bank.classes)
    if order is None:
        moved = [place for place, name in enumerate(bank.classes) if name not in bank.missing()]
        step = DERANGEMENT_STEP if DERANGEMENT_STEP % max(len(moved), 1) else 1
        chosen = list(range(number))
        for index, place in enumerate(moved):
            chosen[place] = moved[(index + step) % len(moved)]
    else:
        chosen, moved = list(order), list(range(number))
    if sorted(chosen) != list(range(number)) or len(moved) < 2 or any(chosen[place] == place for place in moved):
        raise PriorError(f"order {chosen} is no derangement of {number} classes: each must take another's mask, once")
    taken = {bank.classes[place]: bank.classes[chosen[place]] for place in moved}
    arrays = {name: getattr(bank, name)[:, chosen] for name in ("mean", "mask", "count")}
    return replace(bank, **arrays, meta=_next(bank, "wrong-mask", masks_of=taken))


def one_for_all(bank: PriorBank) -> PriorBank:
    """Return a bank in which every class that has a mask has the mean of all classes' masks, fold by fold.

    Raises
    ------
    PriorError
        If no class has a mask.
    """
    there = np.array([[name not in bank.missing(fold) for name in bank.classes] for fold in (*range(bank.folds), None)])
    if not there[-1].any():
        raise PriorError(f"the bank of {bank.meta.dataset} has no mask at all, so there is no mean of them")
    weight = there / np.maximum(there.sum(axis=1, keepdims=True), 1)

    def shared(values: np.ndarray) -> np.ndarray:
        average = np.einsum("fk,fkhw->fhw", weight, values.astype(np.float64)).clip(0, 1)
        return np.where(there[..., None, None], average[:, None], 0).astype(np.float32)

    names = [name for name, present in zip(bank.classes, there[-1], strict=True) if present]
    return replace(bank, mean=shared(bank.mean), mask=shared(bank.mask), meta=_next(bank, "mean-mask", classes=names))


def shuffled(bank: PriorBank, *, seed: int = 0) -> PriorBank:
    """Return a bank whose pixels are permuted: what tells classes apart stays, where faces move does not.

    Parameters
    ----------
    bank : PriorBank
        The right masks.
    seed : int
        Of the permutation, which is the same for all classes and folds.
    """
    order = np.random.default_rng(seed).permutation(bank.size[0] * bank.size[1])

    def permuted(values: np.ndarray) -> np.ndarray:
        return values.reshape(*values.shape[:2], -1)[..., order].reshape(values.shape)

    return replace(bank, mean=permuted(bank.mean), mask=permuted(bank.mask), meta=_next(bank, "shuffled", seed=seed))


def flipped(bank: PriorBank) -> PriorBank:
    """Return a bank whose masks are upside down: smooth and as varied as the right ones, in the wrong places."""
    upside, down = (np.ascontiguousarray(values[:, :, ::-1]) for values in (bank.mean, bank.mask))
    return replace(bank, mean=upside, mask=down, meta=_next(bank, "flipped"))


def _action_units(bank: PriorBank) -> PriorBank:
    from facemotion.priors.action_units import action_unit_bank  # scipy: the help of `train` names controls without it

    return action_unit_bank(bank)


def _next(bank: PriorBank, name: str, **facts: Any) -> Any:
    return bank.next_meta({"operation": "control", "control": name, **facts})


CONTROLS: dict[str, Control] = {
    control.name: control
    for control in (
        Control("wrong-mask", "each class has another class's mask", lambda bank, _: deranged(bank)),
        Control("mean-mask", "every class has the mean of all classes' masks", lambda bank, _: one_for_all(bank)),
        Control("shuffled", "pixels permuted, alike for all classes", lambda bank, seed: shuffled(bank, seed=seed)),
        Control("flipped", "masks upside down", lambda bank, _: flipped(bank)),
        Control("au", "fixed regions of each class's action units (EMFACS)", lambda bank, _: _action_units(bank)),
    )
}
"""The controls, by name, in the order in which they are shown."""
