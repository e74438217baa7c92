"""What can be chosen of every dataset of people who speak."""

from typing import Literal

import pydantic

from facemotion.config import Settings

__all__ = ["PeaksOption"]


class PeaksOption(Settings):
    """How the frames of a speaking face are chosen; see `facemotion.ingestion.speaking.RULES`."""

    model_config = pydantic.ConfigDict(use_attribute_docstrings=True)

    peaks: Literal["measured", "middle", "last"] = "measured"
    """Which three frames of a speaking clip are expressive: those that differ most from the same words said calmly, or
    those around the middle or at the end."""
