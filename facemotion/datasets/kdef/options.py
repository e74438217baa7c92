"""What can be chosen of KDEF."""

from typing import Literal

import pydantic

from facemotion.config import Settings

__all__ = ["VIEWS", "Options"]

VIEWS = {"straight": "S", "half-left": "HL", "half-right": "HR", "full-left": "FL", "full-right": "FR"}
"""KDEF's code of each view."""


class Options(Settings):
    """What can be chosen of KDEF."""

    model_config = pydantic.ConfigDict(use_attribute_docstrings=True)

    view: Literal["straight", "half-left", "half-right", "full-left", "full-right"] = "straight"
    """The angle of the camera; in full profile detectors find few faces."""
