"""What can be chosen of RAVDESS."""

from typing import Literal

import pydantic

from facemotion.config import Settings

__all__ = ["Options"]


class Options(Settings):
    """What can be chosen of RAVDESS."""

    model_config = pydantic.ConfigDict(use_attribute_docstrings=True)

    channel: Literal["speech", "song"] = "speech"
    """Whether the actors speak or sing; nobody sings in disgust or surprise."""
    calm: Literal["leave-out", "neutral"] = "leave-out"
    """What becomes of the mood calm, which is no basic expression: as neutral it gives neutral frames where a
    statement has no neutral clip."""
    peaks: Literal["measured", "middle", "last"] = "measured"
    """Which three frames of a speaking clip are expressive: those that differ most from the same words said calmly, or
    those around the middle or at the end."""
