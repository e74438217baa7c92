"""What can be chosen of CREMA-D."""

from typing import Literal

import pydantic

from facemotion.config import Settings

__all__ = ["Options"]


class Options(Settings):
    """What can be chosen of CREMA-D."""

    model_config = pydantic.ConfigDict(use_attribute_docstrings=True)

    judged_by: Literal["actor", "face-votes"] = "actor"
    """Whose word the label is: what the actor was to show, or what most raters saw who saw the face alone."""
    peaks: Literal["measured", "middle", "last"] = "measured"
    """Which three frames of a speaking clip are expressive: those that differ most from the same words said calmly, or
    those around the middle or at the end."""
