"""What can be chosen of MEAD."""

from typing import Literal, get_args

from facemotion.ingestion.peaks_option import PeaksOption

__all__ = ["VIEWS", "Options"]

View = Literal["front", "left_30", "left_60", "right_30", "right_60", "top", "down"]
VIEWS: tuple[str, ...] = get_args(View)
"""The folders of the seven cameras."""


class Options(PeaksOption):
    """What can be chosen of MEAD."""

    view: View = "front"
    """The camera, as its folder is called."""
    level: Literal["all", "1", "2", "3"] = "all"
    """How strongly the moods are played; neutral clips have no level and are always taken."""
