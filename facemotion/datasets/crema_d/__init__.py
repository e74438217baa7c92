"""CREMA-D: 7,442 clips of 91 actors who say twelve sentences in six moods."""

from facemotion.datasets.crema_d.info import FACTS, INFO
from facemotion.datasets.crema_d.options import Options
from facemotion.datasets.crema_d.votes import is_content
from facemotion.ingestion.dataset import Dataset, deferred

__all__ = ["DATASET"]

DATASET = Dataset(
    info=INFO,
    facts=FACTS,
    options=Options,
    ingest=deferred("facemotion.datasets.crema_d.selection", "ingest"),
    is_content=is_content,
    layouts={"crema-d": deferred("facemotion.demo.layout_speech", "render_crema_d")},
)
