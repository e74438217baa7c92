"""What prediction needs of a model, whichever library runs it: crops in, probabilities and masks out."""

from typing import Any, Protocol

import numpy as np
import pydantic
from numpy.typing import NDArray

from facemotion.alignment.settings import AlignSettings
from facemotion.evaluation.scored import Scored
from facemotion.expressions import EXPRESSIONS, NEUTRAL
from facemotion.models import variants
from facemotion.synthetic import Amount, is_synthetic, named

__all__ = ["Card", "Model"]


class Card(pydantic.BaseModel):
    """What is known of a trained model besides its weights; travels in an exported file's metadata."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    schema_version: int = 1
    facemotion: str
    """The version that wrote it."""
    classes: tuple[str, ...]
    """Expressions, in the order of the probabilities."""
    variant: str
    fold: int = pydantic.Field(ge=0)
    seed: int = pydantic.Field(ge=0)
    dataset: str
    """What it was trained on."""
    prior: str
    """The dataset whose masks guided it."""
    synthetic: bool = False
    """Whether the faces it was trained on were rendered; see `facemotion.synthetic`."""
    prior_synthetic: Amount = Amount.NONE
    """How much of the faces of its prior was."""
    preset: str
    alignment: AlignSettings
    """How faces must be aligned for it."""
    side: int = pydantic.Field(ge=1, le=2048)
    """Height and width of its masks, in pixels."""
    window: float = pydantic.Field(gt=0, le=1)
    """The part of a crop's height and width, at its middle, that the network sees and a mask covers."""

    @pydantic.field_validator("classes")
    @classmethod
    def _classes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or len(set(value)) != len(value) or not set(value) <= {*EXPRESSIONS, NEUTRAL}:
            raise ValueError("classes must be distinct canonical expressions")
        return value

    @pydantic.field_validator("variant")
    @classmethod
    def _variant(cls, value: str) -> str:
        variants.load(value)
        return value

    @property
    def has_mask(self) -> bool:
        """Whether it gives masks."""
        return variants.load(self.variant).has_masks

    def as_json(self) -> dict[str, Any]:
        """Return the card as JSON values; of real faces as earlier versions read it."""
        marks = {name for name in ("synthetic", "prior_synthetic") if not getattr(self, name)}
        return self.model_dump(mode="json", exclude=marks)

    @property
    def knows_synthetic(self) -> bool:
        """Whether rendered faces had a part in it: those it was trained on, or its prior's if that guided it."""
        return self._faces or bool(self._prior)

    @property
    def trained_on(self) -> str:
        """The dataset in words; of rendered faces it says so, and of a prior of rendered faces that guided it."""
        faces = named(self.dataset, self._faces)
        prior = f", guided by the prior of {named(self.prior, self._prior)}"
        return faces + (prior if self._prior and not self._faces else "")

    @property
    def _faces(self) -> bool:
        return is_synthetic(self.dataset, {"synthetic": self.synthetic})

    @property
    def _prior(self) -> Amount:
        known = self.prior_synthetic or Amount.of([is_synthetic(self.prior, None)])  # the demo's, of early versions
        return known if variants.load(self.variant).uses_prior else Amount.NONE


class Model(Protocol):
    """A trained model that scores crops."""

    card: Card

    def __call__(self, crops: NDArray[np.uint8]) -> Scored:
        """Score crops, uint8 RGB of shape (n, H, W, 3) with the size of the card's alignment."""
        ...
