"""What can be chosen of FERPlus."""

from typing import Literal

import pydantic

from facemotion.config import Settings

__all__ = ["Options"]


class Options(Settings):
    """What can be chosen of FERPlus."""

    model_config = pydantic.ConfigDict(use_attribute_docstrings=True)

    label_space: Literal["affectnet7", "affectnet8"] = "affectnet8"
    """The classes: affectnet8 has neutral and contempt, affectnet7 no contempt."""
    rule: Literal["majority", "plurality"] = "majority"
    """How ten votes become a class: single votes dropped and more than half of the rest (the authors), or the most."""
    validation: Literal["leave-out", "train", "test"] = "leave-out"
    """Where the validation part goes, which papers use in all three ways."""
