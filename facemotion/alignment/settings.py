"""How frames become aligned faces and crops; light to import."""

from typing import Literal

import pydantic

from facemotion.config import Settings
from facemotion.landmarks.settings import ChosenSource, landmark_settings

__all__ = ["AlignSettings"]


class AlignSettings(Settings):
    """How frames become aligned faces and crops; the defaults are the paper's."""

    model_config = pydantic.ConfigDict(use_attribute_docstrings=True)

    landmarks: ChosenSource = pydantic.Field(default_factory=landmark_settings)
    """Which source gives the five points, and how it is set."""
    face_size: tuple[int, int] = (112, 96)
    """(height, width) of the aligned face; the paper's 96x112 is width x height."""
    crop_size: tuple[int, int] = (70, 70)
    """(height, width) of the crop with the nose at its centre."""
    crop_centre: Literal["nose", "template"] = "nose"
    """Centre the crop on the warped nose landmark (the paper) or on the template's nose."""
    fit: Literal["five-points", "eyes-nose"] = "five-points"
    """Points that the similarity is fitted on."""
    decode: Literal["reduced", "full"] = "reduced"
    """Decode JPEG pictures with a shorter side of 784 pixels or more at a half, a quarter or an eighth of their size
    where the face stays 1.5 times as large as aligned (reduced), or all pictures in full."""
    shard_size: int = pydantic.Field(default=256, ge=1)
    """Manifest rows a shard."""

    @pydantic.field_validator("face_size", "crop_size")
    @classmethod
    def _size(cls, value: tuple[int, int]) -> tuple[int, int]:
        if min(value) < 16 or max(value) > 512:
            raise ValueError("height and width must lie between 16 and 512 pixels")
        return value
