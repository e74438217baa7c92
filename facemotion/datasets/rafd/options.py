"""What can be chosen of RaFD."""

from typing import Literal

import pydantic

from facemotion.config import Settings

__all__ = ["Options"]


class Options(Settings):
    """What can be chosen of RaFD."""

    model_config = pydantic.ConfigDict(use_attribute_docstrings=True)

    camera: Literal["000", "045", "090", "135", "180"] = "090"
    """The angle of the camera in degrees, as the names have it: 090 is frontal, 000 and 180 are full profile, in which
    detectors find few faces."""
    gaze: Literal["frontal", "left", "right"] = "frontal"
    """Where the eyes look. The three are one pose, so that one of them is taken."""
    people: Literal["all", "adults", "children"] = "all"
    """Who is taken."""
