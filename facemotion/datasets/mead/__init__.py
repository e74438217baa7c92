"""MEAD: clips of people who speak in eight moods, contempt and neutral among them, at three levels of intensity."""

from facemotion.datasets.mead.info import FACTS, INFO
from facemotion.datasets.mead.options import Options
from facemotion.ingestion.dataset import Dataset, deferred

__all__ = ["DATASET"]

DATASET = Dataset(
    info=INFO,
    facts=FACTS,
    options=Options,
    ingest=deferred("facemotion.datasets.mead.selection", "ingest"),
    layouts={"mead": deferred("facemotion.demo.layout_mead", "render_mead")},
)
