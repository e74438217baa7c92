"""What can be chosen of Oulu-CASIA."""

from typing import Literal

import pydantic

from facemotion.config import Settings

__all__ = ["Options"]


class Options(Settings):
    """What can be chosen of Oulu-CASIA."""

    model_config = pydantic.ConfigDict(use_attribute_docstrings=True)

    camera: Literal["VL", "NI"] = "VL"
    """Visible light (the paper's VIS), or near infrared."""
    light: Literal["Strong", "Weak", "Dark"] = "Strong"
    """The light that the frames were taken in."""
