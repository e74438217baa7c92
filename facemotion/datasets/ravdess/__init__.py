"""RAVDESS: clips of 24 actors who say, or sing, two sentences in eight moods."""

from facemotion.datasets.ravdess.info import FACTS, INFO
from facemotion.datasets.ravdess.options import Options
from facemotion.ingestion.dataset import Dataset, deferred

__all__ = ["DATASET"]

DATASET = Dataset(
    info=INFO,
    facts=FACTS,
    options=Options,
    ingest=deferred("facemotion.datasets.ravdess.selection", "ingest"),
    layouts={"ravdess": deferred("facemotion.demo.layout_speech", "render_ravdess")},
)
