"""Run folders: what lies where in them, training into them, and reading what anybody's holds."""

from facemotion.runs.config import RunConfig
from facemotion.runs.run import Run
from facemotion.runs.training import Training

__all__ = ["Run", "RunConfig", "Training"]
