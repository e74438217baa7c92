"""Variants of the model, one file each: what is built, what of it learns, and whether a prior guides it.

A variant is a module of this package with ``VARIANT``, a `Variant`; its name is the module's, with hyphens. Adding a
variant is adding a file, and one of `facemotion.models` if it needs a network of its own. Nothing outside asks for a
variant's name: it asks what the variant does. The modules load torch only where they build.

``VARIANT@CONTROL`` is a variant that is guided by a control's masks (`facemotion.priors.controls`): the same network,
trained with other masks, and so another name in tables and folders.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from facemotion.errors import ConfigError
from facemotion.names import near

if TYPE_CHECKING:
    from facemotion.models.network import Network
    from facemotion.models.settings import ModelSettings

__all__ = [
    "DEFAULT",
    "PUBLISHED",
    "Guidance",
    "Variant",
    "build",
    "controlled",
    "crossed",
    "load",
    "names",
    "ordered",
    "parted",
    "without_effect",
]

PUBLISHED = ("fmpn", "no-mask-loss", "cnn")
"""The paper's three, in the order in which they are shown."""
DEFAULT = "fmpn"
_MARK = "@"

Guidance = Literal["mask", "attention"]


@dataclass(frozen=True)
class Variant:
    """What a variant is.

    Attributes
    ----------
    name : str
        What people call it by.
    summary : str
        What it is, in a line.
    build : callable
        ``build(classes, settings, side) -> Network``; the random weights come from torch's seed.
    parts : callable
        ``parts(settings) -> tuple of str``: the parts of the network that learn together, in the optimiser's order.
    guidance : {"mask", "attention"} or None
        What is compared with the prior in training: the mask (Eq. 2), or the channel mean of a stage
        (`facemotion.training.losses`). None: the variant never sees the prior.
    has_masks : bool
        Whether it gives masks.
    mask_words : str
        What its masks are and what becomes of them, in sentences; empty if it gives none.
    own_settings : tuple of str
        Settings that other variants do not heed, as ``section.field``.
    """

    name: str
    summary: str
    build: "Callable[[int, ModelSettings, int | None], Network]"
    parts: "Callable[[ModelSettings], tuple[str, ...]]"
    guidance: Guidance | None
    has_masks: bool
    mask_words: str = ""
    own_settings: tuple[str, ...] = ()

    @property
    def uses_prior(self) -> bool:
        """Whether its weights depend on the prior, so that faces which the prior has seen must not test it."""
        return self.guidance is not None

    def generator_first(self, settings: "ModelSettings") -> bool:
        """Whether the mask generator can be trained alone first (Eq. 2)."""
        return self.guidance == "mask" and "generator" in self.parts(settings)


def names() -> tuple[str, ...]:
    """Return the names of all variants in the order in which they are shown; imports none of them."""
    found = {module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__)}
    return (*PUBLISHED, *sorted(found - set(PUBLISHED)))


def ordered(given: Iterable[str]) -> list[str]:
    """Return names in the order in which they are shown: the paper's three, other variants, then others by name.

    A variant's controls follow it.
    """
    known = names()
    places = {name: place for place, name in enumerate(known)}
    return sorted(given, key=lambda name: (places.get(parted(name)[0], len(known)), name))


def parted(name: str) -> tuple[str, str]:
    """Return a variant's name, and the control whose masks guide it; the latter is empty for the right masks.

    Examples
    --------
    >>> parted("guided@wrong-mask"), parted("cnn")
    (('guided', 'wrong-mask'), ('cnn', ''))
    """
    variant, _, control = name.partition(_MARK)
    return variant, control


def controlled(variant: str, control: str) -> str:
    """Return the name of a variant that is guided by a control's masks; see `parted`."""
    return f"{variant}{_MARK}{control}"


def crossed(chosen: Iterable[str], controls: Iterable[str]) -> list[str]:
    """Return variants in the order in which they are shown, each that a prior guides followed by its controls.

    Raises
    ------
    ConfigError
        If there is no such variant.
    """
    chosen, controls = list(chosen), list(controls)
    guided = [name for name in chosen if load(name).uses_prior]
    return ordered({*chosen, *(controlled(name, control) for name in guided for control in controls)})


def load(name: str) -> Variant:
    """Return a variant; of one that is guided by a control's masks, the variant that it is.

    Raises
    ------
    ConfigError
        If there is none of that name.
    """
    own, _ = parted(str(name))  # a stranger's header can say anything
    if own not in names():
        raise ConfigError(f"unknown variant {name!r}{near(own, names())}: expected one of {', '.join(names())}")
    return importlib.import_module(f"{__name__}.{own.replace('-', '_')}").VARIANT


def build(name: str, classes: int, settings: "ModelSettings", *, side: int | None = None) -> "Network":
    """Return a new network of a variant.

    Parameters
    ----------
    name : str
        The variant.
    classes : int
        Number of expressions.
    settings : ModelSettings
        Of the networks.
    side : int, optional
        Height and width of the faces in pixels, for classifiers that are built for one size.

    Raises
    ------
    ConfigError, EnvironmentProblem
        See `facemotion.models.network.Network`; also if there is no such variant.
    """
    return load(name).build(classes, settings, side)


def without_effect(settings: Iterable[str], chosen: Iterable[str]) -> list[str]:
    """Return those of some settings, as ``section.field``, that belong to variants of which none is chosen."""
    owners = {each: name for name in names() for each in load(name).own_settings}
    chosen = {parted(name)[0] for name in chosen}
    return [name for name in settings if name in owners and owners[name] not in chosen]
