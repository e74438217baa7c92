"""What can be chosen of FER2013."""

from typing import Literal

import pydantic

from facemotion.config import Settings

__all__ = ["Options"]


class Options(Settings):
    """What can be chosen of FER2013."""

    model_config = pydantic.ConfigDict(use_attribute_docstrings=True)

    validation: Literal["leave-out", "train", "test"] = "leave-out"
    """Where the validation part goes, which papers use in all three ways."""
