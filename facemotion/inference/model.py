"""What prediction needs of a model, whichever library runs it: crops in, probabilities and masks out."""

from typing import Any, Protocol

import numpy as np
import pydantic
from numpy.typing import NDArray

from facemotion.alignment.settings import AlignSettings
from facemotion.evaluation.scored import Scored
from facemotion.expressions import EXPRESSIONS, NEUTRAL
from facemotion.models import variants

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
        """Return the card as JSON values."""
        return self.model_dump(mode="json")


class Model(Protocol):
    """A trained model that scores crops."""

    card: Card

    def __call__(self, crops: NDArray[np.uint8]) -> Scored:
        """Score crops, uint8 RGB of shape (n, H, W, 3) with the size of the card's alignment."""
        ...
