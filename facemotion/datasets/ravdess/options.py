"""What can be chosen of RAVDESS."""

from typing import Literal

from facemotion.ingestion.peaks_option import PeaksOption

__all__ = ["Options"]


class Options(PeaksOption):
    """What can be chosen of RAVDESS."""

    channel: Literal["speech", "song"] = "speech"
    """Whether the actors speak or sing; nobody sings in disgust or surprise."""
    calm: Literal["leave-out", "neutral"] = "leave-out"
    """What becomes of the mood calm, which is no basic expression: as neutral it gives neutral frames where a
    statement has no neutral clip."""
