"""What can be chosen of RAF-DB."""

from typing import Literal

import pydantic

from facemotion.config import Settings

__all__ = ["Options", "are_crops"]


class Options(Settings):
    """What can be chosen of RAF-DB."""

    model_config = pydantic.ConfigDict(use_attribute_docstrings=True)

    pictures: Literal["original", "aligned"] = "original"
    """The original pictures, or the authors' 100x100 crops, which are taken as they are."""


def are_crops(options: Options) -> bool:
    """Tell whether the pictures are crops already."""
    return options.pictures == "aligned"
