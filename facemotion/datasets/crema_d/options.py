"""What can be chosen of CREMA-D."""

from typing import Literal

from facemotion.ingestion.peaks_option import PeaksOption

__all__ = ["Options"]


class Options(PeaksOption):
    """What can be chosen of CREMA-D."""

    judged_by: Literal["actor", "face-votes"] = "actor"
    """Whose word the label is: what the actor was to show, or what most raters saw who saw the face alone."""
